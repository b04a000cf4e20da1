// SPDX-License-Identifier: MIT
// Costs by line: what a line allocates through wrappers is its own, and recursion counts once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineCosts } from './line_costs';
import { FLAG, NO_FRAME, Tables } from './tables';

const APP = 0;
const OTHER = 1;
const WRAPPER = 2;

/** Rows as [parent, function, line, amount]; functions are APP, OTHER (another file) and WRAPPER. */
function tablesOf(rows: [number, number, number, number][]): { tables: Tables; amounts: Float64Array } {
  const all: [number, number, number, number][] = [[0, 0, 0, 0], ...rows];
  const none = new Uint32Array(3);
  const tables = new Tables(
    new Uint8Array(1),
    { name: none, short: none, file: none, module: none, flags: Uint8Array.of(0, 0, FLAG.plumbing) },
    { path: new Uint32Array(1) },
    {
      function: Uint32Array.from(all, (row) => row[1]),
      line: Uint32Array.from(all, (row) => row[2]),
      flags: new Uint8Array(all.length),
    },
    {
      parent: Uint32Array.from(all, (row) => row[0]),
      frame: Uint32Array.from(all, (_, i) => (i === 0 ? NO_FRAME : i)),
    },
  );
  return { tables, amounts: Float64Array.from(all, (row) => row[3]) };
}

const IN_APP = Uint8Array.of(1, 0, 0);

test('what wrappers allocate is made by the line that called them', () => {
  const { tables, amounts } = tablesOf([
    [0, APP, 10, 0],
    [1, WRAPPER, 1, 100],
    [1, OTHER, 5, 7],
    [3, WRAPPER, 1, 1000],
    [0, APP, 12, 30],
  ]);
  assert.deepEqual(
    lineCosts(tables, amounts, IN_APP),
    new Map([
      [10, { made: 100, through: 1107 }],
      [12, { made: 30, through: 30 }],
    ]),
  );
});

test('a line that recurs counts once', () => {
  const { tables, amounts } = tablesOf([
    [0, APP, 10, 1],
    [1, OTHER, 3, 10],
    [2, APP, 10, 100],
    [3, APP, 11, 1000],
  ]);
  assert.deepEqual(
    lineCosts(tables, amounts, IN_APP),
    new Map([
      [10, { made: 101, through: 1111 }],
      [11, { made: 1000, through: 1000 }],
    ]),
  );
});
