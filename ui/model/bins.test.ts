// SPDX-License-Identifier: MIT
// Bins of histograms: what is shown, how it is called, and the filters made from them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bin } from '../api/types';
import { binRange, binTick, chosenBins, filterOf, usedBins } from './bins';

const bin = (min: number, max: number | null, count = 1): Bin => ({ min, max, count, bytes: 0 });
const NEVER: Bin = { ...bin(0, null, 3), never: true };
const SIZES = [bin(0, 0, 0), bin(1, 1), bin(2, 3, 0), bin(4, 7), bin(8, 15, 0)];

test('empty bins at the ends are left out, those between stay', () => {
  assert.deepEqual(usedBins(SIZES), SIZES.slice(1, 4));
  assert.deepEqual(usedBins([bin(0, 0, 0), NEVER]), [NEVER]);
  assert.deepEqual(usedBins([]), []);
});

test('ranges in words', () => {
  assert.equal(binRange(bin(16, 31), 'size'), '16 to 31 bytes');
  assert.equal(binRange(bin(1, 1), 'size'), '1 byte');
  assert.equal(binRange(bin(4096, null), 'size'), '4,096 bytes and more');
  assert.equal(binRange(bin(0, 0), 'lifetime'), 'less than 1 ms');
  assert.equal(binRange(bin(1024, 2047), 'lifetime'), '1.02 s to 2.05 s');
  assert.equal(binRange(NEVER, 'lifetime'), 'never freed');
});

test('ticks are short', () => {
  assert.deepEqual(
    [16, 1024, 4096, 2 ** 20].map((min) => binTick(bin(min, null), 'size')),
    ['16', '1 K', '4 K', '1 M'],
  );
  assert.deepEqual(
    [0, 8, 1024].map((min) => binTick(bin(min, null), 'lifetime')),
    ['<1 ms', '8 ms', '1 s'],
  );
  assert.equal(binTick(NEVER, 'lifetime'), 'never');
});

test('a filter made from bins chooses them again', () => {
  for (let first = 0; first < SIZES.length; first++)
    for (let last = first; last < SIZES.length; last++)
      assert.deepEqual(chosenBins(SIZES, filterOf(SIZES[first]!, SIZES[last]!)), { first, last });
  assert.equal(filterOf(bin(8, 15), NEVER), '8-');
  assert.equal(chosenBins(SIZES, null), null);
  assert.equal(chosenBins(SIZES, '99-100'), null);
});
