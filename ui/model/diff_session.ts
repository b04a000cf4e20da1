// SPDX-License-Identifier: MIT
// Two recordings as one: a session whose figures are what changed from the one before to the one after.
//
// Its tables hold the stacks of both (diff_match.ts). Its profiles are differences, so that every view shows signed
// figures without knowing; a view that shows both sides asks `compared` for them. What a recording does not know,
// its comparison does not know either. Facts, times and the timeline are those of the recording after.

import { Container, encodeContainer } from '../api/container';
import type { Asked } from '../api/data_source';
import { Amounts } from './amounts';
import { Answer } from './answer';
import type { CostId } from './costs';
import { matchTables, type Matched } from './diff_match';
import { History } from './history';
import { Profile } from './profile';
import { Session } from './session';

/** The number under which the URL knows the comparison; 0 is the recording after, 1 the one before. */
export const COMPARISON = 2;

export interface Compared {
  after: Answer;
  before: Answer;
}

export class DiffSession extends Session {
  private readonly sides = new WeakMap<Profile, { after: Profile; before: Profile }>();
  private readonly pairs = new WeakMap<Answer, Compared>();
  private readonly asked = new Map<string, Promise<Profile>>();

  static compare(after: Session, before: Session): DiffSession {
    return new DiffSession(after, before, matchTables(after.tables, before.tables));
  }

  private constructor(
    readonly after: Session,
    readonly before: Session,
    private readonly matched: Matched,
  ) {
    super(after.source, after.id, after.facts, matched.tables, after.borders, after.workshop);
  }

  override knows(what: Parameters<Session['knows']>[0]): boolean {
    return this.after.knows(what) && this.before.knows(what);
  }

  override expect(asked: Asked): void {
    this.after.expect(asked);
    this.before.expect(asked);
  }

  override profile(asked: Asked, signal?: AbortSignal): Promise<Profile> {
    const key = JSON.stringify(asked);
    let profile = this.asked.get(key);
    if (profile === undefined) {
      profile = this.difference(asked, signal);
      profile.catch(() => this.asked.delete(key));
      this.asked.set(key, profile);
    }
    return profile;
  }

  /** Bytes alive over time, of the recording after. */
  override async history(asked: Asked, points: number, signal?: AbortSignal): Promise<History> {
    const container = await this.source.history(this.after.id, points, asked, signal);
    return new History(withRows(container, this.matched.fromAfter), this.tables.rowCount);
  }

  /** The two sides of an answer of this session. */
  compared(answer: Answer): Compared {
    let pair = this.pairs.get(answer);
    if (pair === undefined) {
      const { after, before } = this.sides.get(answer.profile)!;
      pair = { after: new Answer(after, answer.passes), before: new Answer(before, answer.passes) };
      this.pairs.set(answer, pair);
    }
    return pair;
  }

  private async difference(asked: Asked, signal?: AbortSignal): Promise<Profile> {
    const [after, before] = await Promise.all([this.after.profile(asked, signal), this.before.profile(asked, signal)]);
    const costs = after.known().filter((cost) => before.knows(cost));
    const { tables, fromAfter, fromBefore } = this.matched;
    const sides = {
      after: gathered(after, costs, fromAfter, tables.rowCount),
      before: gathered(before, costs, fromBefore, tables.rowCount),
    };
    const columns = new Map(costs.map((cost) => [cost, minus(sides.after.own(cost), sides.before.own(cost))]));
    const sums = costs.map((cost): [CostId, bigint] => [cost, sides.after.sum(cost) - sides.before.sum(cost)]);
    const profile = Profile.of(tables.rowCount, sumsOnly(sums), columns);
    this.sides.set(profile, sides);
    return profile;
  }
}

/** The profile of one recording by the rows of the matched tables. */
function gathered(from: Profile, costs: readonly CostId[], into: Uint32Array, rowCount: number): Profile {
  const columns = new Map(costs.map((cost) => [cost, from.own(cost).gathered(into, rowCount)]));
  return Profile.of(rowCount, sumsOnly(costs.map((cost) => [cost, from.sum(cost)])), columns);
}

function minus(a: Amounts, b: Amounts): Amounts {
  const difference = (left: Float64Array, right: Float64Array | null): Float64Array =>
    right === null ? left : left.map((amount, i) => amount - right[i]!);
  const low = difference(a.low, b.low);
  if (a.high === null && b.high === null) return new Amounts(low, null);
  return new Amounts(low, difference(a.high ?? new Float64Array(low.length), b.high));
}

function sumsOnly(sums: [CostId, bigint][]): Container {
  const sum = Object.fromEntries(sums.map(([cost, figure]) => [cost, String(figure)]));
  return Container.decode(encodeContainer({ row: new Uint32Array() }, { sum, known: [] }));
}

/** A container of a history with other rows; they stay sorted. */
function withRows(from: Container, rows: Uint32Array): Container {
  const row = from.u32('row');
  const order = Uint32Array.from(row, (_, i) => i).sort((a, b) => rows[row[a]!]! - rows[row[b]!]! || a - b);
  const point = from.u8('point');
  // A column of zeros is left out.
  const bytes = from.has('bytes') ? from.figures('bytes') : new Uint32Array(row.length);
  const sections: Parameters<typeof encodeContainer>[0] = {
    point_ms: from.u32('point_ms'),
    row: order.map((i) => rows[row[i]!]!),
    point: Uint8Array.from(order, (i) => point[i]!),
    bytes: bytes instanceof Uint32Array ? order.map((i) => bytes[i]!) : BigUint64Array.from(order, (i) => bytes[i]!),
  };
  if (from.has('rest')) sections['rest'] = from.figures('rest');
  return Container.decode(encodeContainer(sections));
}
