// SPDX-License-Identifier: MIT
// Answers from the server that served this page.

import { Container } from './container';
import type { Asked, DataSource } from './data_source';
import { parseExact } from './json_exact';
import type { Facts, Histogram, Recordings, ThreadCosts, Timeline } from './types';

export class HttpSource implements DataSource {
  readonly mode = 'server';

  recordings(): Promise<Recordings> {
    return json('api/recordings') as Promise<Recordings>;
  }
  facts(id: number): Promise<Facts> {
    return json(`api/${id}/facts`) as Promise<Facts>;
  }
  tables(id: number): Promise<Container> {
    return container(`api/${id}/tables`);
  }
  profile(id: number, asked: Asked, signal?: AbortSignal): Promise<Container> {
    return container(`api/${id}/profile${query(asked, { sparse: 1 })}`, signal);
  }
  history(id: number, points: number, asked: Asked, signal?: AbortSignal): Promise<Container> {
    return container(`api/${id}/history${query(asked, { points })}`, signal);
  }
  timeline(id: number, from: number, to: number, points: number, signal?: AbortSignal): Promise<Timeline> {
    return json(`api/${id}/timeline${query({ from, to }, { points })}`, signal) as Promise<Timeline>;
  }
  histogram(id: number, asked: Asked, signal?: AbortSignal): Promise<Histogram> {
    return json(`api/${id}/histogram${query(asked)}`, signal) as Promise<Histogram>;
  }
  threads(id: number, asked: Asked, signal?: AbortSignal): Promise<ThreadCosts[]> {
    return json(`api/${id}/threads${query(asked)}`, signal) as Promise<ThreadCosts[]>;
  }
  async source(id: number, file: string, signal?: AbortSignal): Promise<string> {
    return (await ask(`api/${id}/source?file=${encodeURIComponent(file)}`, signal)).text();
  }
  borders(): Promise<null> {
    return Promise.resolve(null);
  }
}

export function query(asked: Asked, more: Record<string, number> = {}): string {
  const words = new URLSearchParams();
  if (asked.from !== undefined) words.set('from', String(asked.from));
  if (asked.to !== undefined) words.set('to', String(asked.to));
  if (asked.aliveAt !== undefined) words.set('alive_at', String(asked.aliveAt));
  if (asked.size !== undefined) words.set('size', asked.size);
  if (asked.lifetime !== undefined) words.set('lifetime', asked.lifetime);
  for (const thread of asked.threads ?? []) words.append('thread', String(thread));
  if (asked.wholeGroup) words.set('whole_group', 'leaked');
  if (asked.times) words.set('times', '1');
  for (const [name, value] of Object.entries(more)) words.set(name, String(value));
  const text = words.toString();
  return text === '' ? '' : `?${text}`;
}

async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error(
      'heapwise does not answer: has `heapwise view` ended? Start it again, and open the page it prints.',
    );
  }
  if (response.ok) return response;
  let said = `${response.status} ${response.statusText}`;
  try {
    said = ((await response.json()) as { error: string }).error;
  } catch {
    // An answer without a sentence: its status has to do.
  }
  throw new Error(said);
}

async function json(path: string, signal?: AbortSignal): Promise<unknown> {
  return parseExact(await (await ask(path, signal)).text());
}

async function container(path: string, signal?: AbortSignal): Promise<Container> {
  return Container.decode(new Uint8Array(await (await ask(path, signal)).arrayBuffer()));
}
