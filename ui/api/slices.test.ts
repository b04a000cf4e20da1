// SPDX-License-Identifier: MIT
// Ranges from slices, and the encodings of packed columns.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Container, encodeContainer } from './container';
import { rangeOf } from './slices';

// Three slices of ten milliseconds: row 1 allocates and frees, row 2 allocates 2^53 bytes at a time.
const HUGE = 2n ** 53n;
const SLICES = Container.decode(
  encodeContainer({
    border_ms: Uint32Array.of(0, 10, 20, 30),
    start: Uint32Array.of(0, 1, 3, 4),
    row: Uint32Array.of(1, 1, 2, 2),
    allocations: Uint32Array.of(3, 1, 1, 1),
    allocated_bytes: BigUint64Array.of(30n, 10n, HUGE, HUGE + 1n),
    freed_blocks: Uint32Array.of(1, 3, 0, 1),
    freed_bytes: BigUint64Array.of(10n, 30n, 0n, HUGE),
  }),
);

function figuresOf(profile: Container, name: string): Record<string, string> {
  const figures = profile.figures(name);
  return Object.fromEntries([...profile.u32('row')].map((row, i) => [row, String(figures[i])]));
}

test('the whole is the sum of all slices, exact past 2^53', () => {
  const whole = rangeOf(SLICES, {});
  assert.deepEqual(figuresOf(whole, 'allocations'), { 1: '4', 2: '2' });
  assert.deepEqual(figuresOf(whole, 'allocated_bytes'), { 1: '40', 2: String(2n * HUGE + 1n) });
  assert.deepEqual(figuresOf(whole, 'alive_bytes'), { 1: '0', 2: String(HUGE + 1n) });
  assert.equal((whole.meta['sum'] as Record<string, string>)['allocated_bytes'], String(2n * HUGE + 41n));
});

test('a range is that between the nearest borders, alive counts from the start of the run', () => {
  const middle = rangeOf(SLICES, { from: 9, to: 22 });
  assert.deepEqual([middle.meta['from_ms'], middle.meta['to_ms']], [10, 20]);
  assert.deepEqual(figuresOf(middle, 'allocations'), { 1: '1', 2: '1' });
  assert.deepEqual(figuresOf(middle, 'freed_blocks'), { 1: '3', 2: '0' });
  assert.deepEqual(figuresOf(middle, 'alive_blocks'), { 1: '0', 2: '1' });
  const early = rangeOf(SLICES, { from: 20, aliveAt: 10 });
  assert.deepEqual(figuresOf(early, 'alive_bytes'), { 1: '20', 2: '0' });
});

test('columns that a file leaves out are zero', () => {
  assert.deepEqual(figuresOf(rangeOf(SLICES, {}), 'temporary'), { 1: '0', 2: '0' });
});

test('distances and deltas are decoded', () => {
  const bytes = encodeContainer({ parent: Uint32Array.of(0, 1, 1, 3), row: Uint32Array.of(5, 2, 0xffffffff) });
  const text = new TextDecoder('latin1').decode(bytes);
  const packed = text
    .replace('"parent","type":"u32"', '"parent","type":"u32","encoding":"distance"')
    .replace('"row","type":"u32"', '"row","type":"u32","encoding":"delta"');
  const added = Math.ceil((packed.length - text.length) / 8) * 8;
  const padded = packed.replace('"meta":{}}', '"meta":{}}' + ' '.repeat(added - (packed.length - text.length)));
  const out = Uint8Array.from(padded, (letter) => letter.charCodeAt(0));
  const view = new DataView(out.buffer);
  view.setUint32(4, view.getUint32(4, true) + added, true);
  const container = Container.decode(out);
  assert.deepEqual([...container.u32('parent')], [0, 0, 1, 0]);
  assert.deepEqual([...container.u32('row')], [5, 7, 6]);
});
