// SPDX-License-Identifier: MIT
// A first picture of a top-down flame graph: the boxes that can be seen, without a look at the others.
//
// It is laid out from the root on, and what is in a box that is too narrow is left out. In the order of the tree
// (preorder.ts) the rows of a box and of all in it are a range, and each of its amounts is a difference of two running
// sums: so a box costs the same whatever is in it. Where nothing is too narrow it is the layout of all boxes.
//
//   from[box]  <= i < below[box]   the rows of the box itself
//   below[box] <= i < end[box]     those of the boxes in it, each of which has a range of its own

import type { ChildOrder } from './call_tree';
import { PathInside, type Detail } from './flame_detail';
import { sortByWidth, type Layout } from './flame_layout';
import { eachOnce } from './inverted_tree';
import { firstFrom, RowsInOrder, type Preorder } from './preorder';

/** What this needs of a call tree; see call_tree.ts. */
export interface OrderedShape {
  key: Uint32Array;
  nodeOf: Uint32Array;
  order: ChildOrder;
  preorder: Preorder;
}

/** Measures are of the rows, in their order; measure 0 gives the widths. */
export function sketchTopDown(
  shape: OrderedShape,
  measures: readonly Float64Array[],
  rows: Uint32Array,
  detail: Detail,
): Layout {
  const ordered = new RowsInOrder(shape.preorder, rows, shape.nodeOf);
  const sums = eachOnce(measures, (measure) => ordered.runningPlane(measure));
  const boxes = new PlacedBoxes(shape, ordered.places, sums[0]!, detail);
  for (let box = 0; box < boxes.count; box++) boxes.open(box);
  return boxes.layout(sums);
}

const ROOM = 1 << 16;

/** The boxes so far, numbered as flame_layout.ts says. */
class PlacedBoxes {
  count = 1;
  private node = new Uint32Array(ROOM);
  private parent = new Uint32Array(ROOM);
  private firstChild = new Uint32Array(ROOM);
  private from = new Uint32Array(ROOM);
  private below = new Uint32Array(ROOM);
  private end = new Uint32Array(ROOM);
  private start = new Float64Array(ROOM);
  private readonly level = [0];
  private readonly path: PathInside;
  private readonly found = new FoundChildren();

  constructor(
    private readonly shape: OrderedShape,
    private readonly places: Uint32Array,
    private readonly widths: Float64Array,
    detail: Detail,
  ) {
    this.path = new PathInside(detail);
    this.end[0] = places.length;
  }

  /** Places the boxes in a box behind all others: it has to be the next one that was not opened. */
  open(box: number): void {
    const { found, places, path } = this;
    if (box === this.level[this.level.length - 1]) this.level.push(this.count);
    this.firstChild[box] = this.count;
    const end = this.end[box]!;
    const node = this.node[box]!;
    const below = firstBehind(places, this.shape.preorder.place[node]!, this.from[box]!, end);
    this.below[box] = below;
    if (below === end || this.widths[end]! - this.widths[this.from[box]!]! < path.leastOf(box)) return;
    found.find(this.shape, node, places, this.widths, below, end);
    let x = this.start[box]!;
    for (let i = 0; i < found.count; i++) {
      const child = found.inOrder[i]!;
      if (this.count === this.node.length) this.grow();
      const placed = this.count++;
      this.node[placed] = found.node[child]!;
      this.parent[placed] = box;
      this.from[placed] = found.from[child]!;
      this.end[placed] = found.end[child]!;
      this.start[placed] = x;
      path.add(placed, box, this.shape.key[found.node[child]!]!);
      x += found.width[child]!;
    }
  }

  layout(sums: Float64Array[]): Layout {
    const { count, from, below, end } = this;
    const between = (running: Float64Array, first: Uint32Array, behind: Uint32Array): Float64Array => {
      const amounts = new Float64Array(count);
      for (let box = 0; box < count; box++) amounts[box] = running[behind[box]!]! - running[first[box]!]!;
      return amounts;
    };
    const key = new Uint32Array(count);
    for (let box = 0; box < count; box++) key[box] = this.shape.key[this.node[box]!]!;
    const firstChild = new Uint32Array(count + 1);
    firstChild.set(this.firstChild.subarray(0, count));
    firstChild[count] = count;
    return {
      count,
      parent: this.parent.slice(0, count),
      key,
      own: eachOnce(sums, (running) => between(running, from, below)),
      total: eachOnce(sums, (running) => between(running, from, end)),
      start: this.start.slice(0, count),
      firstChild,
      level: Uint32Array.from(this.level),
    };
  }

  private grow(): void {
    this.node = twice(this.node);
    this.parent = twice(this.parent);
    this.firstChild = twice(this.firstChild);
    this.from = twice(this.from);
    this.below = twice(this.below);
    this.end = twice(this.end);
    this.start = twiceWide(this.start);
  }
}

/** The boxes in one box, before they have numbers. Those without width are none. */
class FoundChildren {
  count = 0;
  node = new Uint32Array(64);
  from = new Uint32Array(64);
  end = new Uint32Array(64);
  width = new Float64Array(64);
  /** In falling order of their widths. */
  inOrder = new Uint32Array(64);

  /** Those whose rows are in [below, end). */
  find(
    { preorder, order }: OrderedShape,
    node: number,
    places: Uint32Array,
    widths: Float64Array,
    below: number,
    end: number,
  ): void {
    const { children } = order;
    const last = order.start[node + 1]!;
    let next = order.start[node]!; // among the children, which stand in the order of the tree as rows do
    this.count = 0;
    for (let row = below; row < end;) {
      const place = places[row]!;
      if (preorder.end[children[next]!]! <= place) next = childWith(children, preorder, place, next, last);
      const child = children[next++]!;
      const behind = preorder.end[child]!;
      const from = row;
      row = places[end - 1]! < behind ? end : firstBehind(places, behind - 1, row, end);
      const width = widths[row]! - widths[from]!;
      if (width > 0) this.add(child, from, row, width);
    }
    sortByWidth(this.inOrder, 0, this.count, this.width);
  }

  private add(node: number, from: number, end: number, width: number): void {
    if (this.count === this.node.length) {
      this.node = twice(this.node);
      this.from = twice(this.from);
      this.end = twice(this.end);
      this.inOrder = twice(this.inOrder);
      this.width = twiceWide(this.width);
    }
    const at = this.count++;
    this.node[at] = node;
    this.from[at] = from;
    this.end[at] = end;
    this.width[at] = width;
    this.inOrder[at] = at;
  }
}

function twice(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}

function twiceWide(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
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
