// SPDX-License-Identifier: MIT
// The cursor of a time chart that is moved by keys: where it stands, and the range that it spans with Shift.
//
//   at      its moment, between the ends of what is shown
//   anchor  where the range began that is being chosen; null: none is

export interface TimeCursor {
  at: number;
  anchor: number | null;
}

export interface TimeSpan {
  from: number;
  to: number;
  /** The only moments that can be asked about, ascending; null: every millisecond. */
  stops: readonly number[] | null;
}

export type Reach = 'extend' | 'move';

const STEPS = 100; // arrows go so many times over what is shown
const PAGES = 10;

/** Where a key moves it; null: the key moves nothing. `fine` steps are of a millisecond. */
export function movedBy(
  key: string,
  cursor: TimeCursor,
  span: TimeSpan,
  reach: Reach,
  fine: boolean,
): TimeCursor | null {
  const length = Math.max(span.to - span.from, 1);
  const step = fine ? 1 : Math.max(Math.round(length / STEPS), 1);
  const page = Math.max(Math.round(length / PAGES), step);
  const to = {
    ArrowRight: stepped(cursor.at, step, span),
    ArrowLeft: stepped(cursor.at, -step, span),
    PageUp: stepped(cursor.at, page, span),
    PageDown: stepped(cursor.at, -page, span),
    Home: span.from,
    End: span.to,
  }[key];
  if (to === undefined) return null;
  const at = Math.min(Math.max(to, span.from), span.to);
  return { at, anchor: reach === 'extend' ? (cursor.anchor ?? cursor.at) : null };
}

/** The range between cursor and anchor; null: there is none, or it is empty. */
export function spannedBy({ at, anchor }: TimeCursor): { from: number; to: number } | null {
  if (anchor === null || anchor === at) return null;
  return { from: Math.min(at, anchor), to: Math.max(at, anchor) };
}

/** At least to the next stop, and else to the one that is nearest to a step. */
function stepped(at: number, step: number, { stops }: TimeSpan): number {
  if (stops === null) return at + step;
  const ahead = stops.filter((stop) => (step > 0 ? stop > at : stop < at));
  const nearest = (best: number, stop: number): number =>
    Math.abs(stop - at - step) < Math.abs(best - at - step) ? stop : best;
  return ahead.length === 0 ? at : ahead.reduce(nearest);
}
