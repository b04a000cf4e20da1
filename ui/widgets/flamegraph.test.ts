// SPDX-License-Identifier: MIT
// Flame graphs from stacks written as indented text: merging, layout, zooming and searching.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCallTree, type CallTree, type TreeOptions } from '../model/call_tree';
import { NO_FRAME, Tables } from '../model/tables';
import { layOut } from '../model/flame_boxes';
import { ALL, type Detail } from '../model/flame_detail';
import { boxAt, depthOf, isWithin, levelOf, visitLevel, withEmptyLevels, type Layout } from '../model/flame_layout';
import type { Direction } from '../model/flame_tree';
import { LabelFitter, shorterForms } from './flamegraph_labels';
import { nextMatch, search } from './flamegraph_search';
import { boxOfPath, moved, pathOf, scaled, viewOfBox, WHOLE, ZoomHistory } from './flamegraph_zoom';

const PLAIN: TreeOptions = { by: 'function', plumbing: 'shown', recursion: 'shown', hidden: null };
const COLLAPSED: TreeOptions = { ...PLAIN, recursion: 'collapsed' };

interface Written {
  tables: Tables;
  names: string[];
  amounts: Float64Array;
}

/** Stacks from lines of "name amount", where a line's callees stand below it, two blanks further in. */
function stacks(text: string): Written {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parent = [0];
  const key = [NO_FRAME];
  const amounts = [0];
  const names: string[] = [];
  const open = [0];
  const margin = lines[0]!.search(/\S/);
  for (const line of lines) {
    const depth = (line.search(/\S/) - margin) / 2;
    const [name, amount] = line.trim().split(' ');
    if (!names.includes(name!)) names.push(name!);
    open.length = depth + 1;
    parent.push(open[depth]!);
    open.push(parent.length - 1);
    key.push(names.indexOf(name!));
    amounts.push(Number(amount ?? 0));
  }
  const tables = tablesOf(Uint32Array.from(parent), Uint32Array.from(key), names.length);
  return { tables, names, amounts: Float64Array.from(amounts) };
}

/** Tables of rows whose functions have neither names nor files. */
function tablesOf(parent: Uint32Array, functionOf: Uint32Array, functions: number): Tables {
  const none = new Uint32Array(functions);
  const number = Uint32Array.from(none, (_, i) => i);
  return new Tables(
    new Uint8Array(1),
    { name: none, short: none, file: none, module: none, flags: new Uint8Array(functions) },
    { path: new Uint32Array(1) },
    { function: number, line: none, flags: new Uint8Array(functions) },
    { parent, frame: functionOf },
  );
}

function shapeOf(written: Written, options: TreeOptions): CallTree {
  return buildCallTree(written.tables, options);
}

/** The drawn tree as text: "name total(own)", one line a box, callees below. */
function drawn(layout: Layout, names: string[]): string[] {
  const lines: string[] = [];
  const add = (box: number, margin: string): void => {
    const name = box === 0 ? 'all' : names[layout.key[box]!]!;
    lines.push(`${margin}${name} ${layout.total[0]![box]!}(${layout.own[0]![box]!})`);
    for (let child = layout.firstChild[box]!; child < layout.firstChild[box + 1]!; child++) add(child, margin + '  ');
  };
  add(0, '');
  return lines;
}

function laidOut(tree: CallTree, direction: Direction, measures: Float64Array[], detail: Detail = ALL): Layout {
  return layOut(tree, direction, measures, Uint32Array.from(tree.nodeOf.keys()), detail);
}

function topDown(written: Written, options: TreeOptions): Layout {
  return laidOut(shapeOf(written, options), 'top-down', [written.amounts]);
}

function bottomUp(written: Written, options: TreeOptions): Layout {
  return laidOut(shapeOf(written, options), 'bottom-up', [written.amounts]);
}

const PROGRAM = `
  main
    load 7
      split 100
        alloc 20
    load 1
      alloc 5
    save
      alloc 300
    idle`;

const RECURSIVE = `
  main
    walk 1
      walk 10
        visit 100
          walk 1000
      visit 3`;

test('top-down: the same function below the same path is one box, whatever its line', () => {
  const written = stacks(PROGRAM);
  assert.deepEqual(drawn(topDown(written, PLAIN), written.names), [
    'all 433(0)',
    '  main 433(0)',
    '    save 300(0)',
    '      alloc 300(300)',
    '    load 133(8)',
    '      split 120(100)',
    '        alloc 20(20)',
    '      alloc 5(5)',
  ]);
});

