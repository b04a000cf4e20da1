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
  const times = start.map((_, i) => (i + 1 < count ? start[i + 1]! : Math.max(to, start[i]! + 1)));
  const rate = (cumulative: Integer[], before: Integer): number[] =>
    cumulative.map((value, i) => {
      const earlier = i === 0 ? before : cumulative[i - 1]!;
      return (Number(BigInt(value) - BigInt(earlier)) * 1000) / Math.max(times[i]! - start[i]!, 1);
    });
  return {
    times,
    live: timeline.live_bytes.map(Number),
    blocks: timeline.live_blocks.map(Number),
    rss: timeline.rss_bytes.map((bytes) => (bytes === null || Number(bytes) === 0 ? null : Number(bytes))),
    callsPerSecond: rate(timeline.allocations, timeline.before?.allocations ?? 0),
    bytesPerSecond: rate(timeline.allocated_bytes, timeline.before?.allocated_bytes ?? 0),
  };
}
