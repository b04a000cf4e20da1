// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartInWords, momentInWords, type WordedSeries } from './chart_words';

const TIMES = [0, 500, 1_500, 2_000];
const LIVE: WordedSeries = { label: 'Live heap', values: [0, 2048, 1024, 512], unit: 'bytes' };
const RSS: WordedSeries = { label: 'Resident', values: [null, 4096, 4096, 4096], unit: 'bytes' };
const RATE: WordedSeries = { label: 'Calls', values: [0, 1234, 0, 0], unit: 'count', per: '/s' };

test('a chart is told by its ends and its highest point', () => {
  assert.equal(chartInWords(TIMES, [LIVE]), 'Live heap: from 0 B to 512 B, at most 2.00 KiB at 500 ms.');
  assert.equal(
    chartInWords(TIMES, [RSS, RATE]),
    'Resident: from 4.00 KiB to 4.00 KiB, at most 4.00 KiB at 500 ms. Calls: from 0/s to 0/s, at most ' +
      '1,234/s at 500 ms.',
  );
});

test('what is not known is not told as 0', () => {
  assert.equal(chartInWords(TIMES, [{ ...RSS, values: [null, null, null, null] }]), 'Resident: not known.');
  assert.equal(momentInWords(0, 0, [LIVE, RSS]), '0 ms: Live heap 0 B, Resident not known');
});

test('a moment has all figures', () => {
  assert.equal(momentInWords(1_500, 2, [LIVE, RATE]), '1.500 s: Live heap 1.00 KiB, Calls 0/s');
});
