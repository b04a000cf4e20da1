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
import { NodeAmounts } from './node_amounts';

export const OUTSIDE = 0xffffffff; // the caller of what nothing calls

export interface KeyTotals {
  self: Amounts;
  total: Amounts;
}

export function keyTotals(tree: CallTree, answer: Answer, cost: CostId): KeyTotals {
  const own = answer.own(tree, cost);
  const inclusive = answer.inclusive(tree, cost);
  const { nodes } = answer.reach(tree);
  const { outermost } = tree;
  const self = own.amounts.each((plane) => byKey(tree, nodes, plane, null));
  const total = inclusive.amounts.each((plane) => byKey(tree, nodes, plane, outermost));
  return { self, total };
}

/** What the keys cost themselves, from the rows at once: no node of the tree is looked at. */
export function keySelf(tree: CallTree, answer: Answer, cost: CostId): Amounts {
  const { costly } = answer;
  const { keyOfRow, keyCount } = tree;
  return answer.figures(cost).each((plane) => {
    const sums = new Float64Array(keyCount + 1); // the last is the root's, which is no key
    for (let i = 0; i < costly.length; i++) sums[keyOfRow[costly[i]!]!]! += plane[i]!;
    return sums.subarray(0, keyCount);
  });
}

function byKey(tree: CallTree, nodes: Uint32Array, plane: Float64Array, which: Uint8Array | null): Float64Array {
  const sums = new Float64Array(tree.keyCount);
  for (let i = 1; i < nodes.length; i++) {
    const n = nodes[i]!;
    if (which === null || which[n] === 1) sums[tree.key[n]!]! += plane[i + 1]!;
  }
  return sums;
}

/** The keys that callers and callees have, each with its amount at the same place of `amounts`. */
export interface Neighbours {
  keys: Uint32Array;
  amounts: Amounts;
}

export function callersOf(tree: CallTree, answer: Answer, cost: CostId, key: number): Neighbours {
  const inclusive = answer.inclusive(tree, cost);
  const group = new Grouping(inclusive);
  for (const n of answer.reach(tree).nodes) {
    if (n === 0 || tree.key[n] !== key || tree.outermost[n] !== 1) continue;
    const above = tree.parent[n]!;
    group.add(above === 0 ? OUTSIDE : tree.key[above]!, n);
  }
  return group.result(inclusive);
}

export function calleesOf(tree: CallTree, answer: Answer, cost: CostId, key: number): Neighbours {
  const own = answer.own(tree, cost);
  const { reach } = own;
  const { nodes, above: slotAbove } = reach;
  // What is below a node up to where the key is met again: that counts for the inner one's callees.
  const below = own.amounts.each((plane) => {
    const sums = plane.slice();
    for (let i = nodes.length - 1; i > 0; i--)
      if (tree.key[nodes[i]!] !== key) sums[slotAbove[i]!]! += sums[i + 1]!;
    return sums;
  });
  const until = new NodeAmounts(below, reach);
  const group = new Grouping(until);
  for (const n of nodes) {
    const above = tree.parent[n]!;
    if (above !== 0 && tree.key[above] === key && tree.key[n] !== key) group.add(tree.key[n]!, n);
  }
  return group.result(until);
}

class Grouping {
  private readonly nodes = new Map<number, number[]>();

  constructor(private readonly amounts: NodeAmounts) {}

  add(key: number, node: number): void {
    if (this.amounts.at(node) === 0) return;
    const nodes = this.nodes.get(key);
    if (nodes === undefined) this.nodes.set(key, [node]);
    else nodes.push(node);
  }

  result(from: NodeAmounts): Neighbours {
    const keys = Uint32Array.from(this.nodes.keys());
    const amounts = Amounts.zero(keys.length, from.amounts);
    keys.forEach((key, i) => {
      for (const node of this.nodes.get(key)!) from.addTo(amounts, i, node);
    });
    return { keys, amounts };
  }
}
