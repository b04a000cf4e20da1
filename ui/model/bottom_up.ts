// SPDX-License-Identifier: MIT
// The call tree from the inside out, one level at a time: where allocations were made, then who called that.
//
// A bottom-up node is a path of keys from the allocating one outwards. It holds the tree's nodes that stand at
// the outer end of that path (`at`), each with the node that allocated (`origin`). Its children are grouped by
// the key of the node above `at`. Where the outermost function is reached, what remains has no caller.

import { Amounts } from './amounts';
import type { Answer } from './answer';
import type { CallTree } from './call_tree';
import type { CostId } from './costs';
import type { NodeAmounts } from './node_amounts';

export interface BottomUpNode {
  key: number;
  at: Uint32Array;
  origin: Uint32Array;
  parent: BottomUpNode | null;
  depth: number;
}

/** The allocating keys. Only nodes with rows that cost anything of what `costs` names are in them. */
export function bottomUpRoots(tree: CallTree, answer: Answer, costs: readonly CostId[]): BottomUpNode[] {
  const planes = costs.flatMap((cost) => {
    const { low, high } = answer.figures(cost);
    return high === null ? [low] : [low, high];
  });
  const { costly } = answer;
  const met = new Uint8Array(tree.count);
  const origins = new Uint32Array(costly.length);
  let count = 0;
  for (let i = 0; i < costly.length; i++) {
    const node = tree.nodeOf[costly[i]!]!;
    if (node === 0 || met[node] === 1 || !costsAnything(planes, i)) continue;
    met[node] = 1;
    origins[count++] = node;
  }
  const all = origins.subarray(0, count);
  return grouped(tree, all, all, null);
}

function costsAnything(planes: readonly Float64Array[], i: number): boolean {
  for (const plane of planes) if (plane[i] !== 0) return true;
  return false;
}

export function bottomUpChildren(tree: CallTree, node: BottomUpNode): BottomUpNode[] {
  const at: number[] = [];
  const origin: number[] = [];
  for (let i = 0; i < node.at.length; i++) {
    const above = tree.parent[node.at[i]!]!;
    if (above === 0) continue;
    at.push(above);
    origin.push(node.origin[i]!);
  }
  return grouped(tree, Uint32Array.from(at), Uint32Array.from(origin), node);
}

export function hasCallers(tree: CallTree, node: BottomUpNode): boolean {
  return node.at.some((n) => tree.parent[n] !== 0);
}

/** What a node costs: of its origins' own costs, in a column of one figure. */
export function bottomUpAmount(node: BottomUpNode, own: NodeAmounts): Amounts {
  const amount = Amounts.zero(1, own.amounts);
  for (const origin of node.origin) own.addTo(amount, 0, origin);
  return amount;
}

function grouped(tree: CallTree, at: Uint32Array, origin: Uint32Array, parent: BottomUpNode | null): BottomUpNode[] {
  const depth = parent === null ? 1 : parent.depth + 1;
  const counts = new Uint32Array(tree.keyCount); // at first; then how many are still to be filled in
  const met: number[] = [];
  for (let i = 0; i < at.length; i++) {
    const key = tree.key[at[i]!]!;
    if (counts[key]!++ === 0) met.push(key);
  }
  const slots = new Uint32Array(tree.keyCount);
  const nodes = met.map((key, slot): BottomUpNode => {
    slots[key] = slot;
    const count = counts[key]!;
    return { key, at: new Uint32Array(count), origin: new Uint32Array(count), parent, depth };
  });
  for (let i = 0; i < at.length; i++) {
    const key = tree.key[at[i]!]!;
    const node = nodes[slots[key]!]!;
    const place = node.at.length - counts[key]!--;
    node.at[place] = at[i]!;
    node.origin[place] = origin[i]!;
  }
  return nodes;
}
