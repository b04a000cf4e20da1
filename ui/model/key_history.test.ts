// SPDX-License-Identifier: MIT
// Histories by key must be the sums of key_totals.ts at each moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeContainer, Container } from '../api/container';
import { buildCallTree } from './call_tree';
import { History } from './history';
import { neighbourHistories, totalsByKey } from './key_history';
import { calleesOf, callersOf, keyTotals, OUTSIDE } from './key_totals';
import { write } from './written';

const STACKS: [string, number][] = [
  ['main > parse > list', 1009],
  ['main > parse > parse > list', 2003],
  ['main > parse > list > parse', 4001],
  ['main > draw', 8009],
  ['other', 16001],
];
const written = write(STACKS.map(([stack, bytes]) => `${stack} | peak_bytes=${bytes}`).join('\n'));
const tree = buildCallTree(written.tables, { by: 'function', plumbing: 'shown', recursion: 'shown', hidden: null });
// At the first moment half of it was alive, at the second all.
const rows = STACKS.map(([stack, bytes]) => ({ row: written.row(stack), bytes })).sort((a, b) => a.row - b.row);
const history = new History(
  Container.decode(
    encodeContainer({
      point_ms: Uint32Array.of(0, 10),
      row: Uint32Array.from(rows.flatMap(({ row }) => [row, row])),
      point: Uint8Array.from(rows.flatMap(() => [0, 1])),
      bytes: Uint32Array.from(rows.flatMap(({ bytes }) => [Math.floor(bytes / 2), bytes])),
    }),
  ),
  written.tables.rowCount,
);

const atTheEnd = (series: Map<number, Float64Array>): Map<number, number> =>
  new Map([...series].map(([key, values]) => [key, values[1]!]));

test('a function that stands twice on a stack counts once', () => {
  const { total } = keyTotals(tree, written.answer, 'peak_bytes');
  const series = atTheEnd(totalsByKey(tree, history.of(tree)));
  for (let key = 0; key < tree.keyCount; key++) assert.equal(series.get(key) ?? 0, total.at(key), `key ${key}`);
  assert.equal(series.get(written.f('parse')), 1009 + 2003 + 4001);
});

test('callers and callees are those of the tables', () => {
  for (const name of ['main', 'parse', 'list', 'draw', 'other']) {
    const key = written.f(name);
    const { callers, callees } = neighbourHistories(tree, history.of(tree), key);
    for (const [found, series] of [
      [callersOf(tree, written.answer, 'peak_bytes', key), callers],
      [calleesOf(tree, written.answer, 'peak_bytes', key), callees],
    ] as const) {
      const wanted = new Map(Array.from(found.keys, (k, i) => [k, found.amounts.at(i)]));
      assert.deepEqual(atTheEnd(series), wanted, name);
    }
  }
  assert.deepEqual([...neighbourHistories(tree, history.of(tree), written.f('main')).callers.keys()], [OUTSIDE]);
});

test('nothing was ever alive: a column of zeros is left out', () => {
  const empty = { point_ms: Uint32Array.of(0, 1), row: new Uint32Array(), point: new Uint8Array() };
  const none = new History(Container.decode(encodeContainer(empty)), written.tables.rowCount);
  assert.deepEqual(Array.from(none.of(tree).inclusive(0)), [0, 0]);
  assert.equal(totalsByKey(tree, none.of(tree)).size, 0);
});

test('a history can be of the stacks alone that pass a filter', () => {
  const passes = new Uint8Array(written.tables.rowCount);
  passes[written.row('main > parse > list')] = 1;
  passes[written.row('other')] = 1;
  const series = history.of(tree, passes);
  assert.deepEqual(Array.from(series.inclusive(0)), [504 + 8000, 1009 + 16001]);
  assert.deepEqual(Array.from(history.of(tree).inclusive(0))[1], 1009 + 2003 + 4001 + 8009 + 16001);
});
