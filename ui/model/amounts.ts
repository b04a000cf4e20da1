// SPDX-License-Identifier: MIT
// A column of figures, exact however large. Where every sum of the column stays below 2^53, `low` alone holds
// the figures; else a figure is high * 2^32 + low, and both halves are summed apart. Differences between two
// recordings are amounts too, and may be negative.

const HALF = 2 ** 32;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export class Amounts {
  constructor(
    readonly low: Float64Array,
    readonly high: Float64Array | null,
  ) {}

  static zero(count: number, like?: Amounts): Amounts {
    return new Amounts(new Float64Array(count), like?.high ? new Float64Array(count) : null);
  }

  /** Spreads a sparse column over `count` rows; `sum` is that of all its figures. */
  static spread(row: Uint32Array, figures: Uint32Array | BigUint64Array, count: number, sum: bigint): Amounts {
    const low = new Float64Array(count);
    if (figures instanceof Uint32Array) {
      for (let i = 0; i < row.length; i++) low[row[i]!] = figures[i]!;
      return new Amounts(low, null);
    }
    if (sum <= SAFE) {
      for (let i = 0; i < row.length; i++) low[row[i]!] = Number(figures[i]!);
      return new Amounts(low, null);
    }
    const high = new Float64Array(count);
    const halves = new Uint32Array(figures.buffer, figures.byteOffset, figures.length * 2);
    for (let i = 0; i < row.length; i++) {
      low[row[i]!] = halves[2 * i]!;
      high[row[i]!] = halves[2 * i + 1]!;
    }
    return new Amounts(low, high);
  }

  get length(): number {
    return this.low.length;
  }

  /** The figure for drawing and ordering; past 2^53 it is rounded. */
  at(i: number): number {
    return this.high === null ? this.low[i]! : this.high[i]! * HALF + this.low[i]!;
  }

  exact(i: number): bigint {
    const low = BigInt(this.low[i]!);
    return this.high === null ? low : BigInt(this.high[i]!) * BigInt(HALF) + low;
  }

  /** The figures for drawing and ordering, all at once. */
  rounded(): Float64Array {
    if (this.high === null) return this.low;
    return Float64Array.from(this.low, (_, i) => this.at(i));
  }

  /** Adds every figure to the place that `into` gives for it. */
  gathered(into: Uint32Array, count: number): Amounts {
    return this.each((plane) => {
      const sums = new Float64Array(count);
      for (let i = 0; i < plane.length; i++) sums[into[i]!]! += plane[i]!;
      return sums;
    });
  }

  /** Each figure and all below it, in a tree where a parent comes before its children. */
  inclusive(parent: Uint32Array): Amounts {
    return this.each((plane) => {
      const sums = plane.slice();
      for (let i = sums.length - 1; i > 0; i--) sums[parent[i]!]! += sums[i]!;
      return sums;
    });
  }

  /** The figures where `mask` is not 0. */
  masked(mask: Uint8Array): Amounts {
    return this.each((plane) => {
      const kept = new Float64Array(plane.length);
      for (let i = 0; i < plane.length; i++) if (mask[i] !== 0) kept[i] = plane[i]!;
      return kept;
    });
  }

  sum(): bigint {
    const total = (plane: Float64Array): bigint => {
      let sum = 0;
      for (let i = 0; i < plane.length; i++) sum += plane[i]!;
      return BigInt(sum);
    };
    return total(this.low) + (this.high === null ? 0n : total(this.high) * BigInt(HALF));
  }

  /** Adds `from` at i to this at j. */
  add(j: number, from: Amounts, i: number): void {
    this.low[j]! += from.low[i]!;
    if (this.high !== null && from.high !== null) this.high[j]! += from.high[i]!;
  }

  each(change: (plane: Float64Array) => Float64Array): Amounts {
    return new Amounts(change(this.low), this.high === null ? null : change(this.high));
  }
}
