// SPDX-License-Identifier: MIT
// What became of a figure between two recordings, in a word and in signed numbers.

export type Change = 'new' | 'gone' | 'grown' | 'shrunk' | 'same';

export function changeOf(before: bigint, after: bigint): Change {
  if (before === after) return 'same';
  if (before === 0n) return 'new';
  if (after === 0n) return 'gone';
  return after > before ? 'grown' : 'shrunk';
}

/** "+12.5 %"; nothing where there was nothing before. The figures are exact, the percentage is rounded. */
export function changeShare(before: bigint, after: bigint): string {
  if (before === 0n) return '';
  const tenths = Number(((after - before) * 10_000n) / before) / 10;
  if (tenths === 0 && after !== before) return after > before ? '+<0.1 %' : '−<0.1 %';
  const digits = Math.abs(tenths) >= 1000 ? 0 : 1;
  const share = (Math.abs(tenths) / 10).toFixed(digits);
  return `${tenths < 0 ? '−' : '+'}${share} %`;
}

/** Sums a sparse column of one recording into the rows that both share. */
export function matchedColumn(
  row: Uint32Array,
  amounts: BigUint64Array,
  matched: Uint32Array,
  rowCount: number,
): BigUint64Array {
  const sums = new BigUint64Array(rowCount);
  for (let i = 0; i < row.length; i++) sums[matched[row[i]!]!]! += amounts[i]!;
  return sums;
}
