// SPDX-License-Identifier: MIT
// What the worker makes is what the page would have made on the spot.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCallTree, type TreeOptions } from '../model/call_tree';
import { ALL } from '../model/flame_detail';
import type { Direction } from '../model/flame_tree';
import { layoutOf } from '../model/workshop';
import { write } from '../model/written';
import { Bench, handedOver, KEPT, type Job } from './jobs';

const OPTIONS: TreeOptions = { by: 'function', plumbing: 'hidden', recursion: 'shown', hidden: null };

const PROGRAM = `
  _start > main > parse@p.c:10 > std::vector::push > operator new | peak_bytes=100 allocations=10
  _start > main > eval > eval > value | peak_bytes=1000 allocations=3
  _start > main > eval > print | peak_bytes=50 allocations=2
`;

/** As messages arrive: copies. */
const sent = (job: Job): Job => structuredClone(job);

test('trees and layouts are those that are made on the spot', () => {
  const { tables, answer } = write(PROGRAM);
  const { strings, functions, modules, frames, rows } = tables;
  const bench = new Bench();
  const parts = { strings, functions, modules, frames, rows };
  assert.equal(bench.do(sent({ kind: 'tables', tables: 3, parts })), null);
  const others: Partial<TreeOptions>[] = [{}, { by: 'file' }, { recursion: 'collapsed' }];
  for (const options of others.map((other) => ({ ...OPTIONS, ...other }))) {
    const tree = buildCallTree(tables, options);
    const done = bench.do(sent({ kind: 'tree', tables: 3, tree: 7, options }));
    assert.ok(done !== null && 'tree' in done);
    for (const column of ['parent', 'key', 'nodeOf', 'outermost'] as const)
      assert.deepEqual(done.tree[column], tree[column]);
    assert.deepEqual(done.tree.order, tree.order);
    assert.deepEqual(done.tree.preorder, { ...tree.preorder });
    assert.equal(done.tree.keyCount, tree.keyCount);
    assert.equal(handedOver(done).length, 1);
    for (const direction of ['top-down', 'bottom-up'] as const) {
      const planes = [answer.figures('peak_bytes').low, answer.figures('allocations').low];
      const detail = ALL;
      const job: Job = { kind: 'layout', tree: 7, direction, planes, rows: answer.costly, detail };
      const laid = bench.do(sent(job));
      assert.deepEqual(laid, { layout: layoutOf({ tree, direction, planes, rows: answer.costly, detail }) });
    }
  }
});

test('what was handed over with a tree is not needed for its layouts; old trees are refused', () => {
  const { tables, answer } = write(PROGRAM);
  const { strings, functions, modules, frames, rows } = tables;
  const bench = new Bench();
  bench.do(sent({ kind: 'tables', tables: 0, parts: { strings, functions, modules, frames, rows } }));
  const layout = (tree: number, direction: Direction = 'top-down'): Job => ({
    kind: 'layout',
    tree,
    direction,
    planes: [answer.figures('peak_bytes').low],
    rows: answer.costly,
    detail: ALL,
  });
  for (let tree = 0; tree <= KEPT; tree++) {
    const done = bench.do(sent({ kind: 'tree', tables: 0, tree, options: OPTIONS }));
    structuredClone(done, { transfer: handedOver(done) });
    for (const direction of ['top-down', 'bottom-up', 'top-down'] as const) {
      const laid = bench.do(sent(layout(tree, direction)));
      assert.ok(laid !== null && 'layout' in laid && laid.layout.total[0]![0] === 1150);
      structuredClone(laid, { transfer: handedOver(laid) });
    }
  }
  assert.throws(() => bench.do(sent(layout(0))), /no longer kept/);
  assert.throws(() => bench.do(sent({ kind: 'tree', tables: 9, tree: 1, options: OPTIONS })), /no such tables/);
});
