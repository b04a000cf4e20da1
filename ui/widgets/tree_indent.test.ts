// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indentOf } from './tree_indent';

test('each level is a step further in, up to a quarter of the column', () => {
  assert.deepEqual(indentOf(0, 300), { pixels: 8, isCut: false });
  assert.deepEqual(indentOf(1, 300), { pixels: 22, isCut: false });
  assert.deepEqual(indentOf(4, 300), { pixels: 64, isCut: false });
  assert.deepEqual(indentOf(5, 300), { pixels: 64, isCut: true });
  assert.deepEqual(indentOf(400, 300), { pixels: 64, isCut: true });
  assert.deepEqual(indentOf(15, 900), { pixels: 218, isCut: false });
});

test('a column without room has no steps; one that is not laid out yet has all', () => {
  assert.deepEqual(indentOf(3, 20), { pixels: 8, isCut: true });
  assert.deepEqual(indentOf(3, 0), { pixels: 50, isCut: false });
});
