// SPDX-License-Identifier: MIT
// The rows in the boxes of a bottom-up flame graph, each on its way from the frame that allocates out to the root.
//
//   at[i]   the node where row i stands: in a box d levels below the root it has gone d nodes up; 0 where no caller
//           is left
//
// The boxes in a box are the keys of the nodes where its rows stand: rows are sorted by them, and each goes one node
// up. So a row costs as many steps as it is in boxes that are wide enough to look into.

import type { BoxRows, BoxTree, FoundBoxes } from './box_rows';

export class RowsOut implements BoxRows {
  private readonly rows: PlacedRows;
  private readonly spare: PlacedRows; // where what is moved stands meanwhile
  private readonly to: Uint32Array; // the numbers of rows that are moved, and their keys before
  private readonly met: Uint32Array; // nodes: the first of each key there
  /** By key: how many rows there are, then where the next goes; all 0 between two calls. */
  private readonly next: Uint32Array;
  private readonly sums: Float64Array;

  constructor(
    private readonly tree: BoxTree,
    rows: Uint32Array,
    widths: Float64Array,
  ) {
    const { length } = rows;
    this.rows = new PlacedRows(length);
    this.spare = new PlacedRows(length);
    this.to = new Uint32Array(length);
    this.met = new Uint32Array(length);
    this.next = new Uint32Array(tree.keyCount);
    this.sums = new Float64Array(tree.keyCount);
    for (let i = 0; i < length; i++) this.rows.put(i, i, tree.nodeOf[rows[i]!]!, widths[i]!);
  }

  get count(): number {
    return this.rows.at.length;
  }

  behindOwn(_: number, from: number, end: number): number {
    const { to } = this;
    const { at } = this.rows;
    let own = 0;
    for (let i = from; i < end; i++) if (at[i] === 0) own++;
    const below = from + own;
    if (own === 0 || below === end) return below;
    let next = below;
    for (let i = from, first = from; i < end; i++) to[i] = at[i] === 0 ? first++ : next++;
    this.move(from, end);
    return below;
  }

  part(_: number, below: number, end: number, into: FoundBoxes): void {
    const { met, next, rows, sums, to } = this;
    const { at, width } = rows;
    const { parent, key } = this.tree;
    const first = at[below]!;
    const firstKey = key[first]!;
    let i = below;
    let sum = 0;
    for (let node = first; i < end && key[node] === firstKey; node = at[++i]!) {
      sum += width[i]!;
      at[i] = parent[node]!;
    }
    if (i === end) {
      into.add(first, below, end, sum); // as it is mostly
      return;
    }
    to.fill(firstKey, below, i);
    met[0] = first;
    next[firstKey] = i - below;
    sums[firstKey] = sum;
    let count = 1;
    for (; i < end; i++) {
      const node = at[i]!;
      const k = key[node]!;
      if (next[k]!++ === 0) met[count++] = node;
      sums[k]! += width[i]!;
      to[i] = k;
      at[i] = parent[node]!;
    }
    let from = below;
    for (let i = 0; i < count; i++) {
      const k = key[met[i]!]!;
      const behind = from + next[k]!;
      into.add(met[i]!, from, behind, sums[k]!);
      next[k] = from;
      sums[k] = 0;
      from = behind;
    }
    for (let i = below; i < end; i++) to[i] = next[to[i]!]!++;
    this.move(below, end);
    for (let i = 0; i < count; i++) next[key[met[i]!]!] = 0;
  }

  running(measure: Float64Array): Float64Array {
    const { index } = this.rows;
    const sums = new Float64Array(index.length + 1);
    for (let i = 0; i < index.length; i++) sums[i + 1] = sums[i]! + measure[index[i]!]!;
    return sums;
  }

  /** Gives rows the numbers of `to`. */
  private move(from: number, end: number): void {
    const { rows, spare, to } = this;
    for (let i = from; i < end; i++) spare.put(to[i]!, rows.index[i]!, rows.at[i]!, rows.width[i]!);
    for (let i = from; i < end; i++) rows.put(i, spare.index[i]!, spare.at[i]!, spare.width[i]!);
  }
}

/** Rows by number. */
class PlacedRows {
  /** Their place among the rows as they were given. */
  readonly index: Uint32Array;
  readonly at: Uint32Array;
  readonly width: Float64Array;

  constructor(count: number) {
    this.index = new Uint32Array(count);
    this.at = new Uint32Array(count);
    this.width = new Float64Array(count);
  }

  put(i: number, index: number, at: number, width: number): void {
    this.index[i] = index;
    this.at[i] = at;
    this.width[i] = width;
  }
}
