// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Timeline } from '../api/types';
import { curvesOf, peaksOf } from './timeline';

function timeline(points: [time: number, live: number, allocated: number][], before = 0): Timeline {
  const column = (at: 0 | 1 | 2): number[] => points.map((point) => point[at]);
  const none = points.map(() => 0);
  return {
    time_ms: column(0),
    live_bytes: column(1),
    live_blocks: none,
    peak_bytes: column(1),
    allocations: none,
    allocated_bytes: column(2),
    rss_bytes: none,
    before: { live_bytes: before, live_blocks: 0, allocations: 0, allocated_bytes: before },
  };
}

test('levels stand at the ends of their stretches, after what was there before', () => {
  const points: [number, number, number][] = [
    [10, 500, 500],
    [20, 900, 900],
    [30, 100, 900],
  ];
  const curves = curvesOf(timeline(points, 40), 40);
  assert.deepEqual(curves.times, [10, 20, 30, 40]);
  assert.deepEqual(curves.live, [40, 500, 900, 100]);
  assert.deepEqual(curves.bytesPerSecond, [46_000, 46_000, 40_000, 0]);
  assert.deepEqual(curves.rss, [null, null, null, null], 'what was not measured is not 0');
});

test('a level that holds through a silence is reached at its beginning', () => {
  const points: [number, number, number][] = [
    [0, 100, 100],
    [10, 200, 200],
    [20, 50, 300],
    [120, 60, 310],
  ];
  const curves = curvesOf(timeline(points), 130);
  assert.deepEqual(curves.times, [0, 10, 20, 30, 40, 120, 130]);
  assert.deepEqual(curves.live, [0, 100, 200, 50, 50, 50, 60]);
  assert.deepEqual(curves.bytesPerSecond, [10_000, 10_000, 10_000, 10_000, 0, 0, 1_000]);
});

test('few points are as they were recorded: a short run is a row of steps', () => {
  const points: [number, number, number][] = [
    [0, 256, 256],
    [16, 333, 333],
    [19, 77, 333],
  ];
  const curves = curvesOf(timeline(points), 57);
  assert.deepEqual(curves.times, [0, 3, 6, 16, 19, 22, 25, 57]);
  assert.deepEqual(curves.live, [0, 256, 256, 256, 333, 77, 77, 77]);
});

test('what was higher within a stretch than at its ends is told', () => {
  const points: [number, number, number][] = [
    [0, 100, 100],
    [10, 200, 200],
    [20, 50, 300],
    [120, 60, 310],
  ];
  const told = { ...timeline(points), peak_bytes: [100, 777, 200, 60] };
  const curves = curvesOf(told, 130);
  assert.deepEqual(curves.live, [0, 100, 200, 50, 50, 50, 60]);
  assert.deepEqual(curves.highest, [0, 100, 777, 50, 50, 50, 60]);
  assert.deepEqual(peaksOf(curves), [null, 100, 777, 50, null, null, null]);
  assert.equal(peaksOf(curvesOf({ ...told, peak_bytes: [100, 200, 200, 60] }, 130)), null, 'it fell from 200');
  assert.equal(peaksOf(curvesOf({ ...told, peak_bytes: [100, 200, 200.9, 60] }, 130)), null, 'less than a pixel');
  const untold = curvesOf({ ...told, peak_bytes: [0, 0, 0, 0] }, 130);
  assert.deepEqual(untold.highest, untold.live, 'peaks that a file does not tell');
  assert.equal(peaksOf(untold), null);
});

test('an empty time line draws nothing', () => {
  assert.deepEqual(curvesOf(timeline([]), 100).times, []);
});
