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
