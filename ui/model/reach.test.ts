// SPDX-License-Identifier: MIT
// What an answer has to do with, of a tree, against a search through all of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Amounts } from './amounts';
import { withAmounts } from './flame_tree';
import { Reach } from './reach';

/** A tree of `count` nodes that many rows count for, and amounts of a few of them. */
function made(seed: number, count: number, rowCount: number) {
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const parent = Uint32Array.from({ length: count }, (_, n) => (n === 0 ? 0 : next(n)));
  const key = Uint32Array.from({ length: count }, () => next(7));
  const nodeOf = Uint32Array.from({ length: rowCount }, () => next(count));
  const amounts = new Float64Array(rowCount);
  for (let i = 0; i < rowCount / 9; i++) amounts[next(rowCount)] = 1 + next(1000);
  return { shape: { count, parent, key, nodeOf }, amounts };
}

const costly = (amounts: Float64Array): Uint32Array =>
  Uint32Array.from([...amounts.keys()].filter((row) => amounts[row] !== 0));

test('the nodes that rows count for, and all above them, each once and ascending', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { shape, amounts } = made(seed, 60, 90);
    const rows = costly(amounts);
    const ends = new Set<number>();
    const nodes = new Set([0]);
    for (const row of rows) {
      ends.add(shape.nodeOf[row]!);
      for (let n = shape.nodeOf[row]!; n !== 0; n = shape.parent[n]!) nodes.add(n);
    }
    const ascending = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
    const reach = Reach.of(shape, rows);
    assert.deepEqual([...reach.nodes], ascending(nodes));
    assert.deepEqual([...reach.ends], ascending(ends));
    reach.nodes.forEach((node, i) => {
      assert.equal(reach.slot[node], i + 1);
      assert.equal(reach.above[i], reach.slot[shape.parent[node]!]);
    });
    assert.equal(reach.slot.filter((slot) => slot !== 0).length, nodes.size);
  }
});

test('sums over what is reached are the sums over all', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { shape, amounts } = made(seed, 60, 90);
    const rows = costly(amounts);
    const reach = Reach.of(shape, rows);
    const all = new Amounts(amounts, null);
    const own = all.gathered(shape.nodeOf, shape.count).low;
    const sums = own.slice();
    for (let n = shape.count - 1; n > 0; n--) sums[shape.parent[n]!]! += sums[n]!;
    const figures = all.picked(rows);
    assert.deepEqual(figures.spread(rows, amounts.length).low, amounts);
    const gathered = reach.gathered(rows, figures.low);
    const inclusive = reach.inclusive(gathered);
    for (let n = 0; n < shape.count; n++) {
      assert.equal(gathered[reach.slot[n]!], own[n]);
      assert.equal(inclusive[reach.slot[n]!], sums[n]);
    }
  }
});

test('rows without an amount of any measure are left out; the same array stays one', () => {
  const rows = Uint32Array.of(3, 5, 8, 13);
  const widths = Float64Array.of(0, 7, 0, -2);
  const before = Float64Array.of(0, 0, 1, 0);
  const kept = withAmounts([widths, widths, before], rows);
  assert.deepEqual(kept.rows, Uint32Array.of(5, 8, 13));
  assert.deepEqual(kept.measures, [Float64Array.of(7, 0, -2), Float64Array.of(7, 0, -2), Float64Array.of(0, 1, 0)]);
  assert.equal(kept.measures[0], kept.measures[1]);
});