test('bottom-up: from the allocating function out to its callers', () => {
  const written = stacks(PROGRAM);
  assert.deepEqual(drawn(bottomUp(written, PLAIN), written.names), [
    'all 433(0)',
    '  alloc 325(0)',
    '    save 300(0)',
    '      main 300(300)',
    '    split 20(0)',
    '      load 20(0)',
    '        main 20(20)',
    '    load 5(0)',
    '      main 5(5)',
    '  split 100(0)',
    '    load 100(0)',
    '      main 100(100)',
    '  load 8(0)',
    '    main 8(8)',
  ]);
});

test('recursion, direct and through others, is shown once when collapsed', () => {
  const written = stacks(RECURSIVE);
  assert.deepEqual(drawn(topDown(written, COLLAPSED), written.names), [
    'all 1114(0)',
    '  main 1114(0)',
    '    walk 1114(1011)',
    '      visit 103(103)',
  ]);
  assert.deepEqual(drawn(bottomUp(written, COLLAPSED), written.names), [
    'all 1114(0)',
    '  walk 1011(0)',
    '    main 1011(1011)',
    '  visit 103(0)',
    '    walk 103(0)',
    '      main 103(103)',
  ]);
});

test('what hidden functions allocate counts for the frames around them', () => {
  const written = stacks(PROGRAM);
  const hidden = Uint8Array.from(written.names, (name) => (name === 'load' || name === 'alloc' ? 1 : 0));
  assert.deepEqual(drawn(topDown(written, { ...PLAIN, hidden }), written.names), [
    'all 433(0)',
    '  main 433(13)',
    '    save 300(300)',
    '    split 120(120)',
  ]);
  assert.deepEqual(drawn(bottomUp(written, { ...PLAIN, hidden }), written.names), [
    'all 433(0)',
    '  save 300(0)',
    '    main 300(300)',
    '  split 120(0)',
    '    main 120(120)',
    '  main 13(13)',
  ]);
});

test('empty levels make it as high as it was, and hold no box', () => {
  const layout = topDown(stacks(PROGRAM), PLAIN);
  assert.equal(depthOf(withEmptyLevels(layout, 2)), 5);
  const high = withEmptyLevels(layout, 8);
  assert.equal(depthOf(high), 8);
  for (let box = 0; box < high.count; box++) assert.equal(levelOf(high, box), levelOf(layout, box));
  for (let depth = 5; depth < 8; depth++) {
    assert.equal(boxAt(high, depth, 100), null);
    visitLevel(high, depth, 0, 433, 1, () => assert.fail('there is nothing to visit'));
  }
});

test('several measures are carried along, and only the first gives widths', () => {
  const written = stacks(PROGRAM);
  const blocks = written.amounts.map((amount) => (amount > 0 ? 1 : 0));
  for (const layout of [
    laidOut(shapeOf(written, PLAIN), 'top-down', [written.amounts, blocks]),
    laidOut(shapeOf(written, PLAIN), 'bottom-up', [written.amounts, blocks]),
  ]) {
    assert.equal(layout.total[0]![0], 433);
    assert.equal(layout.total[1]![0], 6);
  }
});

test('nothing at all is one box without width', () => {
  const nothing = {
    tables: tablesOf(Uint32Array.of(0), Uint32Array.of(NO_FRAME), 1),
    names: [],
    amounts: new Float64Array(1),
  };
  for (const layout of [topDown(nothing, PLAIN), bottomUp(nothing, PLAIN)]) {
    assert.equal(layout.count, 1);
    assert.equal(depthOf(layout), 1);
    assert.equal(boxAt(layout, 0, 0), null);
  }
});

/** A made-up tree of `count` rows whose shape is the same each time. */
function grown(count: number): Written {
  const parent = new Uint32Array(count);
  const key = new Uint32Array(count);
  const amounts = new Float64Array(count);
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  key[0] = NO_FRAME;
  for (let row = 1; row < count; row++) {
    parent[row] = Math.max(0, row - 1 - random(Math.min(row, 40)));
    key[row] = random(300);
    amounts[row] = random(1000);
  }
  const names = Array.from({ length: 300 }, (_, i) => `function${i}`);
  return { tables: tablesOf(parent, key, 300), names, amounts };
}

