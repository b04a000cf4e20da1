// SPDX-License-Identifier: MIT
// Bytes alive over time by key (function, line, file or module), and by a key's callers and callees: the same sums as
// those of key_totals.ts, of each moment.

import type { CallTree } from './call_tree';
import type { TreeHistory } from './history';
import { OUTSIDE } from './key_totals';

/** Of each key with all that it calls; a stack in which the key stands twice counts once. */
export function totalsByKey(tree: CallTree, history: TreeHistory): Map<number, Float64Array> {
  const sums = new Map<number, Float64Array>();
  const seen = new Uint32Array(tree.keyCount); // by which node a key was last met, and one more
  for (const [node, series] of history.own)
    for (let n = node; n !== 0; n = tree.parent[n]!) {
      const key = tree.key[n]!;
      if (seen[key] === node + 1) continue;
      seen[key] = node + 1;
      addTo(sums, key, series);
    }
  return sums;
}

export interface NeighbourHistories {
  callers: Map<number, Float64Array>;
  callees: Map<number, Float64Array>;
}

export function neighbourHistories(tree: CallTree, history: TreeHistory, key: number): NeighbourHistories {
  const callers = new Map<number, Float64Array>();
  const callees = new Map<number, Float64Array>();
  for (const [node, series] of history.own) {
    let outermost = 0; // of the key's nodes on this stack
    let isInnermost = true;
    let inner = 0; // the node that was met before, one further in
    for (let n = node; n !== 0; inner = n, n = tree.parent[n]!) {
      if (tree.key[n] !== key) continue;
      outermost = n;
      if (isInnermost && inner !== 0) addTo(callees, tree.key[inner]!, series);
      isInnermost = false;
    }
    if (outermost === 0) continue;
    const above = tree.parent[outermost]!;
    addTo(callers, above === 0 ? OUTSIDE : tree.key[above]!, series);
  }
  return { callers, callees };
}

function addTo(sums: Map<number, Float64Array>, key: number, series: Float64Array): void {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, series.slice());
  else for (let p = 0; p < sum.length; p++) sum[p]! += series[p]!;
}
