// SPDX-License-Identifier: MIT
// The nodes of a tree in the order in which one meets them going down, so that a node and all below it are a range:
//
//   place[n] <= place[m] < end[n]   if and only if m is n or below n
//
// With it the costs of a node with all below it are a difference of two running sums over the rows that cost
// anything, put in that order: only the nodes that are looked at are worked for.

import { Amounts } from './amounts';

/** What this needs of a call tree; see call_tree.ts. */
interface Parents {
  count: number;
  parent: Uint32Array;
}

export class Preorder {
  constructor(
    readonly place: Uint32Array,
    readonly end: Uint32Array,
  ) {}

  static of({ count, parent }: Parents): Preorder {
    const end = new Uint32Array(count).fill(1); // how many nodes there are from each down, at first
    for (let n = count - 1; n > 0; n--) end[parent[n]!]! += end[n]!;
    const place = new Uint32Array(count);
    const next = new Uint32Array(count); // place of the next child
    next[0] = 1;
    for (let n = 1; n < count; n++) {
      const above = parent[n]!;
      place[n] = next[above]!;
      next[above] = place[n]! + end[n]!;
      next[n] = place[n]! + 1;
    }
    for (let n = 0; n < count; n++) end[n]! += place[n]!;
    return new Preorder(place, end);
  }
}

/** The rows of an answer in that order. */
export class RowsInOrder {
  private readonly order: Uint32Array; // places among the rows
  readonly places: Uint32Array; // of their nodes, ascending

  constructor(
    private readonly preorder: Preorder,
    rows: Uint32Array,
    nodeOf: Uint32Array,
  ) {
    const { place } = preorder;
    const places = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) places[i] = place[nodeOf[rows[i]!]!]!;
    const order = sortedOrder(places);
    this.places = new Uint32Array(rows.length);
    for (let i = 0; i < order.length; i++) this.places[i] = places[order[i]!]!;
    this.order = order;
  }

  /** Sums of the figures of the first 0, 1, 2, … rows. */
  running(figures: Amounts): Amounts {
    return figures.each((plane) => this.runningPlane(plane));
  }

  runningPlane(plane: Float64Array): Float64Array {
    const { order } = this;
    const sums = new Float64Array(order.length + 1);
    for (let i = 0; i < order.length; i++) sums[i + 1] = sums[i]! + plane[order[i]!]!;
    return sums;
  }

  /** The rows of a node itself, and those of all below it: from <= i < own, own <= i < end. */
  of(node: number): { from: number; own: number; end: number } {
    const { place, end } = this.preorder;
    const from = this.firstFrom(place[node]!);
    return { from, own: this.firstFrom(place[node]! + 1), end: this.firstFrom(end[node]!) };
  }

  private firstFrom(place: number): number {
    return firstFrom(this.places, place, 0, this.places.length);
  }
}

/** The first of ascending places in [low, high) that is not below `place`; `high` where there is none. */
export function firstFrom(places: Uint32Array, place: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A figure between two running sums. */
export function between(running: Amounts, from: number, end: number): Amounts {
  return running.each((sums) => Float64Array.of(sums[end]! - sums[from]!));
}

const DIGIT_BITS = 11;

/** The indices of values in rising order of them, equal ones as they stand; a radix sort. */
function sortedOrder(values: Uint32Array): Uint32Array {
  let most = 0;
  let from = new Uint32Array(values.length);
  let to = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    from[i] = i;
    if (values[i]! > most) most = values[i]!;
  }
  const mask = (1 << DIGIT_BITS) - 1;
  for (let shift = 0; shift < 32 && most >>> shift !== 0; shift += DIGIT_BITS) {
    const starts = new Uint32Array(mask + 2);
    for (let i = 0; i < values.length; i++) starts[((values[i]! >>> shift) & mask) + 1]!++;
    for (let digit = 0; digit < mask; digit++) starts[digit + 1]! += starts[digit]!;
    for (let at = 0; at < from.length; at++) to[starts[(values[from[at]!]! >>> shift) & mask]!++] = from[at]!;
    [from, to] = [to, from];
  }
  return from;
}
