// SPDX-License-Identifier: MIT
// A hash table from a pair of 32-bit numbers to a 32-bit number, for merging millions of paths.
//
//   slot:  first[i], second[i], value[i]      free if and only if value[i] === FREE
//
// Open addressing with linear steps; at most half of the slots are used.

const FREE = 0xffffffff;

export class PairTable {
  private first: Uint32Array;
  private second: Uint32Array;
  private value: Uint32Array;
  private mask: number;
  private used = 0;

  constructor(expected: number) {
    let slots = 16;
    while (slots < expected * 2) slots *= 2;
    this.mask = slots - 1;
    this.first = new Uint32Array(slots);
    this.second = new Uint32Array(slots);
    this.value = new Uint32Array(slots).fill(FREE);
  }

  /** The value kept for (a, b); when there is none, keeps `fresh` and gives it back. */
  findOrAdd(a: number, b: number, fresh: number): number {
    let slot = this.slotOf(a, b);
    for (; this.value[slot] !== FREE; slot = (slot + 1) & this.mask)
      if (this.first[slot] === a && this.second[slot] === b) return this.value[slot]!;
    this.first[slot] = a;
    this.second[slot] = b;
    this.value[slot] = fresh;
    if (++this.used * 2 > this.mask) this.grow();
    return fresh;
  }

  private slotOf(a: number, b: number): number {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) & this.mask;
  }

  private grow(): void {
    const { first, second, value } = this;
    const slots = value.length * 2;
    this.mask = slots - 1;
    this.first = new Uint32Array(slots);
    this.second = new Uint32Array(slots);
    this.value = new Uint32Array(slots).fill(FREE);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === FREE) continue;
      let slot = this.slotOf(first[i]!, second[i]!);
      while (this.value[slot] !== FREE) slot = (slot + 1) & this.mask;
      this.first[slot] = first[i]!;
      this.second[slot] = second[i]!;
      this.value[slot] = value[i]!;
    }
  }
}
