// SPDX-License-Identifier: MIT
// What is said to grow without bound, and what is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from './growth';

const COUNT = 40;
const points = Uint32Array.from({ length: COUNT }, (_, i) => i * 100);
const series = (at: (i: number) => number): Float64Array => Float64Array.from({ length: COUNT }, (_, i) => at(i));

test('what rises all the time grows, and the reason tells whether anything was freed', () => {
  const rising = series((i) => i * 1024);
  assert.equal(growthOf(rising, points, false)?.grown, 17 * 1024);
  assert.match(
    growthOf(rising, points, false)!.reason,
    /17 of 17 steps.*20.0 KiB at 2.00 s, 37.0 KiB.*never|ever freed/,
  );
  assert.match(growthOf(rising, points, true)!.reason, /some of its blocks were freed/);
  const cleaned = series((i) => (i < COUNT - 1 ? i * 1024 : 0));
  assert.match(growthOf(cleaned, points, true)!.reason, /freed when the run ended/);
});

test('what is built once, goes up and down, or is seen too seldom does not grow', () => {
  assert.equal(
    growthOf(
      series(() => 5000),
      points,
      false,
    ),
    null,
  );
  assert.equal(
    growthOf(
      series((i) => Math.min(i, 22) * 1000),
      points,
      false,
    ),
    null,
  );
  assert.equal(
    growthOf(
      series((i) => i * 1000 - (i % 2) * 3000),
      points,
      true,
    ),
    null,
  );
  assert.equal(growthOf(Float64Array.from([1, 2, 3]), points.subarray(0, 3), false), null);
});
