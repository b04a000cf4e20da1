// SPDX-License-Identifier: MIT
// The bins of the histograms: which are worth showing, what they are called, and the filters that choose them.

import type { Bin } from '../api/types';
import { countText, durationText, exactBytes } from './format';

export type BinKind = 'size' | 'lifetime';

/** The bins from the first that holds something to the last; what never ended stays at the end. */
export function usedBins(bins: readonly Bin[]): Bin[] {
  const holds = (bin: Bin): boolean => BigInt(bin.count) !== 0n;
  const plain = bins.filter((bin) => bin.never !== true);
  const first = plain.findIndex(holds);
  const last = plain.findLastIndex(holds);
  const used = first < 0 ? [] : plain.slice(first, last + 1);
  return used.concat(bins.filter((bin) => bin.never === true && holds(bin)));
}

/** "16 to 31 bytes", "1 ms", "never freed". */
export function binRange(bin: Bin, kind: BinKind): string {
  if (bin.never === true) return 'never freed';
  const { min, max } = bin;
  if (kind === 'lifetime' && BigInt(min) === 0n && BigInt(max ?? 0) === 0n) return 'less than 1 ms';
  if (max === null) return `${endText(min, kind)} and more`;
  if (BigInt(min) === BigInt(max)) return endText(min, kind);
  return kind === 'size'
    ? `${countText(min)} to ${endText(max, kind)}`
    : `${endText(min, kind)} to ${endText(max, kind)}`;
}

function endText(end: number | bigint, kind: BinKind): string {
  return kind === 'size' ? exactBytes(end) : durationText(end);
}

/** What stands below a bin: "16", "4 K", "1 M"; "2 s". */
export function binTick(bin: Bin, kind: BinKind): string {
  if (bin.never === true) return 'never';
  if (kind === 'lifetime') {
    const ms = Number(bin.min);
    if (ms === 0) return '<1 ms';
    return ms < 1000 ? `${ms} ms` : durationText(ms).replace(/\.\d+/, '');
  }
  let value = Number(bin.min);
  const units = ['', ' K', ' M', ' G', ' T', ' P', ' E'];
  let unit = 0;
  while (value >= 1024 && unit + 1 < units.length) {
    value /= 1024;
    unit++;
  }
  return `${value}${units[unit]!}`;
}

/** The filter that keeps the blocks of these bins: MIN-MAX, where an end may be empty. */
export function filterOf(first: Bin, last: Bin): string {
  const from = first.never === true ? '' : String(first.min);
  const to = last.never === true || last.max === null ? '' : String(last.max);
  return `${from}-${to}`;
}

/** The bins that a filter chooses; null when there is none, or when it does not end at bins. */
export function chosenBins(bins: readonly Bin[], filter: string | null): { first: number; last: number } | null {
  if (filter === null) return null;
  const [from = '', to = ''] = filter.split('-');
  const first = bins.findIndex((bin) => from === '' || BigInt(bin.max ?? bin.min) >= BigInt(from));
  const last = bins.findLastIndex((bin) => to === '' || (bin.never !== true && BigInt(bin.min) <= BigInt(to)));
  return first < 0 || last < first ? null : { first, last };
}
