// SPDX-License-Identifier: MIT
// The boxes of the flame graph for an answer, with measures in a fixed order:
//
//   0          widths, as drawn; rounded past 2^53
//   then       the planes of the cost itself, of the cost that goes with it, and in a comparison of what there
//              was before
//
// Planes are those of Amounts (amounts.ts), so that the figure of every box can be told exactly.

import { Amounts } from './amounts';
import type { Answer } from './answer';
import type { CostId } from './costs';

export type Direction = 'top-down' | 'bottom-up';

/** The cost that tells the other half of a figure: blocks for bytes, bytes for blocks. */
const COMPANIONS: Partial<Record<CostId, CostId>> = {
  peak_bytes: 'peak_blocks',
  peak_blocks: 'peak_bytes',
  leaked_bytes: 'leaked_blocks',
  leaked_blocks: 'leaked_bytes',
  allocated_bytes: 'allocations',
  allocations: 'allocated_bytes',
  temporary: 'temporary_bytes',
  temporary_bytes: 'temporary',
  alive_bytes: 'alive_blocks',
  alive_blocks: 'alive_bytes',
  freed_bytes: 'freed_blocks',
  freed_blocks: 'freed_bytes',
  later_bytes: 'later_blocks',
  later_blocks: 'later_bytes',
};

export function companionOf(cost: CostId, answer: Answer): CostId | null {
  const companion = COMPANIONS[cost];
  return companion !== undefined && answer.knows(companion) ? companion : null;
}

/** Where the planes of a figure stand among the measures. */
export interface Place {
  low: number;
  high: number | null;
}

export class Measures {
  readonly planes: Float64Array[];

  constructor(widths: Float64Array) {
    this.planes = [widths];
  }

  add(amounts: Amounts): Place {
    const low = this.planes.push(amounts.low) - 1;
    return { low, high: amounts.high === null ? null : this.planes.push(amounts.high) - 1 };
  }
}

/** The exact figure of a box. */
export function figureOf(sums: readonly Float64Array[], place: Place, box: number): bigint {
  return new Amounts(sums[place.low]!, place.high === null ? null : sums[place.high]!).exact(box);
}

/** The results for some arrays; those that are the same array, as widths and figures often are, have one result. */
export function eachOnce(
  arrays: readonly Float64Array[],
  make: (array: Float64Array) => Float64Array,
): Float64Array[] {
  const made = new Map<Float64Array, Float64Array>();
  return arrays.map((array) => {
    let result = made.get(array);
    if (result === undefined) made.set(array, (result = make(array)));
    return result;
  });
}

/** The rows with an amount of any measure, and those amounts: the others are in no box that is drawn. */
export function withAmounts(
  measures: readonly Float64Array[],
  rows: Uint32Array,
): { measures: Float64Array[]; rows: Uint32Array } {
  const places = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    let m = 0;
    while (m < measures.length && measures[m]![i] === 0) m++;
    if (m < measures.length) places[count++] = i;
  }
  const picked = <A extends Float64Array | Uint32Array>(from: A, to: A): A => {
    for (let i = 0; i < count; i++) to[i] = from[places[i]!]!;
    return to;
  };
  return {
    measures: eachOnce(measures, (measure) => picked(measure, new Float64Array(count))),
    rows: picked(rows, new Uint32Array(count)),
  };
}
