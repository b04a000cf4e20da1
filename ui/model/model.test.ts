// SPDX-License-Identifier: MIT
// Trees, totals, callers and filters, on recordings written as text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answer } from './answer';
import { bottomUpAmount, bottomUpChildren, bottomUpRoots, type BottomUpNode } from './bottom_up';
import { buildCallTree, type CallTree, type TreeOptions } from './call_tree';
import { calleesOf, callersOf, keySelf, keyTotals, OUTSIDE, type Neighbours } from './key_totals';
import type { NodeAmounts } from './node_amounts';
import { exactly, hiddenFunctions, passingRows, readable } from './stack_filter';
import { write, type Written } from './written';

const PLAIN: TreeOptions = { by: 'function', plumbing: 'shown', recursion: 'shown', hidden: null };

const PROGRAM = `
  _start > main > parse@p.c:10 > std::vector::push > operator new | peak_bytes=100 allocations=10
  _start > main > parse@p.c:20 > operator new | peak_bytes=7 allocations=1
  _start > main > eval > eval > value | peak_bytes=1000 allocations=3
  _start > main > eval > print | peak_bytes=50 allocations=2
  _start > operator new | peak_bytes=3 allocations=1
`;

const ofNodes = (tree: CallTree, amounts: NodeAmounts): number[] =>
  Array.from(tree.parent, (_, node) => amounts.at(node));

/** The tree as text: "name inclusive(own)", callees indented below, in the order of the recording. */
function drawn(written: Written, tree: CallTree): string[] {
  const own = written.answer.own(tree, 'peak_bytes');
  const inclusive = written.answer.inclusive(tree, 'peak_bytes');
  const lines: string[] = [];
  const visit = (node: number, margin: string): void => {
    for (const child of tree.childrenOf(node)) {
      if (inclusive.at(child) === 0) continue;
      const name = written.tables.name(tree.key[child]!);
      lines.push(`${margin}${name} ${inclusive.at(child)}(${own.at(child)})`);
      visit(child, margin + ' ');
    }
  };
  visit(0, '');
  return lines;
}

function named(written: Written, { keys, amounts }: Neighbours): Record<string, number> {
  const pairs = [...keys].map((key, i) => [key === OUTSIDE ? '-' : written.tables.name(key), amounts.at(i)] as const);
  return Object.fromEntries(pairs);
}

test('a tree by function merges lines and adds up what is below', () => {
  const written = write(PROGRAM);
  assert.deepEqual(drawn(written, buildCallTree(written.tables, PLAIN)), [
    '_start 1160(0)',
    ' main 1157(0)',
    '  parse 107(0)',
    '   std::vector::push 100(0)',
    '    operator new 100(100)',
    '   operator new 7(7)',
    '  eval 1050(0)',
    '   eval 1000(0)',
    '    value 1000(1000)',
    '   print 50(50)',
    ' operator new 3(3)',
  ]);
});

test('hidden plumbing counts for its caller, and stays where it has none', () => {
  const written = write(PROGRAM);
  assert.deepEqual(drawn(written, buildCallTree(written.tables, { ...PLAIN, plumbing: 'hidden' })), [
    '_start 3(0)',
    ' operator new 3(3)',
    'main 1157(0)',
    ' parse 107(107)',
    ' eval 1050(0)',
    '  eval 1000(0)',
    '   value 1000(1000)',
    '  print 50(50)',
  ]);
});

test('collapsed recursion goes back to the first entry', () => {
  const written = write(`
    main > a > b > a > c | peak_bytes=5
    main > a > c | peak_bytes=2
    main > a > a > a | peak_bytes=1`);
  assert.deepEqual(drawn(written, buildCallTree(written.tables, { ...PLAIN, recursion: 'collapsed' })), [
    'main 8(0)',
    ' a 8(1)',
    '  c 7(7)',
  ]);
});

test('hidden functions leave their callees where they stood', () => {
  const written = write(PROGRAM);
  const hidden = hiddenFunctions(written.tables, ['^eval$'], []);
  const lines = drawn(written, buildCallTree(written.tables, { ...PLAIN, plumbing: 'hidden', hidden }));
  assert.ok(lines.includes(' value 1000(1000)') && lines.includes(' print 50(50)'));
  const only = hiddenFunctions(written.tables, [], ['^parse$', '^eval$']);
  assert.deepEqual(drawn(written, buildCallTree(written.tables, { ...PLAIN, hidden: only })), [
    'parse 107(107)',
    'eval 1050(50)',
    ' eval 1000(1000)',
  ]);
});

test('groups: by line, by file and by module', () => {
  const written = write(`
    main@m.c:1 > lib!f@l.c:5 > lib!g@l.c:9 | peak_bytes=4
    main@m.c:2 > lib!f@l.c:5 | peak_bytes=1`);
  const byLine = buildCallTree(written.tables, { ...PLAIN, by: 'line' });
  assert.deepEqual(ofNodes(byLine, written.answer.inclusive(byLine, 'peak_bytes')), [5, 4, 4, 4, 1, 1]);
  const byFile = buildCallTree(written.tables, { ...PLAIN, by: 'file' });
  assert.deepEqual(ofNodes(byFile, written.answer.inclusive(byFile, 'peak_bytes')), [5, 5, 5]);
  const byModule = buildCallTree(written.tables, { ...PLAIN, by: 'module' });
  assert.deepEqual(written.tables.modulePath(byModule.key[2]!), 'lib');
  assert.deepEqual(ofNodes(byModule, written.answer.own(byModule, 'peak_bytes')), [0, 0, 5]);
});

