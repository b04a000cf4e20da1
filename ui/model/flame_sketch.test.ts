// SPDX-License-Identifier: MIT
// A first picture against the layout of all boxes, which is made in another way.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallTree } from './call_tree';
import { layOut, type Layout } from './flame_layout';
import { sketchTopDown } from './flame_sketch';
import { ALL, type Detail } from './flame_detail';
import { measureTopDown } from './inverted_tree';
import { Reach } from './reach';
import type { Tables } from './tables';

const KEYS = 5000;

interface Made {
  tree: CallTree;
  rows: Uint32Array;
  measures: Float64Array[];
}

/** A tangled tree with amounts of some of its rows; the same each time. */
function made(seed: number, nodes: number): Made {
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const parent = new Uint32Array(nodes);
  const key = new Uint32Array(nodes);
  const taken = new Set<string>(); // siblings have keys of their own
  for (let n = 1; n < nodes; n++) {
    do {
      parent[n] = n % 3 === 0 ? random(Math.min(n, 4)) : Math.max(0, n - 1 - random(30));
      key[n] = random(KEYS);
    } while (taken.has(`${parent[n]} ${key[n]}`));
    taken.add(`${parent[n]} ${key[n]}`);
  }
  const nodeOf = Uint32Array.from({ length: 2 * nodes }, () => random(nodes));
  const rows = Uint32Array.from(nodeOf.keys()).filter(() => random(3) > 0);
  const widths = Float64Array.from(rows, () => (random(4) === 0 ? 0 : random(10) ** 4));
  const others = Float64Array.from(rows, () => random(7) - 3);
  const tree = new CallTree({} as Tables, 'function', KEYS, parent, key, nodeOf);
  return { tree, rows, measures: [widths, widths, others] };
}

function whole({ tree, rows, measures }: Made): Layout {
  return layOut(measureTopDown(tree, measures, { rows, reach: Reach.of(tree, rows) }));
}

function pathsOf({ parent, key, count }: Layout): string[] {
  const paths = [''];
  for (let box = 1; box < count; box++) paths.push(`${paths[parent[box]!]}/${key[box]}`);
  return paths;
}

test('with nothing left out it is the layout of all boxes', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const it = made(seed, 5 * seed * seed);
    const sketch = sketchTopDown(it.tree, it.measures, it.rows, ALL);
    assert.deepEqual(sketch, whole(it));
    assert.equal(sketch.total[0], sketch.total[1], 'the same array is summed up once');
  }
});

test('boxes in narrow ones are left out, and the others are where they are among all', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const it = made(seed, 3000);
    const all = whole(it);
    const paths = pathsOf(all);
    const number = new Map(paths.map((path, box) => [path, box]));
    const inside = all.level[2]! + seed; // a box of the second level
    const within = paths[inside]!.slice(1).split('/').map(Number);
    const detail: Detail = { least: all.total[0]![0]! / 300, within, leastWithin: all.total[0]![0]! / 20_000 };
    const sketch = sketchTopDown(it.tree, it.measures, it.rows, detail);
    const seen = new Set<number>();
    pathsOf(sketch).forEach((path, box) => {
      const same = number.get(path)!;
      seen.add(same);
      assert.equal(sketch.start[box], all.start[same]);
      for (let m = 0; m < 3; m++) {
        assert.equal(sketch.total[m]![box], all.total[m]![same]);
        assert.equal(sketch.own[m]![box], all.own[m]![same]);
      }
    });
    let left = 0;
    for (let box = 1; box < all.count; box++) {
      const above = all.parent[box]!;
      const path = paths[above]!;
      const leads = `${paths[inside]}/`.startsWith(`${path}/`) && above !== inside;
      const isInside = `${path}/`.startsWith(`${paths[inside]}/`);
      const least = leads ? 0 : isInside ? detail.leastWithin : detail.least;
      const isThere = seen.has(above) && all.total[0]![above]! >= least;
      assert.equal(seen.has(box), isThere, `box ${box} of ${all.count}`);
      if (!isThere) left++;
    }
    assert.ok(left > all.count / 10, `${left} of ${all.count} boxes are left out`);
  }
});

test('nothing at all is one box without width', () => {
  const { tree } = made(1, 9);
  const sketch = sketchTopDown(tree, [new Float64Array()], new Uint32Array(), ALL);
  assert.deepEqual([sketch.count, [...sketch.level], sketch.total[0]![0]], [1, [0, 1], 0]);
});
