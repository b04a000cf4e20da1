// SPDX-License-Identifier: MIT
// Hints that something grows without bound, each with its reason in words.
//
// A site is said to grow when the bytes that it holds rose through most of the run, hardly ever fell, and still
// rise in the last third. That is true of leaks in loops and of caches without a limit, and not of what is built
// once and kept, nor of what goes up and down.

import { bytesText, durationText } from './format';

export interface Growth {
  /** Bytes a second over the rising part. */
  rate: number;
  from: number; // points
  rises: number;
  steps: number;
  reason: string;
}

const STEPS_LEAST = 8; // fewer points tell nothing
const SHARE_LEAST = 0.3; // of the steps must rise

export function growthOf(series: Float64Array, points: Uint32Array): Growth | null {
  const last = series.length - 1;
  let from = 0;
  while (from < last && series[from]! === 0) from++;
  const steps = last - from;
  const end = series[last]!;
  const begin = series[from]!;
  if (steps < STEPS_LEAST || end <= begin * 1.5) return null;
  let rises = 0;
  let fallen = 0;
  let lateRises = 0;
  const late = last - Math.floor(steps / 3);
  for (let p = from + 1; p <= last; p++) {
    const change = series[p]! - series[p - 1]!;
    if (change > 0) {
      rises++;
      if (p > late) lateRises++;
    } else fallen -= change;
  }
  if (rises < steps * SHARE_LEAST || lateRises < 2 || fallen > (end - begin) * 0.1) return null;
  if (series[last]! - series[late]! < (end - begin) * 0.1) return null;
  const milliseconds = Math.max(points[last]! - points[from]!, 1);
  const rate = ((end - begin) * 1000) / milliseconds;
  const fell = fallen === 0 ? 'never fell' : 'hardly ever fell';
  const reason =
    `rose in ${rises} of ${steps} steps and ${fell}: from ${bytesText(begin)} at ${durationText(points[from]!)} ` +
    `to ${bytesText(end)} at ${durationText(points[last]!)}, ${bytesText(rate)} a second`;
  return { rate, from, rises, steps, reason };
}
