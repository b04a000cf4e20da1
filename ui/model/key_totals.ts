// SPDX-License-Identifier: MIT
// Costs by key (function, line, file or module), and a key's callers and callees.
//
//   self     what the key's nodes cost themselves
//   total    and all that they call; a stack in which the key stands twice counts once
//   callers  where the outermost of a key on each stack is called from; they add up to `total`
//   callees  what the innermost of a key on each stack calls; with `self` they add up to `total`

import { Amounts } from './amounts';
import type { Answer } from './answer';
import type { CallTree } from './call_tree';
import type { CostId } from './costs';

export const OUTSIDE = 0xffffffff; // the caller of what nothing calls

export interface KeyTotals {
  self: Amounts;
  total: Amounts;
}

export function keyTotals(tree: CallTree, answer: Answer, cost: CostId): KeyTotals {
  const own = answer.own(tree, cost);
  const inclusive = answer.inclusive(tree, cost);
  const self = Amounts.zero(tree.keyCount, own);
  const total = Amounts.zero(tree.keyCount, own);
  const outermost = tree.outermost;
  for (let n = 1; n < tree.count; n++) {
    const key = tree.key[n]!;
    self.add(key, own, n);
    if (outermost[n] === 1) total.add(key, inclusive, n);
  }
  return { self, total };
}

/** The keys that callers and callees have, each with its amount at the same place of `amounts`. */
export interface Neighbours {
  keys: Uint32Array;
  amounts: Amounts;
}

export function callersOf(tree: CallTree, answer: Answer, cost: CostId, key: number): Neighbours {
  const inclusive = answer.inclusive(tree, cost);
  const group = new Grouping(inclusive);
  for (let n = 1; n < tree.count; n++) {
    if (tree.key[n] !== key || tree.outermost[n] !== 1) continue;
    const above = tree.parent[n]!;
    group.add(above === 0 ? OUTSIDE : tree.key[above]!, n);
  }
  return group.result(inclusive);
}

export function calleesOf(tree: CallTree, answer: Answer, cost: CostId, key: number): Neighbours {
  const own = answer.own(tree, cost);
  // What is below a node up to where the key is met again: that counts for the inner one's callees.
  const until = own.each((plane) => {
    const sums = plane.slice();
    for (let n = sums.length - 1; n > 0; n--) if (tree.key[n] !== key) sums[tree.parent[n]!]! += sums[n]!;
    return sums;
  });
  const group = new Grouping(until);
  for (let n = 1; n < tree.count; n++) {
    const above = tree.parent[n]!;
    if (above !== 0 && tree.key[above] === key && tree.key[n] !== key) group.add(tree.key[n]!, n);
  }
  return group.result(until);
}

class Grouping {
  private readonly nodes = new Map<number, number[]>();

  constructor(private readonly amounts: Amounts) {}

  add(key: number, node: number): void {
    if (this.amounts.at(node) === 0) return;
    const nodes = this.nodes.get(key);
    if (nodes === undefined) this.nodes.set(key, [node]);
    else nodes.push(node);
  }

  result(from: Amounts): Neighbours {
    const keys = Uint32Array.from(this.nodes.keys());
    const amounts = Amounts.zero(keys.length, from);
    keys.forEach((key, i) => {
      for (const node of this.nodes.get(key)!) amounts.add(i, from, node);
    });
    return { keys, amounts };
  }
}
