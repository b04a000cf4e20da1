// SPDX-License-Identifier: MIT
// The time line as charts draw it. Its points hold from their time to that of the next, and tell what held at the end
// of what happened to them; charts draw levels there, and rates over it.
//
// Where nothing happens there are no points. So what a point that is followed by a long silence tells came about at its
// beginning: its stretch is cut into one of usual length, and a quiet one in which the level stays and the rate is 0.
//
// Within a stretch the live heap may have been higher than at either end, and in a coarse chart that is where peaks
// are: so each has its highest level, too.

import type { Integer, Timeline } from '../api/types';

export interface Curves {
  /** The ends of the stretches, in ms. */
  times: number[];
  live: number[];
  /** The highest level within the stretch that ends there; that at its end where it was no higher than at its ends. */
  highest: number[];
  blocks: number[];
  rss: (number | null)[];
  callsPerSecond: number[];
  bytesPerSecond: number[];
}

const FEW = 80; // half of what the coarsest chart asks for: where points are merged, more are left
const LONG = 4; // a stretch so many times longer than the usual one is followed by silence

const known = new WeakMap<Timeline, { to: number; curves: Curves }>();

/** The same curves for the same time line, so that what is drawn of them can stay. */
export function curvesOf(timeline: Timeline, to: number): Curves {
  const kept = known.get(timeline);
  if (kept !== undefined && kept.to === to) return kept.curves;
  const curves = makeCurves(timeline, to);
  known.set(timeline, { to, curves });
  return curves;
}

function makeCurves(timeline: Timeline, to: number): Curves {
  const { time_ms: start, before } = timeline;
  const curves: Curves = {
    times: [],
    live: [],
    highest: [],
    blocks: [],
    rss: [],
    callsPerSecond: [],
    bytesPerSecond: [],
  };
  if (start.length === 0) return curves;
  const ends = start.map((time, i) => (i + 1 < start.length ? start[i + 1]! : Math.max(to, time + 1)));
  const usual = usualOf(start.map((time, i) => ends[i]! - time));
  const put = (time: number, i: number, rates: [calls: number, bytes: number], peak: Integer = 0): void => {
    const rss = timeline.rss_bytes[i] ?? null;
    const live = Number(timeline.live_bytes[i]);
    curves.times.push(time);
    curves.live.push(live);
    const atEnds = Math.max(live, curves.live.at(-2) ?? 0);
    curves.highest.push(Number(peak) > atEnds ? Number(peak) : live); // not every file tells the peaks
    curves.blocks.push(Number(timeline.live_blocks[i]));
    curves.rss.push(rss === null || Number(rss) === 0 ? null : Number(rss));
    curves.callsPerSecond.push(rates[0]);
    curves.bytesPerSecond.push(rates[1]);
  };
  start.forEach((time, i) => {
    const end = ends[i]!;
    const isFollowedBySilence = end - time > LONG * usual;
    const reached = isFollowedBySilence ? time + usual : end;
    const rate = (sums: Integer[], first: Integer): number =>
      (Number(BigInt(sums[i]!) - BigInt(i === 0 ? first : sums[i - 1]!)) * 1000) / Math.max(reached - time, 1);
    const rates: [number, number] = [
      rate(timeline.allocations, before?.allocations ?? 0),
      rate(timeline.allocated_bytes, before?.allocated_bytes ?? 0),
    ];
    if (i === 0) {
      // The first stretch begins with what was there before it.
      put(time, 0, rates);
      curves.live[0] = curves.highest[0] = Number(before?.live_bytes ?? 0);
      curves.blocks[0] = Number(before?.live_blocks ?? 0);
    }
    put(reached, i, rates, timeline.peak_bytes[i]);
    if (!isFollowedBySilence) return;
    if (reached + usual < end) put(reached + usual, i, [0, 0]);
    put(end, i, [0, 0]);
  });
  return curves;
}

const VISIBLE = 1 / 200; // of the highest level: charts are about so many pixels high

/**
 * The highest levels as a line that leaves the live heap's where it was higher within a stretch than at both ends, by
 * what can be seen, and comes back; null where it would be the same line, and for all where it always would.
 */
export function peaksOf({ live, highest }: Curves): (number | null)[] | null {
  const least = highest.reduce((a, b) => Math.max(a, b), 0) * VISIBLE;
  const isHidden = (i: number): boolean => highest[i]! - Math.max(live[i]!, live[i - 1] ?? 0) >= least;
  if (least === 0 || !highest.some((_, i) => isHidden(i))) return null;
  return highest.map((most, i) => (isHidden(i) ? most : isHidden(i - 1) || isHidden(i + 1) ? live[i]! : null));
}

/** Few points are as they were recorded, and the shortest stretch is one of them; many may have been merged. */
function usualOf(lengths: number[]): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  return sorted[sorted.length < FEW ? 0 : Math.floor(sorted.length / 2)]!;
}
