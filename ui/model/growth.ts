// SPDX-License-Identifier: MIT
// Hints that something grows without bound, each with its reason in words. Hints, not verdicts: a table that is
// filled once and for all looks like a leak as long as it is being filled.
//
// The rule is that of src/analysis/growth.h, asked of any series of bytes alive: between the middle of the run
// and its last twentieth (programs clean up at their end) it never falls, grows between at least three fifths of
// the points, and comes to a quarter more.

import { bytesText, durationText } from './format';

const POINTS_LEAST = 16;

export interface Growth {
  /** How much it grew, in bytes, over the part that was looked at. */
  grown: number;
  reason: string;
}

/** `freed`: whether any of its blocks was ever freed; null: it is not known. */
export function growthOf(series: Float64Array, points: Uint32Array, freed: boolean | null): Growth | null {
  const count = series.length;
  if (count < POINTS_LEAST) return null;
  const middle = Math.floor(count / 2);
  const late = count - 1 - Math.ceil(count / 20);
  let rises = 0;
  for (let p = middle + 1; p <= late; p++) {
    if (series[p]! < series[p - 1]!) return null;
    if (series[p]! > series[p - 1]!) rises++;
  }
  const steps = late - middle;
  const [from, to] = [series[middle]!, series[late]!];
  if (rises * 5 < steps * 3 || to < from * 1.25 || to === 0) return null;
  const rose =
    `rose in ${rises} of ${steps} steps and never fell: ${bytesText(from)} at ${durationText(points[middle]!)}, ` +
    `${bytesText(to)} at ${durationText(points[late]!)}`;
  const atEnd = series[count - 1]!;
  const why =
    freed === false
      ? '; none of its blocks was ever freed'
      : atEnd < to / 2
        ? '; most of it was freed when the run ended'
        : freed === true
          ? ', though some of its blocks were freed'
          : '';
  return { grown: to - from, reason: rose + why };
}
