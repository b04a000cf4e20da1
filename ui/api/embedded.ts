// SPDX-License-Identifier: MIT
// Answers from the page itself: a file made by `heapwise html`.
//
// Each payload is the text of a <script type="application/octet-stream" id="api/0/…">, compressed and in base64.
// A whole-run question is answered by its payload. A range is answered from `slices`: K consecutive stretches of
// the run, each with sparse columns of what was allocated in it and what was alive at its end; so ranges begin
// and end at borders of slices, and what a range cannot tell is not among the answer's columns.

import { Container, encodeContainer, type Section } from './container';
import { NotAnswerable, type Asked, type DataSource } from './data_source';
import { parseExact } from './json_exact';
import type { Facts, Histogram, Recordings, ThreadCosts, Timeline } from './types';

const ROOT = 'api/recordings';

export function isFile(): boolean {
  return document.getElementById(ROOT) !== null;
}

export class EmbeddedSource implements DataSource {
  readonly mode = 'file';
  private readonly decoded = new Map<string, Promise<Uint8Array>>();

  recordings(): Promise<Recordings> {
    return this.json(ROOT) as Promise<Recordings>;
  }
  facts(id: number): Promise<Facts> {
    return this.json(`api/${id}/facts`) as Promise<Facts>;
  }
  tables(id: number): Promise<Container> {
    return this.container(`api/${id}/tables`);
  }
  async profile(id: number, asked: Asked): Promise<Container> {
    refuseBlocks(asked);
    if (asked.from === undefined && asked.to === undefined && asked.aliveAt === undefined)
      return this.container(`api/${id}/profile`);
    return rangeOf(await this.container(`api/${id}/slices`), asked);
  }
  history(id: number, _points: number, asked: Asked): Promise<Container> {
    refuseBlocks(asked);
    return this.container(`api/${id}/history`);
  }
  async timeline(id: number, from: number, to: number): Promise<Timeline> {
    const whole = (await this.json(`api/${id}/timeline`)) as Timeline;
    return stretchOf(whole, from, to);
  }
  histogram(id: number, asked: Asked): Promise<Histogram> {
    refuseBlocks(asked);
    refuseRange(asked, 'the histograms');
    return this.json(`api/${id}/histogram`) as Promise<Histogram>;
  }
  threads(id: number, asked: Asked): Promise<ThreadCosts[]> {
    refuseRange(asked, 'the threads');
    return this.json(`api/${id}/threads`) as Promise<ThreadCosts[]>;
  }
  source(): Promise<string> {
    return Promise.reject(
      new NotAnswerable('This page is a file without the source texts; `heapwise view` shows them.'),
    );
  }
  async borders(id: number): Promise<Uint32Array | null> {
    if (document.getElementById(`api/${id}/slices`) === null) return new Uint32Array();
    return (await this.container(`api/${id}/slices`)).u32('border_ms');
  }

  private bytes(path: string): Promise<Uint8Array> {
    let bytes = this.decoded.get(path);
    if (bytes === undefined) {
      bytes = inflate(path);
      this.decoded.set(path, bytes);
    }
    return bytes;
  }
  private async json(path: string): Promise<unknown> {
    return parseExact(new TextDecoder().decode(await this.bytes(path)));
  }
  private async container(path: string): Promise<Container> {
    return Container.decode(await this.bytes(path));
  }
}

async function inflate(path: string): Promise<Uint8Array> {
  const element = document.getElementById(path);
  if (element === null) throw new NotAnswerable('This file does not hold the answer; `heapwise view` has it.');
  const text = atob((element.textContent ?? '').trim());
  const packed = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const format = element.dataset['format'] === 'gzip' ? 'gzip' : 'deflate';
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function refuseBlocks(asked: Asked): void {
  if (asked.size || asked.lifetime || asked.threads?.length || asked.wholeGroup)
    throw new NotAnswerable(
      'A file cannot be filtered by size, lifetime, thread or whole group; open the recording with `heapwise view`.',
    );
}

function refuseRange(asked: Asked, what: string): void {
  if (asked.from !== undefined || asked.to !== undefined)
    throw new NotAnswerable(`A file knows ${what} of the whole run only; \`heapwise view\` knows every range.`);
}

/**
 * The profile of a range from slices: section border_ms u32 [K + 1], start u32 [K + 1] (slice k has the entries
 * start[k] .. start[k + 1]), and for each entry row, allocations, allocated_bytes, temporary of the slice, and
 * alive_blocks and alive_bytes at its end.
 */
export function rangeOf(slices: Container, asked: Asked): Container {
  const border = slices.u32('border_ms');
  const start = slices.u32('start');
  const row = slices.u32('row');
  const last = border.length - 1;
  const nearest = (time: number): number => {
    let best = 0;
    for (let k = 1; k <= last; k++) if (Math.abs(border[k]! - time) < Math.abs(border[best]! - time)) best = k;
    return best;
  };
  const begin = nearest(asked.from ?? 0);
  const end = Math.max(nearest(asked.to ?? border[last]!), begin);
  const moment = asked.aliveAt === undefined ? end : nearest(asked.aliveAt);
  const sums = new Map<number, bigint[]>();
  const add = (column: number, name: string, from: number, to: number): void => {
    const figures = slices.figures(name);
    for (let i = from; i < to; i++) {
      const figure = BigInt(figures[i]!);
      if (figure === 0n) continue;
      let entry = sums.get(row[i]!);
      if (entry === undefined) sums.set(row[i]!, (entry = COLUMNS.map(() => 0n)));
      entry[column]! += figure;
    }
  };
  COLUMNS.forEach((name, column) => {
    if (name.startsWith('alive')) {
      if (moment > 0) add(column, name, start[moment - 1]!, start[moment]!);
    } else add(column, name, start[begin]!, start[end]!);
  });
  const rows = Uint32Array.from([...sums.keys()].sort((a, b) => a - b));
  const sections: Record<string, Section> = { row: rows };
  const total: Record<string, string> = {};
  COLUMNS.forEach((name, column) => {
    const figures = BigUint64Array.from(rows, (r) => sums.get(r)![column]!);
    sections[name] = figures;
    total[name] = String(figures.reduce((a, b) => a + b, 0n));
  });
  const meta = {
    from_ms: border[begin],
    to_ms: border[end],
    alive_at_ms: border[moment],
    sum: total,
    known: COLUMNS,
  };
  return Container.decode(encodeContainer(sections, meta));
}

const COLUMNS = ['allocations', 'allocated_bytes', 'temporary', 'alive_blocks', 'alive_bytes'];

function stretchOf(whole: Timeline, from: number, to: number): Timeline {
  let first = 0;
  while (first + 1 < whole.time_ms.length && whole.time_ms[first + 1]! <= from) first++;
  let end = first;
  while (end < whole.time_ms.length && whole.time_ms[end]! < to) end++;
  const cut = <T>(values: T[]): T[] => values.slice(first, end);
  const before =
    first === 0
      ? { allocations: 0, allocated_bytes: 0 }
      : { allocations: whole.allocations[first - 1]!, allocated_bytes: whole.allocated_bytes[first - 1]! };
  return {
    time_ms: cut(whole.time_ms),
    live_bytes: cut(whole.live_bytes),
    live_blocks: cut(whole.live_blocks),
    peak_bytes: cut(whole.peak_bytes),
    allocations: cut(whole.allocations),
    allocated_bytes: cut(whole.allocated_bytes),
    rss_bytes: cut(whole.rss_bytes),
    before,
  };
}
