// SPDX-License-Identifier: MIT
// What is drawn over a time chart: the chosen range, the moment that is asked about, the peak, the marks A, B, …, and
// the moments that the program named.

import type uPlot from 'uplot';

export interface NamedMoment {
  name: string;
  time: number;
}

export interface TimeMarks {
  range: { from: number; to: number } | null;
  moment: number | null;
  peak: number | null;
  marks: readonly number[];
  named: readonly NamedMoment[];
}

const LONGEST_NAME = 24; // letters

export function drawTimeMarks(u: uPlot, what: TimeMarks, colour: (name: string) => string): void {
  const { ctx, bbox } = u;
  const at = (time: number): number => Math.round(u.valToPos(time, 'x', true));
  const scale = devicePixelRatio;
  const right = bbox.left + bbox.width;
  ctx.save();
  if (what.range !== null) {
    const [from, to] = [at(what.range.from), at(what.range.to)];
    ctx.fillStyle = faded(colour('--bg'), 0.72);
    ctx.fillRect(bbox.left, bbox.top, Math.max(from - bbox.left, 0), bbox.height);
    ctx.fillRect(to, bbox.top, Math.max(right - to, 0), bbox.height);
    ctx.fillStyle = colour('--accent');
    ctx.fillRect(from - scale, bbox.top, 2 * scale, bbox.height);
    ctx.fillRect(to - scale, bbox.top, 2 * scale, bbox.height);
  }
  ctx.font = `600 ${11 * scale}px ${colour('--font')}`;
  ctx.textAlign = 'left';
  const stroke = (x: number, ink: string, dash: number[], width: number): void => {
    ctx.strokeStyle = ink;
    ctx.lineWidth = width * scale;
    ctx.setLineDash(dash.map((d) => d * scale));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  // A pale ground, so that a name can be read on what is drawn below it.
  const write = (text: string, x: number, row: number, ink: string): void => {
    const y = bbox.top + (11 + 13 * row) * scale;
    ctx.fillStyle = faded(colour('--surface'), 0.75);
    ctx.fillRect(x - 2 * scale, y - 10 * scale, ctx.measureText(text).width + 4 * scale, 13 * scale);
    ctx.fillStyle = ink;
    ctx.fillText(text, x, y);
  };
  const line = (time: number, text: string, ink: string, dash: number[]): void => {
    const x = at(time);
    if (x < bbox.left || x > right) return;
    stroke(x, ink, dash, 1.5);
    const width = ctx.measureText(text).width;
    const onLeft = x + width + 8 * scale > right;
    write(text, onLeft ? x - width - 5 * scale : x + 5 * scale, 0, ink);
  };
  // Named moments stand in a row of their own, and are written where there is room.
  let taken = -Infinity;
  let last = NaN;
  for (const { name, time } of what.named) {
    const x = at(time);
    if (x < bbox.left || x > right || x === last) continue;
    last = x;
    stroke(x, colour('--named'), [1, 2], 1);
    const text = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
    const width = ctx.measureText(text).width;
    if (x + 5 * scale < taken || x + width + 8 * scale > right) continue;
    write(text, x + 5 * scale, 1, colour('--named'));
    taken = x + width + 10 * scale;
  }
  if (what.peak !== null) line(what.peak, 'peak', colour('--muted'), [2, 3]);
  if (what.moment !== null) line(what.moment, 'alive here', colour('--danger'), [5, 3]);
  what.marks.forEach((mark, i) => line(mark, markName(i), colour('--warn'), []));
  ctx.restore();
}

/** A, B, …, Z, AA, … */
export function markName(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : markName(Math.floor(index / 26) - 1) + last;
}

/** A colour written as #rrggbb, let through as far as `part`. */
export function faded(colour: string, part: number): string {
  return (
    colour +
    Math.round(part * 255)
      .toString(16)
      .padStart(2, '0')
  );
}
