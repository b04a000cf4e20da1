// SPDX-License-Identifier: MIT
// The boxes of a flame graph, top-down or bottom-up: those that can be seen, without a look at the others.
//
// They are laid out from the root on, level by level; what is in a box that is too narrow, or too far from the root,
// is left out. A box holds a range of rows (box_rows.ts), and its amounts are those of these rows:
//
//   from[box]  <= i < below[box]   the rows of the box itself
//   below[box] <= i < end[box]     those of the boxes in it, each of which has a range of its own
//
// Top-down, a box is a path from the outermost frame in. Bottom-up it is a path from the allocating frame out, and its
// own rows are those that have no further caller.

import { boxRows, FoundBoxes, twice, twiceWide, type BoxRows, type BoxTree } from './box_rows';
import { PathInside, type Detail } from './flame_detail';
import type { Layout } from './flame_layout';
import { eachOnce, type Direction } from './flame_tree';
import { sortByWidth } from './sort_by_width';

/** Measures are of the rows, in their order; measure 0 gives the widths. */
export function layOut(
  tree: BoxTree,
  direction: Direction,
  measures: readonly Float64Array[],
  rows: Uint32Array,
  detail: Detail,
): Layout {
  const boxes = new PlacedBoxes(tree.key, boxRows(tree, direction, rows, measures[0]!), detail);
  for (let box = 0; box < boxes.count; box++) boxes.open(box);
  return boxes.layout(measures);
}

const ROOM = 1 << 16;

/** The boxes so far, numbered as flame_layout.ts says. */
class PlacedBoxes {
  count = 1;
  private node = new Uint32Array(ROOM); // with the box's key
  private parent = new Uint32Array(ROOM);
  private firstChild = new Uint32Array(ROOM);
  private from = new Uint32Array(ROOM);
  private below = new Uint32Array(ROOM);
  private end = new Uint32Array(ROOM);
  private start = new Float64Array(ROOM);
  private width = new Float64Array(ROOM);
  private readonly level = [0];
  private readonly path: PathInside;
  private readonly found = new FoundBoxes();
  private inOrder = new Uint32Array(64); // what is found in falling order of its width

  constructor(
    private readonly key: Uint32Array,
    private readonly rows: BoxRows,
    private readonly detail: Detail,
  ) {
    this.path = new PathInside(detail);
    this.end[0] = rows.count;
    this.width[0] = Infinity;
  }

  /** Places the boxes in a box behind all others: it has to be the next one that was not opened. */
  open(box: number): void {
    const { found, rows, path } = this;
    if (box === this.level[this.level.length - 1]) this.level.push(this.count);
    this.firstChild[box] = this.count;
    const node = this.node[box]!;
    const end = this.end[box]!;
    const below = rows.behindOwn(node, this.from[box]!, end);
    this.below[box] = below;
    if (below === end || this.width[box]! < path.leastOf(box) || this.level.length > this.detail.levels) return;
    found.count = 0;
    rows.part(node, below, end, found);
    this.sortFound();
    let x = this.start[box]!;
    for (let i = 0; i < found.count; i++) {
      const child = this.inOrder[i]!;
      const width = found.width[child]!;
      if (width === 0) break; // which all of the others have
      if (this.count === this.node.length) this.grow();
      const placed = this.count++;
      this.node[placed] = found.node[child]!;
      this.parent[placed] = box;
      this.from[placed] = found.from[child]!;
      this.end[placed] = found.end[child]!;
      this.start[placed] = x;
      this.width[placed] = width;
      path.add(placed, box, this.key[found.node[child]!]!);
      x += width;
    }
  }

  layout(measures: readonly Float64Array[]): Layout {
    const { count, from, below, end } = this;
    const between = (running: Float64Array, first: Uint32Array, behind: Uint32Array): Float64Array => {
      const amounts = new Float64Array(count);
      for (let box = 0; box < count; box++) amounts[box] = running[behind[box]!]! - running[first[box]!]!;
      return amounts;
    };
    const sums = eachOnce(measures, (measure) => this.rows.running(measure));
    const key = new Uint32Array(count);
    for (let box = 0; box < count; box++) key[box] = this.key[this.node[box]!]!;
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

  private sortFound(): void {
    const { count, width } = this.found;
    if (count === 1) this.inOrder[0] = 0; // as it is with most
    if (count <= 1) return;
    if (count > this.inOrder.length) this.inOrder = new Uint32Array(width.length);
    for (let i = 0; i < count; i++) this.inOrder[i] = i;
    sortByWidth(this.inOrder, 0, count, width);
  }

  private grow(): void {
    this.node = twice(this.node);
    this.parent = twice(this.parent);
    this.firstChild = twice(this.firstChild);
    this.from = twice(this.from);
    this.below = twice(this.below);
    this.end = twice(this.end);
    this.start = twiceWide(this.start);
    this.width = twiceWide(this.width);
  }
}
