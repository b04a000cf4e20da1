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

  /** `sum` is that of all the figures. */
  static from(figures: Uint32Array | BigUint64Array, sum: bigint): Amounts {
    if (figures instanceof Uint32Array) return new Amounts(new Float64Array(figures), null);
    if (sum <= SAFE) return new Amounts(Float64Array.from(figures, Number), null);
    const halves = new Uint32Array(figures.buffer, figures.byteOffset, figures.length * 2);
    const low = Float64Array.from(figures, (_, i) => halves[2 * i]!);
    return new Amounts(low, Float64Array.from(figures, (_, i) => halves[2 * i + 1]!));
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

  /** The figures at `places`, in their order. */
  picked(places: Uint32Array): Amounts {
    return this.each((plane) => {
      const picked = new Float64Array(places.length);
      for (let i = 0; i < picked.length; i++) picked[i] = plane[places[i]!]!;
      return picked;
    });
  }

  /** The figures at their places among `count`. */
  spread(places: Uint32Array, count: number): Amounts {
    return this.each((plane) => {
      const spread = new Float64Array(count);
      for (let i = 0; i < plane.length; i++) spread[places[i]!] = plane[i]!;
      return spread;
    });
  }

  /** Of running sums: the figure for drawing and ordering from i to j, and whether there is nothing. */
  between(i: number, j: number): number {
    const figure = this.low[j]! - this.low[i]!;
    return this.high === null ? figure : (this.high[j]! - this.high[i]!) * HALF + figure;
  }
  isSame(i: number, j: number): boolean {
    return this.low[i] === this.low[j] && (this.high === null || this.high[i] === this.high[j]);
  }

  isZero(i: number): boolean {
    return this.low[i] === 0 && (this.high === null || this.high[i] === 0);
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
