// SPDX-License-Identifier: MIT
// Containers, exact JSON, and questions in query strings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Container, encodeContainer } from './container';
import { query } from './http';
import { parseExact } from './json_exact';

test('a container comes back, also from a place in memory that is no multiple of 8', () => {
  const big = 2n ** 63n + 7n;
  const sections = { a: Uint8Array.of(1, 2, 3), b: Uint32Array.of(7), c: BigUint64Array.of(big) };
  const bytes = encodeContainer(sections, { name: 'ß' });
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  for (const container of [Container.decode(bytes), Container.decode(moved.subarray(3))]) {
    assert.deepEqual([...container.u8('a')], [1, 2, 3]);
    assert.deepEqual([...container.figures('b')], [7]);
    assert.deepEqual([...container.figures('c')], [big]);
    assert.deepEqual(container.meta, { name: 'ß' });
    assert.throws(() => container.u32('a'), /section a/);
  }
});

test('a container that is cut or lies is refused', () => {
  const bytes = encodeContainer({ a: Uint32Array.of(1, 2, 3) });
  assert.throws(() => Container.decode(bytes.subarray(0, bytes.length - 8)), /not inside/);
  assert.throws(() => Container.decode(bytes.subarray(0, 12)), /header/);
  assert.throws(() => Container.decode(new Uint8Array(16)), /not a container/);
});

/** A container of one column as it is stored. */
function stored(type: string, encoding: string, count: number, bytes: number[]): Uint8Array {
  const section = { name: 'x', type, encoding, offset: 0, count, bytes: bytes.length };
  const plain = encodeContainer({ x: Uint8Array.from(bytes) }, {});
  const header = JSON.stringify({ sections: [section], meta: {} }).padEnd(200);
  const payload = plain.subarray(plain.length - Math.ceil(bytes.length / 8) * 8);
  const whole = new Uint8Array(8 + 200 + payload.length);
  whole.set(plain.subarray(0, 4));
  new DataView(whole.buffer).setUint32(4, 200, true);
  whole.set(new TextEncoder().encode(header), 8);
  whole.set(payload, 208);
  return whole;
}

test('columns that are sent in few bytes are unpacked', () => {
  const sparse = [0b10000001, 0b10, 5, 0xac, 0x02, 0xff, 0xff, 0xff, 0xff, 0x0f];
  const figures = Container.decode(stored('u32', 'sparse', 10, sparse));
  assert.deepEqual(figures.figures('x'), Uint32Array.of(5, 0, 0, 0, 0, 0, 0, 300, 0, 0xffffffff));
  const wide = Container.decode(stored('u64', 'sparse', 2, [0b10, ...Array<number>(9).fill(0x80), 0x01]));
  assert.deepEqual(wide.figures('x'), BigUint64Array.of(0n, 2n ** 63n));
  const rows = Container.decode(stored('u32', 'steps', 3, [0, 1, 0x80, 0x01]));
  assert.deepEqual(rows.u32('x'), Uint32Array.of(0, 1, 129));
  assert.throws(() => Container.decode(stored('u32', 'sparse', 20, [1])).figures('x'), /ends within a column/);
  assert.throws(() => Container.decode(stored('u32', 'steps', 1, [0x80])).u32('x'), /ends within a column/);
});

test('integers of JSON stay exact, and texts that look like them stay texts', () => {
  const parsed = parseExact(
    '{"a":18446744073709551615,"b":[9007199254740991,-9007199254740993],"c":"12345678901234567890","d":1.5}',
  );
  assert.deepEqual(parsed, {
    a: 18446744073709551615n,
    b: [9007199254740991, -9007199254740993n],
    c: '12345678901234567890',
    d: 1.5,
  });
});

test('a question becomes a query', () => {
  assert.equal(query({}), '');
  assert.equal(
    query({ from: 0, to: 9, aliveAt: 8, size: '1-', threads: [3, 4], wholeGroup: true, times: true }),
    '?from=0&to=9&alive_at=8&size=1-&thread=3&thread=4&whole_group=leaked&times=1',
  );
});
