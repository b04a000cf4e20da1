// SPDX-License-Identifier: MIT
// What the leaks view tells of a row beside its costs: when its stacks allocated first and last, whether none of
// their blocks was ever freed, and whether they grow without bound.

import type { Answer } from './answer';
import type { CallTree } from './call_tree';
import { growthOf, type Growth } from './growth';
import type { History, TreeHistory } from './history';
import type { StackRow } from './stack_rows';

export interface LeakFacts {
  first: number; // ms; NaN: not known
  last: number;
  neverFreed: boolean;
}

export class LeakTimes {
  private readonly first: Float64Array;
  private readonly last: Float64Array;

  /** Of the own allocations of each node. */
  constructor(tree: CallTree, answer: Answer) {
    const times = answer.profile.allocatedAt();
    const leaked = answer.figures('leaked_bytes');
    this.first = new Float64Array(tree.count).fill(NaN);
    this.last = new Float64Array(tree.count).fill(NaN);
    answer.costly.forEach((r, place) => {
      const [first, last] = [times.first[r]!, times.last[r]!];
      if (Number.isNaN(first) || leaked.at(place) === 0) return;
      const node = tree.nodeOf[r]!;
      if (!(this.first[node]! <= first)) this.first[node] = first;
      if (!(this.last[node]! >= last)) this.last[node] = last;
    });
  }

  of(row: StackRow): LeakFacts {
    let [first, last] = [NaN, NaN];
    for (const node of row.origins ?? []) {
      const [from, to] = [this.first[node]!, this.last[node]!];
      if (!Number.isNaN(from) && !(first <= from)) first = from;
      if (!Number.isNaN(to) && !(last >= to)) last = to;
    }
    return { first, last, neverFreed: isNeverFreed(row) };
  }
}

/** None of the blocks of its stacks was ever freed. Asked of the whole run. */
export function isNeverFreed(row: StackRow): boolean {
  const blocks = row.exact('leaked_blocks');
  return blocks > 0n && blocks === row.exact('allocations');
}

/** The rows that grow without bound, those that grew most first. */
export function growingRows(rows: readonly StackRow[], history: History, series: TreeHistory): Map<StackRow, Growth> {
  const found: [StackRow, Growth][] = [];
  for (const row of rows) {
    const growth = growthOf(row.series(series), history.points, isNeverFreed(row) ? false : true);
    if (growth !== null) found.push([row, growth]);
  }
  return new Map(found.sort((a, b) => b[1].grown - a[1].grown));
}
