// SPDX-License-Identifier: MIT
// The boxes of a flame graph against a tree of maps that each row's path is added to, key by key.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCallTree, CallTree, type TreeOptions } from './call_tree';
import { layOut } from './flame_boxes';
import { ALL, type Detail } from './flame_detail';
import { levelOf, type Layout } from './flame_layout';
import type { Direction } from './flame_tree';
import { FLAG, NO_FRAME, Tables } from './tables';

const DIRECTIONS: Direction[] = ['top-down', 'bottom-up'];

interface Made {
  tree: CallTree;
  rows: Uint32Array;
  measures: Float64Array[];
}

type Random = (below: number) => number;

/** The same each time. */
function randomOf(seed: number): Random {
  return (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

function withMeasures(tree: CallTree, random: Random): Made {
  const rows = Uint32Array.from(tree.nodeOf.keys()).filter(() => random(3) > 0);
  const widths = Float64Array.from(rows, () => (random(4) === 0 ? 0 : random(10) ** 4));
  const others = Float64Array.from(rows, () => random(7) - 3);
  return { tree, rows, measures: [widths, widths, others] };
}

/** A tangled tree with amounts of some of its rows. With few keys they stand in many places, above each other too. */
function made(seed: number, nodes: number, keys: 'many' | 'few' = 'many'): Made {
  const random = randomOf(seed);
  const keyCount = keys === 'many' ? 5000 : 7;
  const parent = new Uint32Array(nodes);
  const key = new Uint32Array(nodes);
  key[0] = NO_FRAME;
  const taken = new Set<string>(); // siblings have keys of their own
  for (let n = 1; n < nodes; n++) {
    do {
      parent[n] = keys === 'many' && n % 3 === 0 ? random(Math.min(n, 4)) : Math.max(0, n - 1 - random(30));
      key[n] = random(keyCount);
    } while (taken.has(`${parent[n]} ${key[n]}`));
    taken.add(`${parent[n]} ${key[n]}`);
  }
  const nodeOf = Uint32Array.from({ length: 2 * nodes }, () => random(nodes));
  return withMeasures(new CallTree({} as Tables, 'function', keyCount, parent, key, nodeOf), random);
}

/** Stacks of few functions, some of which are an allocator's and some hidden, as the options have them shown. */
function madeOfStacks(seed: number, options: Partial<TreeOptions>): Made {
  const random = randomOf(seed);
  const functions = 12;
  const count = 600;
  const none = new Uint32Array(functions);
  const number = Uint32Array.from(none, (_, i) => i);
  const flags = Uint8Array.from(none, () => (random(4) === 0 ? FLAG.plumbing : 0));
  const parent = Uint32Array.from({ length: count }, (_, row) => Math.max(0, row - 1 - random(20)));
  const frame = Uint32Array.from({ length: count }, (_, row) => (row === 0 ? NO_FRAME : random(functions)));
  const tables = new Tables(
    new Uint8Array(1),
    { name: none, short: none, file: none, module: none.map((_, f) => f % 3), flags },
    { path: new Uint32Array(3) },
    { function: number, line: none, flags: new Uint8Array(functions) },
    { parent, frame },
  );
  const usual: TreeOptions = { by: 'function', plumbing: 'shown', recursion: 'shown', hidden: null };
  return withMeasures(buildCallTree(tables, { ...usual, ...options }), random);
}

interface Box {
  key: number;
  order: number; // of its siblings: as their nodes stand top-down, as their rows do bottom-up
  own: number[];
  total: number[];
  inside: Map<number, Box>;
}

const newBox = (key: number, order: number): Box => {
  return { key, order, own: [0, 0, 0], total: [0, 0, 0], inside: new Map() };
};

function expected({ tree, rows, measures }: Made, direction: Direction): Layout {
  const root = newBox(NO_FRAME, 0);
  rows.forEach((row, i) => {
    const add = (sums: number[]): void => measures.forEach((measure, m) => (sums[m]! += measure[i]!));
    const nodes = tree.path(tree.nodeOf[row]!);
    if (direction === 'bottom-up') nodes.reverse();
    let box = root;
    add(box.total);
    for (const node of nodes) {
      const key = tree.key[node]!;
      let next = box.inside.get(key);
      if (next === undefined) box.inside.set(key, (next = newBox(key, direction === 'top-down' ? node : i)));
      box = next;
      add(box.total);
    }
    add(box.own);
  });
  const boxes: { box: Box; parent: number; start: number; depth: number }[] = [
    { box: root, parent: 0, start: 0, depth: 0 },
  ];
  const firstChild: number[] = [];
  for (let at = 0; at < boxes.length; at++) {
    const { box, start, depth } = boxes[at]!;
    firstChild.push(boxes.length);
    let x = start;
    const wide = [...box.inside.values()].filter(({ total }) => total[0]! > 0);
    for (const child of wide.sort((a, b) => b.total[0]! - a.total[0]! || a.order - b.order)) {
      boxes.push({ box: child, parent: at, start: x, depth: depth + 1 });
      x += child.total[0]!;
    }
  }
  const deepest = boxes[boxes.length - 1]!.depth;
  const level = Array.from({ length: deepest + 1 }, (_, d) => boxes.findIndex(({ depth }) => depth === d));
  const sums = (of: (box: Box) => number[]): Float64Array[] =>
    measures.map((_, m) => Float64Array.from(boxes, ({ box }) => of(box)[m]!));
  return {
    count: boxes.length,
    parent: Uint32Array.from(boxes, ({ parent }) => parent),
    key: Uint32Array.from(boxes, ({ box }) => box.key),
    own: sums((box) => box.own),
    total: sums((box) => box.total),
    start: Float64Array.from(boxes, ({ start }) => start),
    firstChild: Uint32Array.from([...firstChild, boxes.length]),
    level: Uint32Array.from([...level, boxes.length]),
  };
}

function laidOut({ tree, measures, rows }: Made, direction: Direction, detail: Detail): Layout {
  return layOut(tree, direction, measures, rows, detail);
}

function pathsOf({ parent, key, count }: Layout): string[] {
  const paths = [''];
  for (let box = 1; box < count; box++) paths.push(`${paths[parent[box]!]}/${key[box]}`);
  return paths;
}

for (const direction of DIRECTIONS) {
  test(`${direction}: with nothing left out there is a box for each path`, () => {
    for (const keys of ['many', 'few'] as const)
      for (let seed = 1; seed <= 14; seed++) {
        const it = made(seed, 4 * seed * seed, keys);
        const layout = laidOut(it, direction, ALL);
        assert.deepEqual(layout, expected(it, direction));
        assert.equal(layout.total[0], layout.total[1], 'the same array is summed up once');
      }
  });

  test(`${direction}: recursion is collapsed, frames are hidden and lines merged as the tree has them`, () => {
    const hidden = Uint8Array.from({ length: 12 }, (_, f) => (f % 5 === 0 ? 1 : 0));
    const options: Partial<TreeOptions>[] = [
      { recursion: 'collapsed' },
      { plumbing: 'hidden' },
      { hidden },
      { by: 'module' },
      { by: 'line', plumbing: 'hidden', recursion: 'collapsed', hidden },
    ];
    for (const chosen of options)
      for (let seed = 1; seed <= 8; seed++) {
        const it = madeOfStacks(seed, chosen);
        assert.deepEqual(laidOut(it, direction, ALL), expected(it, direction));
      }
  });

  test(`${direction}: boxes in narrow ones and far ones are left out, the others are where they are among all`, () => {
    for (let seed = 1; seed <= 16; seed++) {
      const it = made(seed, 700, seed % 2 === 0 ? 'many' : 'few');
      const all = laidOut(it, direction, ALL);
      const paths = pathsOf(all);
      const number = new Map(paths.map((path, box) => [path, box]));
      const inside = all.level[2]! + seed; // a box of the second level
      const within = paths[inside]!.slice(1).split('/').map(Number);
      const whole = all.total[0]![0]!;
      const levels = seed % 3 === 0 ? 5 : Infinity;
      const detail: Detail = { least: whole / 90, within, leastWithin: whole / 3000, levels };
      const some = laidOut(it, direction, detail);
      const seen = new Set<number>();
      pathsOf(some).forEach((path, box) => {
        const same = number.get(path)!;
        seen.add(same);
        assert.equal(some.start[box], all.start[same]);
        for (let m = 0; m < 3; m++) {
          assert.equal(some.total[m]![box], all.total[m]![same]);
          assert.equal(some.own[m]![box], all.own[m]![same]);
        }
      });
      let left = 0;
      for (let box = 1; box < all.count; box++) {
        const above = all.parent[box]!;
        const path = paths[above]!;
        const leads = `${paths[inside]}/`.startsWith(`${path}/`) && above !== inside;
        const isInside = `${path}/`.startsWith(`${paths[inside]}/`);
        const least = leads ? 0 : isInside ? detail.leastWithin : detail.least;
        const isThere = seen.has(above) && all.total[0]![above]! >= least && levelOf(all, box) < levels;
        assert.equal(seen.has(box), isThere, `box ${box} of ${all.count}`);
        if (!isThere) left++;
      }
      assert.ok(left > all.count / 10, `${left} of ${all.count} boxes are left out`);
    }
  });

  test(`${direction}: nothing at all is one box without width`, () => {
    const { tree } = made(1, 9);
    const layout = layOut(tree, direction, [new Float64Array()], new Uint32Array(), ALL);
    assert.deepEqual([layout.count, [...layout.level], layout.total[0]![0]], [1, [0, 1], 0]);
  });
}
