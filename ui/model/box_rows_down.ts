// SPDX-License-Identifier: MIT
// The rows in the boxes of a top-down flame graph. In the order of the tree (preorder.ts) those of a node and all
// below it are a range from the outset, and what they come to is a difference of two running sums: so a box costs the
// same whatever is in it.

import type { BoxRows, BoxTree, FoundBoxes } from './box_rows';
import { firstFrom, RowsInOrder, type Preorder } from './preorder';

export class RowsDown implements BoxRows {
  private readonly ordered: RowsInOrder;
  private readonly widths: Float64Array;

  constructor(
    private readonly tree: BoxTree,
    rows: Uint32Array,
    widths: Float64Array,
  ) {
    this.ordered = new RowsInOrder(tree.preorder, rows, tree.nodeOf);
    this.widths = this.ordered.runningPlane(widths);
  }

  get count(): number {
    return this.ordered.places.length;
  }

  behindOwn(node: number, from: number, end: number): number {
    const { places } = this.ordered;
    const place = this.tree.preorder.place[node]!;
    return from === end || places[from]! > place ? from : firstBehind(places, place, from, end);
  }

  part(node: number, below: number, end: number, into: FoundBoxes): void {
    const { widths } = this;
    const { places } = this.ordered;
    const { preorder, order } = this.tree;
    const { children } = order;
    const last = order.start[node + 1]!;
    const lastPlace = places[end - 1]!;
    let next = order.start[node]!; // among the children, which stand in the order of the tree as rows do
    for (let row = below; row < end;) {
      const place = places[row]!;
      if (preorder.end[children[next]!]! <= place) next = childWith(children, preorder, place, next, last);
      const child = children[next++]!;
      const behind = preorder.end[child]!;
      const from = row;
      row = lastPlace < behind ? end : firstBehind(places, behind - 1, row, end);
      into.add(child, from, row, widths[row]! - widths[from]!);
    }
  }

  running(measure: Float64Array): Float64Array {
    return this.ordered.runningPlane(measure);
  }
}

/** The first of ascending places in [low, high) that is beyond `place`, in few steps where it is near `low`. */
function firstBehind(places: Uint32Array, place: number, low: number, high: number): number {
  let step = 1;
  while (low + step <= high && places[low + step - 1]! <= place) step *= 2;
  return firstFrom(places, place + 1, low + (step >>> 1), Math.min(low + step, high));
}

/** The last of some children that does not begin behind a place: the one that holds it. */
function childWith(children: Uint32Array, preorder: Preorder, place: number, low: number, high: number): number {
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (preorder.place[children[middle]!]! <= place) low = middle;
    else high = middle;
  }
  return low;
}
