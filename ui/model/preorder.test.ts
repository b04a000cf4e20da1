// SPDX-License-Identifier: MIT
// Costs of nodes by running sums, against the sums over all nodes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Amounts } from './amounts';
import { between, Preorder, RowsInOrder } from './preorder';

/** A tree whose parents are any nodes before, by a sequence that is the same each time. */
function tangled(count: number): { count: number; parent: Uint32Array } {
  let seed = 7;
  const parent = new Uint32Array(count);
  for (let n = 1; n < count; n++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    parent[n] = (seed >>> 8) % n;
  }
  return { count, parent };
}

test('a node and all below it are a range', () => {
  const tree = tangled(300);
  const { place, end } = Preorder.of(tree);
  assert.deepEqual([...place].sort((a, b) => a - b), [...place.keys()]);
  for (let n = 0; n < tree.count; n++)
    for (let m = 0; m < tree.count; m++) {
      let above = m;
      while (above > n) above = tree.parent[above]!;
      assert.equal(place[n]! <= place[m]! && place[m]! < end[n]!, above === n, `${m} below ${n}`);
    }
});

test('running sums tell what each node costs itself and with all below it', () => {
  const tree = tangled(5000);
  const nodeOf = Uint32Array.from({ length: 9000 }, (_, row) => (row * 7919) % tree.count);
  const rows = Uint32Array.from({ length: 4000 }, (_, i) => 2 * i + 1);
  const low = Float64Array.from(rows, (row) => (row * 31) % 1000);
  const high = Float64Array.from(rows, (row) => row % 3);
  const figures = new Amounts(low, high);
  const own = Amounts.zero(tree.count, figures);
  rows.forEach((row, i) => own.add(nodeOf[row]!, figures, i));
  const inclusive = new Amounts(own.low.slice(), own.high!.slice());
  for (let n = tree.count - 1; n > 0; n--) inclusive.add(tree.parent[n]!, inclusive, n);
  const ordered = new RowsInOrder(Preorder.of(tree), rows, nodeOf);
  const running = ordered.running(figures);
  for (let n = 0; n < tree.count; n++) {
    const span = ordered.of(n);
    assert.equal(between(running, span.from, span.own).exact(0), own.exact(n));
    assert.equal(between(running, span.from, span.end).exact(0), inclusive.exact(n));
    assert.equal(running.between(span.from, span.end), inclusive.at(n));
    assert.equal(running.isSame(span.from, span.own), own.isZero(n));
  }
});

test('an answer without rows has nothing anywhere', () => {
  const ordered = new RowsInOrder(Preorder.of(tangled(3)), new Uint32Array(), new Uint32Array(3));
  assert.deepEqual(ordered.of(0), { from: 0, own: 0, end: 0 });
  assert.equal(between(ordered.running(Amounts.zero(0)), 0, 0).exact(0), 0n);
});
