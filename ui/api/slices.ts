// SPDX-License-Identifier: MIT
// The profile of a range from slices: consecutive stretches of the run, each with what happened in it.
//
// Sections: border_ms u32 [K + 1]; start u32 [K + 1], slice k has the entries start[k] .. start[k + 1]; and for each
// entry its row and the figures of the slice, whose columns are missing where all are zero. So ranges begin and end
// at borders, and what is alive at a border is what was allocated before it less what was freed.

import { Container, encodeContainer, type Section } from './container';
import type { Asked } from './data_source';

const EVENTS = ['allocations', 'allocated_bytes', 'temporary', 'temporary_bytes', 'freed_blocks', 'freed_bytes'];
const ALIVE = [
  ['alive_blocks', 'allocations', 'freed_blocks'],
  ['alive_bytes', 'allocated_bytes', 'freed_bytes'],
] as const;

type Sums = Float64Array | BigUint64Array;

export function rangeOf(slices: Container, asked: Asked): Container {
  const border = slices.u32('border_ms');
  const start = slices.u32('start');
  const last = border.length - 1;
  const begin = nearestBorder(border, asked.from ?? 0);
  const end = Math.max(nearestBorder(border, asked.to ?? border[last]!), begin);
  const moment = asked.aliveAt === undefined ? end : nearestBorder(border, asked.aliveAt);

  const columns = new Map<string, Sums>();
  for (const name of EVENTS) columns.set(name, sumsOf(slices, name, start[begin]!, start[end]!));
  for (const [name, more, less] of ALIVE)
    columns.set(name, difference(sumsOf(slices, more, 0, start[moment]!), sumsOf(slices, less, 0, start[moment]!)));

  const rows: number[] = [];
  for (let row = 0; row < rowCount(slices); row++)
    for (const sums of columns.values())
      if (sums[row]) {
        rows.push(row);
        break;
      }
  const sections: Record<string, Section> = { row: Uint32Array.from(rows) };
  const sum: Record<string, string> = {};
  for (const [name, sums] of columns) {
    sections[name] = BigUint64Array.from(rows, (row) => BigInt(sums[row]!));
    sum[name] = String(total(sums));
  }
  const meta = {
    from_ms: border[begin],
    to_ms: border[end],
    alive_at_ms: border[moment],
    sum,
    all: sum,
    known: [...columns.keys()],
  };
  return Container.decode(encodeContainer(sections, meta));
}

/** The index of the border that is nearest to a time. */
export function nearestBorder(border: Uint32Array, time: number): number {
  let best = 0;
  for (let k = 1; k < border.length; k++)
    if (Math.abs(border[k]! - time) < Math.abs(border[best]! - time)) best = k;
  return best;
}

function rowCount(slices: Container): number {
  let most = -1;
  for (const row of slices.u32('row')) most = Math.max(most, row);
  return most + 1;
}

/** Sums by row of some entries; as plain numbers, which are fast, as long as all of them together stay exact. */
function sumsOf(slices: Container, name: string, from: number, to: number): Sums {
  const row = slices.u32('row');
  const count = rowCount(slices);
  if (!slices.has(name)) return new Float64Array(count);
  const figures = slices.figures(name);
  const sums = new Float64Array(count);
  let all = 0;
  for (let i = from; i < to; i++) {
    const figure = Number(figures[i]!);
    sums[row[i]!]! += figure;
    all += figure;
  }
  if (all <= Number.MAX_SAFE_INTEGER) return sums;
  const exact = new BigUint64Array(count);
  for (let i = from; i < to; i++) exact[row[i]!]! += BigInt(figures[i]!);
  return exact;
}

function difference(more: Sums, less: Sums): Sums {
  if (more instanceof Float64Array && less instanceof Float64Array) return more.map((n, row) => n - less[row]!);
  return new BigUint64Array(more.length).map((_, row) => BigInt(more[row]!) - BigInt(less[row]!));
}

function total(sums: Sums): bigint {
  let all = 0n;
  for (const n of sums) if (n) all += BigInt(n);
  return all;
}
