// SPDX-License-Identifier: MIT
// A comparison as a session: signed differences by stack, with filters, exact however large.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffSession } from './diff_session';
import type { Session } from './session';
import { START } from './state';
import { write } from './written';

/** As much of a session as a comparison asks. */
function sideOf(text: string): Session {
  const { tables, profile } = write(text);
  const side = { tables, profile: () => Promise.resolve(profile), source: {}, id: 0, facts: {}, borders: null };
  return side as unknown as Session;
}

const BEFORE = sideOf(`
  main@app.c:3 > load@load.c:10 | peak_bytes=1000 allocations=9
  main@app.c:4 > legacy@old.c:1 | peak_bytes=50 allocations=1
`);
const AFTER = sideOf(`
  main@app.c:7 > load@load.c:12 | peak_bytes=300 allocations=10
  main@app.c:8 > cache@cache.c:2 | peak_bytes=70 allocations=1152921504606846976
`);

test('each stack has its signed change, and sums are those of both sides', async () => {
  const session = DiffSession.compare(AFTER, BEFORE);
  const answer = await session.answer(START);
  const { tables } = session;
  const changes = new Map<string, bigint>();
  for (let row = 1; row < tables.rowCount; row++)
    changes.set(tables.name(tables.rowFunction[row]!), answer.row('peak_bytes').exact(row));
  assert.deepEqual(
    changes,
    new Map([
      ['main', 0n],
      ['load', -700n],
      ['cache', 70n],
      ['legacy', -50n],
    ]),
  );
  assert.equal(answer.total('peak_bytes'), -680n);
  assert.equal(answer.total('allocations'), 2n ** 60n);
  const { after, before } = session.compared(answer);
  assert.equal(after.total('peak_bytes'), 370n);
  assert.equal(before.total('peak_bytes'), 1050n);
});

test('filters hold for both sides', async () => {
  const session = DiffSession.compare(AFTER, BEFORE);
  const state = { ...START, filters: [{ subject: 'function' as const, negated: true, pattern: '^load$' }] };
  const answer = await session.answer(state);
  assert.equal(answer.total('peak_bytes'), 20n);
  assert.equal(session.compared(answer).before.total('peak_bytes'), 50n);
});

test('what one side does not know is not known', async () => {
  const session = DiffSession.compare(AFTER, sideOf('main@app.c:3 > load@load.c:10 | peak_bytes=1000'));
  const answer = await session.answer(START);
  assert.ok(answer.knows('peak_bytes'));
  assert.ok(!answer.knows('allocations'));
});