test('bottom-up, what is small is carried out only inside of what one looks at', () => {
  const written = grown(3_000);
  const shape = shapeOf(written, COLLAPSED);
  const whole = laidOut(shape, 'bottom-up', [written.amounts]);
  const within = pathOf(whole, whole.level[2]! + 3);
  const least = whole.total[0]![0]! / 50;
  const some = laidOut(shape, 'bottom-up', [written.amounts], { least, within, leastWithin: 0, levels: Infinity });
  assert.ok(some.count < whole.count / 2, `${some.count} of ${whole.count} boxes`);
  const inside = boxOfPath(whole, within);
  for (let box = 0; box < whole.count; box++) {
    const path = pathOf(whole, box);
    const same = boxOfPath(some, path);
    const isThere = pathOf(some, same).length === path.length;
    const mustBe = isWithin(whole, box, inside) || box === 0 || whole.total[0]![whole.parent[box]!]! >= least;
    if (mustBe) assert.ok(isThere, `box ${box} is missing`);
    if (isThere) assert.equal(some.total[0]![same], whole.total[0]![box]);
  }
});

test('the layout keeps its promises', () => {
  const written = grown(6_000);
  const sum = written.amounts.reduce((a, b) => a + b);
  for (const options of [PLAIN, COLLAPSED]) {
    for (const layout of [topDown(written, options), bottomUp(written, options)]) {
      assert.equal(layout.total[0]![0], sum);
      for (let box = 0; box < layout.count; box++) {
        const first = layout.firstChild[box]!;
        const end = layout.firstChild[box + 1]!;
        let inside = layout.own[0]![box]!;
        for (let child = first; child < end; child++) {
          assert.equal(layout.parent[child], box);
          assert.equal(levelOf(layout, child), levelOf(layout, box) + 1);
          inside += layout.total[0]![child]!;
          if (child > first) assert.ok(layout.total[0]![child]! <= layout.total[0]![child - 1]!);
        }
        assert.equal(inside, layout.total[0]![box]);
      }
    }
  }
});

test('children of one box stand in falling order, equal ones as they were met, however many there are', () => {
  for (const count of [2, 32, 33, 500]) {
    const amounts = Array.from({ length: count }, (_, i) => 2 ** 40 + ((i * 7919) % 101));
    const layout = topDown(stacks(['root 1', ...amounts.map((amount, i) => `  f${i} ${amount}`)].join('\n')), PLAIN);
    const expected = amounts.map((amount, i) => ({ amount, key: i + 1 })).sort((a, b) => b.amount - a.amount);
    assert.deepEqual(
      Array.from(layout.key.subarray(2)),
      expected.map(({ key }) => key),
    );
  }
});

test('collapsed, no path holds a function twice, and each function has the same total both ways', () => {
  const written = grown(3_000);
  const inclusive = (layout: Layout): number[] => {
    const sums = new Array<number>(written.names.length).fill(0);
    for (let box = 1; box < layout.count; box++) {
      const path = pathOf(layout, box);
      assert.equal(new Set(path).size, path.length);
      sums[layout.key[box]!]! += layout.total[0]![box]!;
    }
    return sums;
  };
  assert.deepEqual(inclusive(topDown(written, COLLAPSED)), inclusive(bottomUp(written, COLLAPSED)));
});

test('the visible boxes of a level cover what the level covers, in few visits', () => {
  const layout = topDown(grown(6_000), PLAIN);
  const whole = layout.total[0]![0]!;
  for (const [from, to] of [
    [0, whole],
    [whole / 3, whole / 2],
    [whole * 0.123, whole * 0.1231],
  ] as const) {
    const least = (to - from) / 500;
    for (let depth = 0; depth < depthOf(layout); depth++) {
      const seen = new Set<number>();
      let visits = 0;
      visitLevel(layout, depth, from, to, least, (first, last, start, end) => {
        visits++;
        for (let box = first; box <= last; box++) seen.add(box);
        assert.ok(first === last || end - start <= 2 * least);
      });
      assert.ok(visits <= 1002, `${visits} visits`);
      for (let box = layout.level[depth]!; box < layout.level[depth + 1]!; box++) {
        const visible = layout.start[box]! + layout.total[0]![box]! > from && layout.start[box]! < to;
        if (visible) assert.ok(seen.has(box), `box ${box} of level ${depth} is not visited`);
      }
    }
  }
});

test('the box under a point', () => {
  const written = stacks(PROGRAM);
  const layout = topDown(written, PLAIN);
  const nameAt = (depth: number, x: number): string | null => {
    const box = boxAt(layout, depth, x);
    return box === null ? null : box === 0 ? 'all' : written.names[layout.key[box]!]!;
  };
  assert.equal(nameAt(0, 10), 'all');
  assert.equal(nameAt(2, 299), 'save');
  assert.equal(nameAt(2, 300), 'load');
  assert.equal(nameAt(3, 301), 'split');
  assert.equal(nameAt(4, 100), null);
  assert.equal(nameAt(3, 432), null);
  assert.equal(nameAt(9, 0), null);
});

