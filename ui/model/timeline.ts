// SPDX-License-Identifier: MIT
// The time line as charts draw it. Its points hold from their time to that of the next; charts draw levels at the
// end of each stretch, and rates over it.

import type { Integer, Timeline } from '../api/types';

export interface Curves {
  /** The ends of the stretches, in ms. */
  times: number[];
  live: number[];
  blocks: number[];
  rss: (number | null)[];
  callsPerSecond: number[];
  bytesPerSecond: number[];
}

export function curvesOf(timeline: Timeline, to: number): Curves {
  const { time_ms: start } = timeline;
  const count = start.length;
  const ends = start.map((_, i) => (i + 1 < count ? start[i + 1]! : Math.max(to, start[i]! + 1)));
  const rate = (cumulative: Integer[], before: Integer): number[] =>
    cumulative.map((value, i) => {
      const earlier = i === 0 ? before : cumulative[i - 1]!;
      return (Number(BigInt(value) - BigInt(earlier)) * 1000) / Math.max(ends[i]! - start[i]!, 1);
    });
  // The first stretch begins with what was there before it.
  const { before } = timeline;
  const led = <T>(first: T, values: T[]): T[] => (count === 0 ? [] : [first, ...values]);
  const bytesPerSecond = rate(timeline.allocated_bytes, before?.allocated_bytes ?? 0);
  const callsPerSecond = rate(timeline.allocations, before?.allocations ?? 0);
  const rss = timeline.rss_bytes.map((bytes) => (bytes === null || Number(bytes) === 0 ? null : Number(bytes)));
  return {
    times: led(start[0] ?? 0, ends),
    live: led(Number(before?.live_bytes ?? 0), timeline.live_bytes.map(Number)),
    blocks: led(Number(before?.live_blocks ?? 0), timeline.live_blocks.map(Number)),
    rss: led(rss[0] ?? null, rss),
    callsPerSecond: led(callsPerSecond[0] ?? 0, callsPerSecond),
    bytesPerSecond: led(bytesPerSecond[0] ?? 0, bytesPerSecond),
  };
}