test('totals by function count a stack once, however often the function stands on it', () => {
  const written = write(PROGRAM);
  const tree = buildCallTree(written.tables, PLAIN);
  const { self, total } = keyTotals(tree, written.answer, 'peak_bytes');
  const of = (name: string): number[] => [self.at(written.f(name)), total.at(written.f(name))];
  assert.deepEqual(of('eval'), [0, 1050]);
  assert.deepEqual(of('main'), [0, 1157]);
  assert.deepEqual(of('operator new'), [110, 110]);
  assert.deepEqual(of('value'), [1000, 1000]);
});

test('what keys cost themselves comes from the rows at once, the root and filtered rows left out', () => {
  const written = write(`${PROGRAM}
    alone | peak_bytes=11
    main > value | peak_bytes=7 allocated_bytes=${2n ** 61n}`);
  for (const [by, plumbing] of [
    ['function', 'shown'],
    ['function', 'hidden'],
    ['module', 'shown'],
    ['line', 'hidden'],
  ] as const) {
    const hidden = new Uint8Array(written.tables.functionCount);
    hidden[written.f('alone')] = 1; // whose costs are then the root's
    const tree = buildCallTree(written.tables, { ...PLAIN, by, plumbing, hidden });
    const passes = new Uint8Array(written.tables.rowCount).fill(1);
    passes[2] = 0;
    for (const answer of [written.answer, new Answer(written.answer.profile, passes)])
      for (const cost of ['peak_bytes', 'allocated_bytes'] as const) {
        const { self } = keyTotals(tree, answer, cost);
        const keys = Array.from({ length: tree.keyCount }, (_, key) => key);
        const direct = keySelf(tree, answer, cost);
        assert.deepEqual(
          keys.map((key) => direct.exact(key)),
          keys.map((key) => self.exact(key)),
        );
      }
  }
});

test('callers add up to the total, callees and self too, with recursion', () => {
  const written = write(PROGRAM);
  const tree = buildCallTree(written.tables, PLAIN);
  const around = (name: string): [Record<string, number>, Record<string, number>] => [
    named(written, callersOf(tree, written.answer, 'peak_bytes', written.f(name))),
    named(written, calleesOf(tree, written.answer, 'peak_bytes', written.f(name))),
  ];
  assert.deepEqual(around('eval'), [{ main: 1050 }, { value: 1000, print: 50 }]);
  assert.deepEqual(around('operator new'), [{ 'std::vector::push': 100, parse: 7, _start: 3 }, {}]);
  assert.deepEqual(around('_start'), [{ '-': 1160 }, { main: 1157, 'operator new': 3 }]);

  const mutual = write(`
    a > b > a > c | peak_bytes=4
    a > b | peak_bytes=2
    a > b > a | peak_bytes=1`);
  const other = buildCallTree(mutual.tables, PLAIN);
  assert.deepEqual(named(mutual, calleesOf(other, mutual.answer, 'peak_bytes', mutual.f('a'))), { b: 2, c: 4 });
  assert.deepEqual(named(mutual, callersOf(other, mutual.answer, 'peak_bytes', mutual.f('a'))), { '-': 7 });
  assert.deepEqual(named(mutual, callersOf(other, mutual.answer, 'peak_bytes', mutual.f('b'))), { a: 7 });
});

test('bottom-up: each level adds up to the one before', () => {
  const written = write(PROGRAM);
  const tree = buildCallTree(written.tables, PLAIN);
  const own = written.answer.own(tree, 'peak_bytes');
  const lines: string[] = [];
  const visit = (nodes: BottomUpNode[], margin: string): void => {
    for (const node of nodes) {
      lines.push(`${margin}${written.tables.name(node.key)} ${bottomUpAmount(node, own).at(0)}`);
      visit(bottomUpChildren(tree, node), margin + ' ');
    }
  };
  visit(bottomUpRoots(tree, written.answer, ['peak_bytes']).slice(0, 1), '');
  assert.deepEqual(lines, [
    'operator new 110',
    ' std::vector::push 100',
    '  parse 100',
    '   main 100',
    '    _start 100',
    ' parse 7',
    '  main 7',
    '   _start 7',
    ' _start 3',
  ]);
});

test('filters keep stacks by their frames, and sums follow', () => {
  const written = write(PROGRAM);
  const total = (
    ...filters: { subject: 'function' | 'file' | 'module'; negated: boolean; pattern: string }[]
  ): bigint => new Answer(written.profile, passingRows(written.tables, filters)).total('peak_bytes');
  assert.equal(total(), 1160n);
  assert.equal(total({ subject: 'function', negated: false, pattern: '^parse$' }), 107n);
  assert.equal(total({ subject: 'function', negated: true, pattern: '^main$' }), 3n);
  assert.equal(
    total(
      { subject: 'file', negated: false, pattern: 'p\\.c' },
      { subject: 'function', negated: true, pattern: 'vector' },
    ),
    7n,
  );
  assert.equal(readable(exactly('operator new(unsigned long)')), 'operator new(unsigned long)');
  assert.equal(readable('^a|b$'), '^a|b$');
});

test('figures past 2^53 stay exact in every sum', () => {
  const big = 2n ** 60n + 1n;
  const written = write(`
    main > a | allocated_bytes=${big}
    main > b | allocated_bytes=${big}
    main > b > c | allocated_bytes=3`);
  const tree = buildCallTree(written.tables, PLAIN);
  const { total } = keyTotals(tree, written.answer, 'allocated_bytes');
  assert.equal(total.exact(written.f('main')), 2n * big + 3n);
  assert.equal(total.exact(written.f('b')), big + 3n);
  assert.equal(written.answer.total('allocated_bytes'), 2n * big + 3n);
});
