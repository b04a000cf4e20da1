// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts, ProgramMark } from '../api/types';
import { distinctMoments, marksOf, stretchAt, stretchesOf } from './program_marks';

const BIG = 9_007_199_254_740_993n; // 2^53 + 1

function mark(name: string, time_ms: number, allocations: number, bytes: number | bigint): ProgramMark {
  return { name, time_ms, tid: 1, live_bytes: 0, live_blocks: 0, allocations, allocated_bytes: bytes };
}

function facts(...marks: ProgramMark[]): Facts {
  return { marks, totals: { allocations: 100, allocated_bytes: BIG } } as unknown as Facts;
}

test('stretches go from mark to mark and to the end, with what was allocated in them', () => {
  const [load, save] = stretchesOf(facts(mark('load', 10, 20, 2_000), mark('save', 40, 90, 9_000n)), 55);
  assert.deepEqual([load!.from, load!.to, load!.allocations, load!.allocatedBytes], [10, 40, 70n, 7_000n]);
  assert.deepEqual([save!.from, save!.to, save!.next], [40, 55, null]);
  assert.deepEqual([save!.allocations, save!.allocatedBytes], [10n, BIG - 9_000n], 'exact past 2^53');
});

test('marks of several threads are put into the order of time', () => {
  const names = marksOf(facts(mark('c', 9, 3, 0), mark('b', 5, 2, 0), mark('a', 5, 1, 0))).map(({ name }) => name);
  assert.deepEqual(names, ['a', 'b', 'c']);
  assert.deepEqual(marksOf({ totals: {} } as unknown as Facts), [], 'an older file names none');
});

test('a moment is found in its stretch, never in an empty one', () => {
  const stretches = stretchesOf(facts(mark('a', 10, 0, 0), mark('b', 10, 0, 0), mark('c', 30, 0, 0)), 40);
  assert.equal(stretchAt(stretches, 9), null);
  assert.equal(stretchAt(stretches, 10)?.mark.name, 'b');
  assert.equal(stretchAt(stretches, 39)?.mark.name, 'c');
});

test('generations are made of distinct moments, evenly where there are too many', () => {
  const many = Array.from({ length: 101 }, (_, i) => mark(`request ${i}`, i, i, 0));
  assert.deepEqual(distinctMoments(facts(...many, mark('again', 100, 101, 0)), 3), [1, 51, 100]);
  assert.deepEqual(distinctMoments(facts(mark('a', 4, 0, 0), mark('b', 4, 0, 0)), 26), [4]);
});
