// SPDX-License-Identifier: MIT
// Figures as people read them. Binary units that say so; the exact figure belongs into a title beside it.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
export const UNKNOWN = 'not known';

type Figure = number | bigint;

/** "9.21 MiB": three digits. */
export function bytesText(bytes: Figure): string {
  let value = Number(bytes);
  const sign = value < 0 ? '−' : '';
  value = Math.abs(value);
  let unit = 0;
  while (value >= 999.5 && unit + 1 < UNITS.length) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return `${sign}${Math.round(value)} B`;
  return `${sign}${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} ${UNITS[unit]!}`;
}

/** "1,234,567". */
export function countText(count: Figure): string {
  const text = (typeof count === 'bigint' ? count : Math.round(count)).toString();
  const digits = text.replace('-', '').replace(/\B(?=(\d{3})+$)/g, ',');
  return text.startsWith('-') ? `−${digits}` : digits;
}

/** "1,234,567 bytes". */
export function exactBytes(bytes: Figure): string {
  return `${countText(bytes)} ${bytes === 1 || bytes === 1n ? 'byte' : 'bytes'}`;
}

export function amountText(amount: Figure, unit: 'bytes' | 'count'): string {
  return unit === 'bytes' ? bytesText(amount) : countText(amount);
}

/** The same of what changed: with its sign. */
export function changeText(amount: Figure, unit: 'bytes' | 'count'): string {
  return `${amount > 0 ? '+' : ''}${amountText(amount, unit)}`;
}

export function exactText(amount: Figure, unit: 'bytes' | 'count'): string {
  return unit === 'bytes' ? exactBytes(amount) : countText(amount);
}

/** "250 ms", "3.20 s", "2 min 05 s", "1 h 02 min". */
export function durationText(milliseconds: Figure): string {
  const ms = Number(milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** A moment of the run, exact to the millisecond: "1.234 s". */
export function momentText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(3)} s`;
}

/** "12.3 %", "<0.1 %". */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '';
  const share = (part / whole) * 100;
  if (share !== 0 && Math.abs(share) < 0.05) return '<0.1 %';
  return `${share.toFixed(1).replace('-', '−')} %`;
}

/** "1 block", "3 blocks". */
export function plural(count: Figure, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 || count === 1n ? one : many}`;
}
