// SPDX-License-Identifier: MIT
// A map from pairs of 32-bit numbers to numbers that are given out in order: 0, 1, 2, …
// Open addressing in one array: entries are indexes into `first` and `second`, plus one; 0 is free.

export class PairTable {
  first: Uint32Array;
  second: Uint32Array;
  count = 0;
  private slots: Uint32Array;
  private mask: number;

  constructor(expected: number) {
    let size = 1024;
    while (size < expected * 2) size *= 2;
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
    this.first = new Uint32Array(size / 2);
    this.second = new Uint32Array(size / 2);
  }

  /** The number of a pair, which is `count` before the call when the pair is new. */
  idOf(a: number, b: number): number {
    let slot = hash(a, b) & this.mask;
    for (;;) {
      const entry = this.slots[slot]!;
      if (entry === 0) break;
      if (this.first[entry - 1] === a && this.second[entry - 1] === b) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
    const id = this.count++;
    this.first[id] = a;
    this.second[id] = b;
    this.slots[slot] = id + 1;
    if (this.count === this.first.length) this.grow();
    return id;
  }

  private grow(): void {
    const size = (this.mask + 1) * 2;
    const [first, second] = [this.first, this.second];
    this.first = new Uint32Array(size / 2);
    this.second = new Uint32Array(size / 2);
    this.first.set(first);
    this.second.set(second);
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
    for (let id = 0; id < this.count; id++) {
      let slot = hash(this.first[id]!, this.second[id]!) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = id + 1;
    }
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
