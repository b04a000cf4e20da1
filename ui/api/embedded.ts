// SPDX-License-Identifier: MIT
// Answers from the page itself: a file made by `heapwise html`.
//
// Each payload is the text of a <script type="application/octet-stream" id="api/0/…">, compressed and in base64.
// A whole-run question is answered by its payload. A range is answered from `slices`: K consecutive stretches of
// the run (slices.ts); so ranges begin and end at borders of slices, and what a range cannot tell is not among the
// answer's columns.

import { Container } from './container';
import { NotAnswerable, type Asked, type DataSource } from './data_source';
import { parseExact } from './json_exact';
import { rangeOf } from './slices';
import type { Facts, Histogram, Integer, Recordings, ThreadCosts, Timeline } from './types';

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

function stretchOf(whole: Timeline, from: number, to: number): Timeline {
  let first = 0;
  while (first + 1 < whole.time_ms.length && whole.time_ms[first + 1]! <= from) first++;
  let end = first;
  while (end < whole.time_ms.length && whole.time_ms[end]! < to) end++;
  const cut = <T>(values: T[]): T[] => values.slice(first, end);
  const last = (values: Integer[]): Integer => (first === 0 ? 0 : values[first - 1]!);
  const before = {
    live_bytes: last(whole.live_bytes),
    live_blocks: last(whole.live_blocks),
    allocations: last(whole.allocations),
    allocated_bytes: last(whole.allocated_bytes),
  };
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
