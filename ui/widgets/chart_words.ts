// SPDX-License-Identifier: MIT
// A time chart in words, for those who hear it: what it shows as a whole, and at one moment.

import { amountText, momentText } from '../model/format';
import type { Unit } from '../model/costs';

export interface WordedSeries {
  label: string;
  values: readonly (number | null)[];
  unit: Unit;
  per?: string;
}

/** "Live heap: from 1.00 KiB to 23.1 MiB, at most 105 MiB at 25.374 s. …" */
export function chartInWords(times: readonly number[], series: readonly WordedSeries[]): string {
  return series.map((s) => seriesInWords(times, s)).join(' ');
}

function seriesInWords(times: readonly number[], series: WordedSeries): string {
  const figure = (value: number): string => figureOf(series, value);
  const known = series.values.flatMap((value, i) => (value === null ? [] : [{ value, time: times[i]! }]));
  if (known.length === 0) return `${series.label}: not known.`;
  const most = known.reduce((best, point) => (point.value > best.value ? point : best));
  const [first, last] = [known[0]!, known[known.length - 1]!];
  const ends = `from ${figure(first.value)} to ${figure(last.value)}`;
  return `${series.label}: ${ends}, at most ${figure(most.value)} at ${momentText(most.time)}.`;
}

/** "25.374 s: Live heap 105 MiB, Resident (RSS) 207 MiB" */
export function momentInWords(time: number, index: number, series: readonly WordedSeries[]): string {
  const figures = series.map((s) => {
    const value = s.values[index] ?? null;
    return `${s.label} ${value === null ? 'not known' : figureOf(s, value)}`;
  });
  return `${momentText(time)}: ${figures.join(', ')}`;
}

function figureOf({ unit, per }: WordedSeries, value: number): string {
  return `${amountText(value, unit)}${per ?? ''}`;
}
