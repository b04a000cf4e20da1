// SPDX-License-Identifier: MIT
// A profile: what the rows of the tree of stacks cost themselves, for one question.

import type { Container } from '../api/container';
import { Amounts } from './amounts';
import { COSTS, type CostId } from './costs';

export class Profile {
  private readonly columns = new Map<CostId, Amounts>(); // by place in `rows`
  private costly: Uint32Array | null = null;
  private times: { first: Float64Array; last: Float64Array } | null = null;

  constructor(
    readonly rowCount: number,
    private readonly container: Container,
  ) {
    for (const row of container.u32('row'))
      if (row >= rowCount) throw new Error(`the answer has a row ${row} that the recording has not`);
  }

  /** A profile of given columns by row, such as the difference of two others. */
  static of(rowCount: number, container: Container, columns: Map<CostId, Amounts>): Profile {
    const profile = new Profile(rowCount, container);
    profile.costly = rowsOf(rowCount, [...columns.values()]);
    for (const [id, amounts] of columns) profile.columns.set(id, amounts.picked(profile.costly));
    return profile;
  }

  /** The rows that cost anything, ascending. */
  get rows(): Uint32Array {
    this.costly ??= this.container.u32('row');
    return this.costly;
  }

  /** Whether the recording can tell this cost; what it cannot is shown as not known, never as 0. */
  knows(cost: CostId): boolean {
    if (this.columns.has(cost) || this.container.has(cost)) return true;
    const known = this.container.meta['known'];
    return Array.isArray(known) && known.includes(cost);
  }

  /** The costs that it knows, in their usual order. */
  known(): CostId[] {
    return COSTS.map((cost) => cost.id).filter((id) => this.knows(id));
  }

  /** The own figures of `rows`, in their order; zero where the recording cannot tell. */
  figures(cost: CostId): Amounts {
    let amounts = this.columns.get(cost);
    if (amounts === undefined) {
      amounts = this.container.has(cost)
        ? Amounts.from(this.container.figures(cost), this.sum(cost))
        : Amounts.zero(this.rows.length);
      this.columns.set(cost, amounts);
    }
    return amounts;
  }

  /** The own figures by row. */
  own(cost: CostId): Amounts {
    return this.figures(cost).spread(this.rows, this.rowCount);
  }

  /** The first and last allocation of each row in ms; NaN where there was none. */
  allocatedAt(): { first: Float64Array; last: Float64Array } {
    if (this.times !== null) return this.times;
    const first = new Float64Array(this.rowCount).fill(NaN);
    const last = new Float64Array(this.rowCount).fill(NaN);
    if (this.container.has('first_ms') && this.container.has('last_ms')) {
      const row = this.container.u32('row');
      const from = this.container.figures('first_ms');
      const to = this.container.figures('last_ms');
      const calls = this.own('allocations');
      for (let i = 0; i < row.length; i++) {
        const r = row[i]!;
        if (calls.at(r) === 0) continue;
        first[r] = Number(from[i]!);
        last[r] = Number(to[i]!);
      }
    }
    this.times = { first, last };
    return this.times;
  }

  get hasTimes(): boolean {
    return this.container.has('first_ms');
  }

  sum(cost: CostId): bigint {
    const sums = this.container.meta['sum'] as Record<string, string | number | bigint> | undefined;
    const told = sums?.[cost];
    if (told !== undefined && told !== null) return BigInt(told);
    if (!this.container.has(cost)) return 0n;
    let sum = 0n;
    for (const figure of this.container.figures(cost)) sum += BigInt(figure);
    return sum;
  }

  number(key: string): number | null {
    const value = this.container.meta[key];
    return value === undefined || value === null ? null : Number(value);
  }
}

function rowsOf(rowCount: number, columns: Amounts[]): Uint32Array {
  const planes = columns.flatMap(({ low, high }) => (high === null ? [low] : [low, high]));
  const rows: number[] = [];
  for (let r = 0; r < rowCount; r++) if (planes.some((plane) => plane[r] !== 0)) rows.push(r);
  return Uint32Array.from(rows);
}
