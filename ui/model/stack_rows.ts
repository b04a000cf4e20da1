// SPDX-License-Identifier: MIT
// The rows of the tables of call stacks: top-down, bottom-up and by key, each with the same questions asked of it.

import type { Amounts } from './amounts';
import type { Answer } from './answer';
import { bottomUpAmount, bottomUpChildren, bottomUpRoots, hasCallers, type BottomUpNode } from './bottom_up';
import type { CallTree } from './call_tree';
import type { CostId } from './costs';
import type { TreeHistory } from './history';
import { keySelf, keyTotals, type KeyTotals } from './key_totals';
import { between } from './preorder';

export interface StackRow {
  id: string;
  key: number;
  value(cost: CostId): number;
  exact(cost: CostId): bigint;
  /** What it costs itself, without what it calls; null: the same as the above. */
  self: { value(cost: CostId): number; exact(cost: CostId): bigint } | null;
  children(): StackRow[];
  hasChildren(): boolean;
  series(history: TreeHistory): Float64Array;
  /** The allocating nodes of a bottom-up row; null: not of such a row. */
  origins: Uint32Array | null;
  /** One for each node of the tree whose own costs are in this row. */
  nodes(): Uint8Array;
}

export function topDownRows(tree: CallTree, answer: Answer, shown: readonly CostId[]): StackRow[] {
  const costs = shown.map((cost) => answer.running(tree, cost));
  const rowsOf = answer.inOrder(tree);
  const isCostly = (node: number): boolean => {
    const { from, end } = rowsOf.of(node);
    return end > from && costs.some((running) => !running.isSame(from, end));
  };
  const children = (parent: number): StackRow[] => Array.from(tree.childrenOf(parent)).filter(isCostly).map(row);
  const row = (node: number): StackRow => {
    const { from, own, end } = rowsOf.of(node);
    const running = (cost: CostId): Amounts => answer.running(tree, cost);
    return {
      id: String(node),
      key: tree.key[node]!,
      value: (cost) => running(cost).between(from, end),
      exact: (cost) => between(running(cost), from, end).exact(0),
      self: {
        value: (cost) => running(cost).between(from, own),
        exact: (cost) => between(running(cost), from, own).exact(0),
      },
      children: () => children(node),
      hasChildren: () => end > own && tree.childrenOf(node).some(isCostly),
      series: (history) => history.inclusive(node),
      origins: null,
      nodes: () => tree.subtree(node),
    };
  };
  return children(0);
}

/** Rows of functions, and of their callers when they are opened. */
export function bottomUpRows(tree: CallTree, answer: Answer, shown: readonly CostId[]): StackRow[] {
  const row = (node: BottomUpNode, above: string, known: (cost: CostId) => Amounts | null): StackRow => {
    const id = `${above}/${node.key}`;
    const amounts = new Map<CostId, Amounts>();
    const amount = (cost: CostId): Amounts => {
      let figure = amounts.get(cost);
      if (figure === undefined)
        amounts.set(cost, (figure = known(cost) ?? bottomUpAmount(node, answer.own(tree, cost))));
      return figure;
    };
    return {
      id,
      key: node.key,
      value: (cost) => amount(cost).at(0),
      exact: (cost) => amount(cost).exact(0),
      self: null,
      children: () => bottomUpChildren(tree, node).map((child) => row(child, id, () => null)),
      hasChildren: () => hasCallers(tree, node),
      series: (history) => history.ofOrigins(node.origin),
      origins: node.origin,
      nodes: () => {
        const inside = new Uint8Array(tree.count);
        for (const origin of node.origin) inside[origin] = 1;
        return inside;
      },
    };
  };
  // A function's own costs are summed up from the rows at once: no node of the tree is looked at for them.
  const sums = new Map(shown.map((cost) => [cost, keySelf(tree, answer, cost)]));
  return bottomUpRoots(tree, answer, shown).map((node) =>
    row(node, '', (cost) => sums.get(cost)?.picked(Uint32Array.of(node.key)) ?? null),
  );
}

/** One row a key, with its total; those that cost nothing are left out. */
export function keyRows(tree: CallTree, answer: Answer, shown: readonly CostId[]): StackRow[] {
  const totals = new Map<CostId, KeyTotals>();
  const of = (cost: CostId): KeyTotals => {
    let costs = totals.get(cost);
    if (costs === undefined) totals.set(cost, (costs = keyTotals(tree, answer, cost)));
    return costs;
  };
  const rows: StackRow[] = [];
  for (let key = 0; key < tree.keyCount; key++) {
    if (!shown.some((cost) => of(cost).total.low[key] !== 0)) continue;
    rows.push({
      id: String(key),
      key,
      value: (cost) => of(cost).total.at(key),
      exact: (cost) => of(cost).total.exact(key),
      self: { value: (cost) => of(cost).self.at(key), exact: (cost) => of(cost).self.exact(key) },
      children: () => [],
      hasChildren: () => false,
      series: (history) => history.totals().get(key) ?? new Float64Array(history.pointCount),
      origins: null,
      nodes: () => nodesThrough(tree, key),
    });
  }
  return rows;
}

/** One for each node on or below one of a key. */
export function nodesThrough(tree: CallTree, key: number): Uint8Array {
  const inside = new Uint8Array(tree.count);
  for (let n = 1; n < tree.count; n++) inside[n] = tree.key[n] === key ? 1 : inside[tree.parent[n]!]!;
  return inside;
}

/** The rows of the recording in some nodes that cost the most, heaviest first, and how many there are. */
export function heaviestStacks(
  tree: CallTree,
  answer: Answer,
  cost: CostId,
  nodes: Uint8Array,
  most: number,
): { rows: number[]; count: number } {
  const amounts = answer.figures(cost).rounded();
  const { costly } = answer;
  const rows: number[] = []; // places among the costly
  let least = 0;
  let count = 0;
  for (let r = 0; r < costly.length; r++) {
    const amount = amounts[r]!;
    if (costly[r] === 0 || amount === 0 || nodes[tree.nodeOf[costly[r]!]!] === 0) continue;
    count++;
    if (rows.length === most && amount <= least) continue;
    let at = rows.length;
    while (at > 0 && amounts[rows[at - 1]!]! < amount) at--;
    rows.splice(at, 0, r);
    if (rows.length > most) rows.pop();
    least = amounts[rows[rows.length - 1]!]!;
  }
  return { rows: rows.map((r) => costly[r]!), count };
}
