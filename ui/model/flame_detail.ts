// SPDX-License-Identifier: MIT
// How far a flame graph is laid out: what cannot be seen costs no time then.

/**
 * Boxes of a width below `least` are left closed: what stands in them is left out. Inside the box at the end of the
 * path `within` that holds for those below `leastWithin` only, and the boxes on the path itself are all opened.
 */
export interface Detail {
  least: number;
  within: readonly number[];
  leastWithin: number;
  /** So many levels, the root's included, are laid out. */
  levels: number;
}

export const ALL: Detail = { least: 0, within: [], leastWithin: 0, levels: Infinity };

const OFF_PATH = -1;

/** How much of the path leads to the boxes of a layout that grows: so many of its keys, or that they are beside it. */
export class PathInside {
  private led = new Int32Array(1024);

  constructor(private readonly detail: Detail) {}

  /** A box is made; those above it have been. */
  add(box: number, parent: number, key: number): void {
    if (box >= this.led.length) {
      const longer = new Int32Array(box * 2);
      longer.set(this.led);
      this.led = longer;
    }
    this.led[box] = this.through(this.led[parent]!, key);
  }

  /** Below this width the box is left closed. */
  leastOf(box: number): number {
    const { within, least, leastWithin } = this.detail;
    const led = this.led[box]!;
    if (led === OFF_PATH) return least;
    return led === within.length ? leastWithin : 0;
  }

  private through(led: number, key: number): number {
    const { within } = this.detail;
    if (led === OFF_PATH || led === within.length) return led;
    return within[led] === key ? led + 1 : OFF_PATH;
  }
}
