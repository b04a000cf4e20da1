// SPDX-License-Identifier: MIT
// One recording as the views see it: its facts and tables, and the answers to questions, each asked once.

import type { Asked, DataSource } from '../api/data_source';
import type { Facts, Timeline } from '../api/types';
import { Answer } from './answer';
import { buildCallTree, type CallTree, type GroupBy, type TreeOptions } from './call_tree';
import { History } from './history';
import { Profile } from './profile';
import { hiddenFunctions, passingRows } from './stack_filter';
import { askedBy, type State } from './state';
import { Tables } from './tables';
import { onTheSpot, type Workshop } from './workshop';

const KEPT = 12; // of each kind of answer

export class Session {
  private readonly profiles = new Kept<Promise<Profile>>();
  private readonly histories = new Kept<Promise<History>>();
  private readonly historiesAtHand = new Kept<History>();
  private readonly timelines = new Kept<Promise<Timeline>>();
  private readonly answers = new Kept<Answer>();
  private readonly masks = new Kept<Uint8Array | null>();
  private readonly trees = new Kept<CallTree>();
  private readonly made = new Kept<Promise<void>>();
  private readonly numbers = new WeakMap<object, number>();
  private numbered = 0;

  protected constructor(
    readonly source: DataSource,
    readonly id: number,
    readonly facts: Facts,
    readonly tables: Tables,
    readonly borders: Uint32Array | null,
    readonly workshop: Workshop = onTheSpot,
  ) {}

  static async open(source: DataSource, id: number, workshop?: Workshop): Promise<Session> {
    const [facts, tables, borders] = await Promise.all([source.facts(id), source.tables(id), source.borders(id)]);
    return new Session(source, id, facts, Tables.decode(tables), borders, workshop);
  }

  /** Where ranges over all of the run end, in ms: behind its last millisecond, for a range leaves its end out. */
  get end(): number {
    return Number(this.facts.totals.duration_ms ?? 0) + 1;
  }

  /** Whether blocks can be told by size, lifetime and thread: a file made by `heapwise html` cannot. */
  get answersForBlocks(): boolean {
    return this.borders === null;
  }

  /** Whether the recording knows such things at all; imported ones may not. */
  knows(what: 'time' | 'lifetimes' | 'threads' | 'events' | 'frees'): boolean {
    return this.facts.knows?.[what] ?? true;
  }

  profile(asked: Asked, signal?: AbortSignal): Promise<Profile> {
    return this.profiles.once(JSON.stringify(asked), async () => {
      return new Profile(this.tables.rowCount, await this.source.profile(this.id, asked, signal));
    });
  }

  /** Asks ahead, where that is the server's work and not the page's. */
  expect(asked: Asked): void {
    if (this.source.mode === 'server') this.profile(asked).catch(() => undefined); // who asks in earnest is told
  }

  history(asked: Asked, points: number, signal?: AbortSignal): Promise<History> {
    const key = JSON.stringify([asked, points]);
    return this.histories.once(key, async () => {
      const history = new History(await this.source.history(this.id, points, asked, signal), this.tables.rowCount);
      return this.historiesAtHand.once(key, () => history);
    });
  }

  /** The same where nothing is to be waited for. */
  historyAtHand(asked: Asked, points: number): History | null {
    const key = JSON.stringify([asked, points]);
    return this.historiesAtHand.has(key) ? this.historiesAtHand.once(key, never) : null;
  }

  timeline(from: number, to: number, points: number): Promise<Timeline> {
    return this.timelines.once(JSON.stringify([from, to, points]), () =>
      this.source.timeline(this.id, from, to, points),
    );
  }

  /** The answer to the question of a state: range, blocks and stacks. */
  async answer(state: State, signal?: AbortSignal): Promise<Answer> {
    return this.filtered(await this.profile(askedBy(state), signal), state);
  }

  /** A profile with the state's filters on stacks. */
  filtered(profile: Profile, state: State): Answer {
    const passes = this.passing(state);
    const key = `${this.numberOf(profile)} ${passes === null ? '' : this.numberOf(passes)}`;
    return this.answers.once(key, () => new Answer(profile, passes));
  }

  passing(state: State): Uint8Array | null {
    return this.masks.once(JSON.stringify(state.filters), () => passingRows(this.tables, state.filters));
  }

  /** The tree that the state's options ask for; made on the spot unless `prepare` has made it. */
  tree(state: State, by: GroupBy = state.by): CallTree {
    return this.trees.once(treeKey(state, by), () => buildCallTree(this.tables, this.treeOptions(state, by)));
  }

  /** Has the tree made where that keeps nobody waiting. */
  prepare(state: State, by: GroupBy = state.by): Promise<void> {
    const key = treeKey(state, by);
    if (this.trees.has(key)) return Promise.resolve();
    return this.made.once(key, async () => {
      const tree = await this.workshop.tree(this.tables, this.treeOptions(state, by));
      this.trees.once(key, () => tree);
      this.made.forget(key);
    });
  }

  private treeOptions(state: State, by: GroupBy): TreeOptions {
    const { plumbing, recursion } = state;
    return { by, plumbing, recursion, hidden: hiddenFunctions(this.tables, state.hide, state.show) };
  }

  private numberOf(thing: object): number {
    let number = this.numbers.get(thing);
    if (number === undefined) this.numbers.set(thing, (number = this.numbered++));
    return number;
  }
}

function treeKey(state: State, by: GroupBy): string {
  return JSON.stringify([by, state.plumbing, state.recursion, state.hide, state.show]);
}

function never(): never {
  throw new Error('a result that is kept is gone');
}

/** The last few results; a promise that failed is forgotten. */
class Kept<T> {
  private readonly results = new Map<string, T>();

  has(key: string): boolean {
    return this.results.has(key);
  }

  forget(key: string): void {
    this.results.delete(key);
  }

  once(key: string, make: () => T): T {
    let result = this.results.get(key);
    if (result === undefined) {
      result = make();
      if (result instanceof Promise) result.catch(() => this.results.delete(key));
    } else this.results.delete(key);
    this.results.set(key, result); // as the newest
    if (this.results.size > KEPT) this.results.delete(this.results.keys().next().value!);
    return result;
  }
}
