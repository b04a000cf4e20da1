// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atCommonTimes } from './common_times';

test('each curve keeps its own points, and is the line between them at those of the other', () => {
  const aligned = atCommonTimes([
    { times: [0, 10, 40], values: [0, 100, 400] },
    { times: [5, 10, 20], values: [7, 9, 29] },
  ]);
  assert.deepEqual(aligned.times, [0, 5, 10, 20, 40]);
  assert.deepEqual(aligned.values, [
    [0, 50, 100, 200, 400],
    [null, 7, 9, 29, null],
  ]);
});

test('what is not known at a moment stays so, and an empty curve is nowhere', () => {
  const aligned = atCommonTimes([
    { times: [0, 10, 20, 30], values: [1, null, 3, 5] },
    { times: [], values: [] },
    { times: [15, 25], values: [0, 0] },
  ]);
  assert.deepEqual(aligned.times, [0, 10, 15, 20, 25, 30]);
  assert.deepEqual(aligned.values, [
    [1, null, null, 3, 4, 5],
    [null, null, null, null, null, null],
    [null, null, 0, 0, 0, null],
  ]);
});