test('a search adds up what matches, and nothing twice', () => {
  const written = stacks(PROGRAM);
  const layout = topDown(written, PLAIN);
  const find = (text: string): [number, number] => {
    const { boxes, total } = search(layout, written.names.length, (key) => written.names[key]!, text);
    return [boxes, total];
  };
  assert.deepEqual(find('alloc'), [3, 325]);
  assert.deepEqual(find('load|alloc'), [4, 433]);
  assert.deepEqual(find('LOAD'), [0, 0]);
  assert.deepEqual(find('^lo'), [1, 133]);
  assert.deepEqual(find('('), [0, 0]);
});

test('going through matches comes around', () => {
  const written = stacks(PROGRAM);
  const layout = topDown(written, PLAIN);
  const found = search(layout, written.names.length, (key) => written.names[key]!, 'alloc');
  const met = [];
  for (let box = 0, i = 0; i < 4; i++) met.push((box = nextMatch(layout, found, box, 1)!));
  assert.equal(met[3], met[0]);
  assert.equal(nextMatch(layout, found, met[0]!, -1), met[2]);
  assert.equal(
    nextMatch(
      layout,
      search(layout, 6, () => '', 'x'),
      0,
      1,
    ),
    null,
  );
});

test('zooming has a history, and follows its box when amounts change', () => {
  const written = stacks(PROGRAM);
  const layout = topDown(written, PLAIN);
  const load = boxOfPath(
    layout,
    [0, 1].map((_, i) => written.names.indexOf(['main', 'load'][i]!)),
  );
  const zoom = new ZoomHistory();
  zoom.go(viewOfBox(layout, load));
  assert.deepEqual([zoom.view.x0, zoom.view.x1], [300 / 433, 1]);
  zoom.go(WHOLE);
  zoom.back();
  assert.equal(zoom.view.path.length, 2);
  assert.ok(zoom.canGoForward && zoom.canGoBack);
  written.amounts[7] = 100; // save's alloc
  zoom.follow(topDown(written, PLAIN));
  assert.ok(zoom.view.x0 === 0 || zoom.view.x0 > 0.4);
  zoom.back();
  assert.equal(zoom.view, WHOLE);
  assert.equal(zoom.canGoBack, false);
  assert.ok(isWithin(layout, load, 0) && !isWithin(layout, 0, load));
});

test('zooming by hand stays within the whole', () => {
  const near = scaled(WHOLE, 0.5, 0.9);
  assert.ok(Math.abs(near.x0 - 0.45) < 1e-9 && Math.abs(near.x1 - 0.95) < 1e-9);
  assert.equal(moved(near, 1).x1, 1);
  assert.equal(moved(near, -1).x0, 0);
  assert.equal(scaled(near, 4, 0.5), WHOLE);
});

test('names are shortened to what fits', () => {
  assert.deepEqual(shorterForms('std::vector<Row, std::allocator<Row> >::push_back(Row const&) const'), [
    'std::vector<Row, std::allocator<Row> >::push_back(Row const&) const',
    'std::vector<Row, std::allocator<Row> >::push_back',
    'std::vector::push_back',
    'push_back',
  ]);
  assert.deepEqual(shorterForms('operator new(unsigned long)'), ['operator new(unsigned long)', 'operator new']);
  assert.deepEqual(shorterForms('Set::operator<(Set const&)'), ['Set::operator<(Set const&)', 'Set::operator<']);
  assert.deepEqual(shorterForms('_PyObject_Malloc'), ['_PyObject_Malloc']);
  assert.deepEqual(shorterForms('<alloc::vec::Vec<T> as core::Clone>::clone').length, 2);
  const labels = new LabelFitter((text) => text.length * 7);
  assert.equal(labels.fit('table::parse(line)', 200), 'table::parse(line)');
  assert.equal(labels.fit('table::parse(line)', 90), 'table::parse');
  assert.equal(labels.fit('table::parse(line)', 40), 'parse');
  assert.equal(labels.fit('table::parse(line)', 28), 'par…');
  assert.equal(labels.fit('table::parse(line)', 13), '');
  const widthOf = (letter: string): number => (/[A-Z…]/.test(letter) ? 12 : 4);
  const uneven = new LabelFitter((text) => [...text].reduce((sum, letter) => sum + widthOf(letter), 0));
  assert.equal(uneven.fit('WWWWiiiiiiiiiiii', 60), 'WWWW…', 'wide letters at the beginning, and a wide ellipsis');
});
