// SPDX-License-Identifier: MIT
// Matching two recordings: two builds of a program, written as text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOf, changeShare, matchedColumn } from './diff_change';
import { functionNameKey, matchTables, moduleKey } from './diff_match';
import { FLAG, NO_FRAME, Tables } from './tables';

/**
 * Tables from stacks as lines of "function file:line module", outermost first, separated by " > ".
 * Functions that begin with "?" have no name. `at` finds the row of a whole stack.
 */
function tablesOf(stacks: string[]): { tables: Tables; at: (stack: string) => number } {
  const bytes: number[] = [];
  const offsets = new Map<string, number>();
  const string = (text: string): number => {
    if (!offsets.has(text)) {
      offsets.set(text, bytes.length);
      bytes.push(...new TextEncoder().encode(text), 0);
    }
    return offsets.get(text)!;
  };
  const modules: string[] = [];
  const functions: string[] = [];
  const frames: string[] = [];
  const rows = [''];
  const parents = [0];
  const rowFrames = [NO_FRAME];
  const indexIn = (list: string[], text: string): number => {
    if (!list.includes(text)) list.push(text);
    return list.indexOf(text);
  };
  for (const stack of stacks) {
    let path = '';
    let parent = 0;
    for (const frame of stack.split(' > ')) {
      path += ` > ${frame}`;
      const [name, place, module] = frame.split(' ') as [string, string, string];
      indexIn(modules, module);
      indexIn(functions, `${name} ${place.split(':')[0]} ${module}`);
      indexIn(frames, frame);
      if (!rows.includes(path)) {
        rows.push(path);
        parents.push(parent);
        rowFrames.push(frames.indexOf(frame));
      }
      parent = rows.indexOf(path);
    }
  }
  const parts = functions.map((text) => text.split(' ') as [string, string, string]);
  const functionTable = {
    name: Uint32Array.from(parts, ([name]) => string(name)),
    short: Uint32Array.from(parts, ([name]) => string(name)),
    file: Uint32Array.from(parts, ([, file]) => string(file)),
    module: Uint32Array.from(parts, ([, , module]) => modules.indexOf(module)),
    flags: Uint8Array.from(parts, ([name]) => (name.startsWith('?') ? FLAG.nameless : 0)),
  };
  const path = Uint32Array.from(modules, string);
  const frameTable = {
    function: Uint32Array.from(frames, (frame) => {
      const [name, place, module] = frame.split(' ') as [string, string, string];
      return functions.indexOf(`${name} ${place.split(':')[0]} ${module}`);
    }),
    line: Uint32Array.from(frames, (frame) => Number(frame.split(/[: ]/)[2])),
    flags: new Uint8Array(frames.length),
  };
  const rowTable = { parent: Uint32Array.from(parents), frame: Uint32Array.from(rowFrames) };
  const tables = new Tables(Uint8Array.from(bytes), functionTable, { path }, frameTable, rowTable);
  return { tables, at: (stack) => rows.indexOf(` > ${stack}`) };
}

function nameOf(tables: Tables, row: number): string {
  return tables.name(tables.rowFunction[row]!);
}

const BEFORE = tablesOf([
  'main /old/app.c:10 /old/app > load /old/load.c:5 /old/app > malloc /lib/a.c:1 /lib/libc.so.6',
  'main /old/app.c:10 /old/app > load /old/load.c:9 /old/app',
  'main /old/app.c:11 /old/app > legacy /old/legacy.c:3 /old/app',
  'main /old/app.c:11 /old/app > ?0x1234 :0 /usr/lib/libz.so.1.2',
]);
const AFTER = tablesOf([
  'main /new/app.c:20 /new/app > load.part.0 /new/load.c:7 /new/app > malloc /lib/a.c:1 /lib/libc.so.6',
  'main /new/app.c:22 /new/app > cache /new/cache.c:3 /new/app',
  'main /new/app.c:22 /new/app > ?0x9999 :0 /opt/lib/libz.so.1.3',
]);

test('stacks are the same when their functions are, whatever folders, lines and addresses', () => {
  const { tables, fromAfter, fromBefore } = matchTables(AFTER.tables, BEFORE.tables);
  const after = (stack: string): number => fromAfter[AFTER.at(stack)]!;
  const before = (stack: string): number => fromBefore[BEFORE.at(stack)]!;
  const load = after('main /new/app.c:20 /new/app > load.part.0 /new/load.c:7 /new/app');
  assert.equal(load, before('main /old/app.c:10 /old/app > load /old/load.c:5 /old/app'));
  assert.equal(load, before('main /old/app.c:10 /old/app > load /old/load.c:9 /old/app'));
  const unnamed = after('main /new/app.c:22 /new/app > ?0x9999 :0 /opt/lib/libz.so.1.3');
  assert.equal(unnamed, before('main /old/app.c:11 /old/app > ?0x1234 :0 /usr/lib/libz.so.1.2'));
  const names = Array.from(tables.rows.parent, (_, row) => (row === 0 ? '' : nameOf(tables, row)));
  assert.deepEqual(names.slice(1).sort(), ['?0x9999', 'cache', 'legacy', 'load.part.0', 'main', 'malloc']);
  tables.rows.parent.forEach((parent, row) => assert.ok(row === 0 || parent < row));
  assert.equal(tables.modules.path.length, 3);
});

test('a recording matched with itself has no changes', () => {
  const { tables, fromAfter, fromBefore } = matchTables(BEFORE.tables, BEFORE.tables);
  assert.deepEqual(fromAfter, fromBefore);
  assert.equal(tables.rows.parent.length, 6);
});

test('figures of rows that become one add up, exactly', () => {
  const huge = 2n ** 60n;
  const matched = Uint32Array.of(0, 1, 1, 1, 2);
  const sums = matchedColumn(Uint32Array.of(1, 3, 4), BigUint64Array.of(huge, 1n, 7n), matched, 3);
  assert.deepEqual([...sums], [0n, huge + 1n, 7n]);
});

test('changes in words and shares', () => {
  assert.deepEqual(
    [
      [0n, 5n],
      [5n, 0n],
      [5n, 6n],
      [6n, 5n],
      [0n, 0n],
      [9n, 9n],
    ].map(([a, b]) => changeOf(a!, b!)),
    ['new', 'gone', 'grown', 'shrunk', 'same', 'same'],
  );
  assert.equal(changeShare(1000n, 1125n), '+12.5 %');
  assert.equal(changeShare(1000n, 0n), '−100 %');
  assert.equal(changeShare(1_000_000n, 1_000_001n), '+<0.1 %');
  assert.equal(changeShare(0n, 5n), '');
  assert.equal(changeShare(2n ** 60n, 2n ** 61n), '+100 %');
  assert.equal(changeShare(1n, 3n), '+200 %');
});

test('what compilers append to names does not count', () => {
  assert.equal(functionNameKey('load.part.0.constprop.1'), 'load');
  assert.equal(functionNameKey('load(int) [clone .cold]'), 'load(int)');
  assert.equal(functionNameKey('csv::load::h0123456789abcdef'), 'csv::load');
  assert.equal(functionNameKey('operator<<'), 'operator<<');
  assert.equal(moduleKey('/usr/lib/libstdc++.so.6.0.30'), 'libstdc++.so');
});
