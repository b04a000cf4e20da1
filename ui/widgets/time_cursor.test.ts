// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedBy, spannedBy, type TimeCursor } from './time_cursor';

const SPAN = { from: 0, to: 5_000, stops: null };

function after(keys: string, span: Parameters<typeof movedBy>[2] = SPAN): TimeCursor | null {
  let cursor: TimeCursor | null = { at: span.from, anchor: null };
  for (const word of keys.split(' ')) {
    const key = word.replace(/^[+.]*/, '');
    const next: TimeCursor | null = movedBy(
      key,
      cursor,
      span,
      word.includes('+') ? 'extend' : 'move',
      word.includes('.'),
    );
    if (next === null) return null;
    cursor = next;
  }
  return cursor;
}

test('arrows go a hundredth, pages a tenth, and no further than the ends', () => {
  assert.deepEqual(after('ArrowRight ArrowRight'), { at: 100, anchor: null });
  assert.deepEqual(after('PageUp ArrowLeft'), { at: 450, anchor: null });
  assert.deepEqual(after('.ArrowRight'), { at: 1, anchor: null });
  assert.deepEqual(after('End ArrowRight'), { at: 5_000, anchor: null });
  assert.deepEqual(after('ArrowLeft'), { at: 0, anchor: null });
  assert.equal(after('x'), null);
});

test('a short run moves by the millisecond', () => {
  assert.equal(after('ArrowRight', { from: 0, to: 7, stops: null })?.at, 1);
});

test('with Shift a range grows from where it began, in both directions', () => {
  assert.deepEqual(spannedBy(after('PageUp +ArrowRight +ArrowRight')!), { from: 500, to: 600 });
  assert.deepEqual(spannedBy(after('PageUp +PageDown')!), { from: 0, to: 500 });
  assert.equal(spannedBy(after('PageUp +ArrowRight +ArrowLeft')!), null);
  assert.equal(spannedBy(after('PageUp +ArrowRight ArrowRight')!), null, 'without Shift it is given up');
});

test('in a file the cursor goes from one of its moments to another', () => {
  const span = { from: 0, to: 5_000, stops: [0, 1_000, 2_100, 5_000] };
  assert.equal(after('ArrowRight', span)?.at, 1_000);
  assert.equal(after('ArrowRight ArrowRight ArrowLeft', span)?.at, 1_000);
  assert.equal(after('End ArrowLeft', span)?.at, 2_100);
  assert.deepEqual(spannedBy(after('ArrowRight +End', span)!), { from: 1_000, to: 5_000 });
});
