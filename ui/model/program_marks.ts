// SPDX-License-Identifier: MIT
// The moments that a program named (docs/c-api.md), and the stretches between them.
//
//   stretch  from one named moment to the next; the last one to the end of the run. Where marks follow each other
//            within a millisecond, it is empty and no question can be asked of it

import type { Facts, ProgramMark } from '../api/types';

export interface Stretch {
  mark: ProgramMark;
  from: number;
  to: number;
  /** The mark at its end; null: the end of the run. */
  next: ProgramMark | null;
  /** What was allocated in it: exact, whatever the clock says. Null: the run's own sum is not known. */
  allocations: bigint | null;
  allocatedBytes: bigint | null;
}

/** In the order of time. */
export function marksOf(facts: Facts): ProgramMark[] {
  return [...(facts.marks ?? [])].sort((a, b) => a.time_ms - b.time_ms || compare(a.allocations, b.allocations));
}

export function stretchesOf(facts: Facts, runEnd: number): Stretch[] {
  const marks = marksOf(facts);
  return marks.map((mark, i) => {
    const next = marks[i + 1] ?? null;
    const { allocations, allocated_bytes } = next ?? facts.totals;
    return {
      mark,
      next,
      from: mark.time_ms,
      to: next === null ? Math.max(runEnd, mark.time_ms) : next.time_ms,
      allocations: allocations === null ? null : BigInt(allocations) - BigInt(mark.allocations),
      allocatedBytes: allocated_bytes === null ? null : BigInt(allocated_bytes) - BigInt(mark.allocated_bytes),
    };
  });
}

/** The stretch that holds a moment; null: it is before the first mark, or nothing is named. */
export function stretchAt(stretches: readonly Stretch[], time: number): Stretch | null {
  return stretches.find(({ from, to }) => from <= time && time < to) ?? null;
}

/** Each moment once, for generations between them; at most so many, evenly chosen. */
export function distinctMoments(facts: Facts, most: number): number[] {
  const times = [...new Set(marksOf(facts).map(({ time_ms }) => time_ms))].filter((time) => time > 0);
  if (times.length <= most) return times;
  return Array.from({ length: most }, (_, i) => times[Math.round((i * (times.length - 1)) / (most - 1))]!);
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
