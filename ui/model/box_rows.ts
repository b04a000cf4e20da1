// SPDX-License-Identifier: MIT
// How the rows in a box of a flame graph are parted: those of the box itself, and those of each box in it.
//
// Rows are numbered so that those in a box are a range, and those of a box in it are a part of that range. What is
// asked of a range may give other numbers to rows within it, never beyond it.

import type { ChildOrder } from './call_tree';
import type { Direction } from './flame_tree';
import type { Preorder } from './preorder';
import { RowsDown } from './box_rows_down';
import { RowsOut } from './box_rows_out';

/** What this needs of a call tree; see call_tree.ts. */
export interface BoxTree {
  keyCount: number;
  parent: Uint32Array;
  key: Uint32Array;
  nodeOf: Uint32Array;
  order: ChildOrder;
  preorder: Preorder;
}

export interface BoxRows {
  readonly count: number;
  /** Of the rows in a box: where those of the boxes in it begin, behind its own. */
  behindOwn(node: number, from: number, end: number): number;
  /** Finds the boxes of these rows. */
  part(node: number, below: number, end: number, into: FoundBoxes): void;
  /** Sums of the measure over the first 0, 1, 2, … rows, as they are numbered now. */
  running(measure: Float64Array): Float64Array;
}

export function boxRows(tree: BoxTree, direction: Direction, rows: Uint32Array, widths: Float64Array): BoxRows {
  return direction === 'top-down' ? new RowsDown(tree, rows, widths) : new RowsOut(tree, rows, widths);
}

/** The boxes in one box, before they have numbers. */
export class FoundBoxes {
  count = 0;
  /** A node with the box's key; top-down it is the one that the box stands for. */
  node = new Uint32Array(64);
  from = new Uint32Array(64);
  end = new Uint32Array(64);
  width = new Float64Array(64);

  add(node: number, from: number, end: number, width: number): void {
    if (this.count === this.node.length) {
      this.node = twice(this.node);
      this.from = twice(this.from);
      this.end = twice(this.end);
      this.width = twiceWide(this.width);
    }
    const at = this.count++;
    this.node[at] = node;
    this.from[at] = from;
    this.end[at] = end;
    this.width[at] = width;
  }
}

export function twice(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}

export function twiceWide(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}
