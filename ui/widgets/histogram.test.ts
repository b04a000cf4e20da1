// SPDX-License-Identifier: MIT
// How high the bars of a histogram are, and what a click chooses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterClick, gridLines, shareOf } from './histogram';

test('bars grow with the logarithm, nothing has no height, and the most fills all', () => {
  assert.equal(shareOf(0n, 100n, 'logarithmic'), 0);
  assert.equal(shareOf(0n, 0n, 'linear'), 0);
  assert.equal(shareOf(1023n, 1023n, 'logarithmic'), 1);
  assert.equal(shareOf(31n, 1023n, 'logarithmic'), 0.5);
  assert.equal(shareOf(1n, 1_000_000n, 'linear'), 0.01);
  assert.equal(shareOf(2n ** 62n, 2n ** 62n, 'logarithmic'), 1);
});

test('the lines across are few and round', () => {
  assert.deepEqual(gridLines(0n, 'logarithmic'), []);
  assert.deepEqual(gridLines(1n, 'linear'), [1n]);
  assert.deepEqual(gridLines(2_500n, 'logarithmic'), [10n, 100n, 1000n]);
  assert.deepEqual(gridLines(123_456_789n, 'logarithmic'), [100n, 10_000n, 1_000_000n, 100_000_000n]);
  assert.deepEqual(gridLines(1000n, 'linear'), [250n, 500n, 750n, 1000n]);
});

test('a click chooses, another one takes it back, Shift makes it a range', () => {
  assert.deepEqual(afterClick(null, 3, false), { first: 3, last: 3 });
  assert.equal(afterClick({ first: 3, last: 3 }, 3, false), null);
  assert.deepEqual(afterClick({ first: 3, last: 3 }, 7, true), { first: 3, last: 7 });
  assert.deepEqual(afterClick({ first: 3, last: 7 }, 1, true), { first: 1, last: 7 });
  assert.deepEqual(afterClick({ first: 3, last: 7 }, 3, false), { first: 3, last: 3 });
});
