// SPDX-License-Identifier: MIT
// Where the answers come from: a server, or the page itself. The rest of the UI knows only this.

import { Container } from './container';
import type { Facts, Histogram, Recordings, ThreadCosts, Timeline } from './types';

/** A question in the words of the server's query strings; see docs/http-api.md. */
export interface Asked {
  from?: number;
  to?: number;
  aliveAt?: number;
  size?: string;
  lifetime?: string;
  threads?: readonly number[];
  wholeGroup?: boolean;
  /** Wishes for the first and last allocation of each stack, which costs a look at every event. */
  times?: boolean;
}

export interface DataSource {
  readonly mode: 'server' | 'file';
  recordings(): Promise<Recordings>;
  facts(id: number): Promise<Facts>;
  tables(id: number): Promise<Container>;
  profile(id: number, asked: Asked, signal?: AbortSignal): Promise<Container>;
  history(id: number, points: number, asked: Asked, signal?: AbortSignal): Promise<Container>;
  timeline(id: number, from: number, to: number, points: number, signal?: AbortSignal): Promise<Timeline>;
  histogram(id: number, asked: Asked, signal?: AbortSignal): Promise<Histogram>;
  threads(id: number, asked: Asked, signal?: AbortSignal): Promise<ThreadCosts[]>;
  source(id: number, file: string, signal?: AbortSignal): Promise<string>;
  /** The only moments that ranges can begin and end at; null: any. */
  borders(id: number): Promise<Uint32Array | null>;
}

/** The question cannot be answered from here, and the sentence says why. */
export class NotAnswerable extends Error {}
