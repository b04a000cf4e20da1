// SPDX-License-Identifier: MIT
// Merges the stacks of a recording into the boxes of a flame graph.
//
// row      a path of frames from the outermost in; row 0 is the root; a row's parent comes before it
// key      what a frame is drawn as (its function); rows with equal keys below one box share a box
// box      a node of the drawn tree; box 0 is the root, a box's parent comes before it
// measure  an amount for each row, of the blocks with exactly this stack; measure 0 gives the widths
//
//   total[m][box] = own[m][box] + sum of total[m][child]
//
// Top-down, a box is a path from the outermost frame in. Bottom-up it is a path from the allocating frame
// out, and `own` is what has no further caller.
//
// Collapsed, a function stands at most once on a path: where it is entered again, the path goes back to its
// first place, so main > value > list > value > string becomes main > value > string.

import { PairTable } from './pair_table';

export interface StackRows {
  parent: Uint32Array;
  key: Uint32Array;
}

export interface MergeOptions {
  recursion: 'shown' | 'collapsed';
  /** By key: frames that are left out; what they allocate counts for the frame around them. */
  hidden: Uint8Array | null;
}

export interface Boxes {
  count: number;
  parent: Uint32Array;
  key: Uint32Array;
  own: Float64Array[];
  total: Float64Array[];
}

export const NO_KEY = 0xffffffff;
const OFF_PATH = -1;

/** The top-down tree without amounts: it depends on the stacks and the options, not on the measures. */
export interface Shape {
  count: number;
  parent: Uint32Array;
  key: Uint32Array;
  boxOfRow: Uint32Array;
}

export function shapeTopDown(rows: StackRows, options: MergeOptions): Shape {
  const rowCount = rows.parent.length;
  const parent = new Uint32Array(Math.max(rowCount, 1));
  const key = new Uint32Array(Math.max(rowCount, 1));
  const boxOfRow = new Uint32Array(rowCount);
  const known = new PairTable(rowCount);
  key[0] = NO_KEY;
  let count = 1;
  for (let row = 1; row < rowCount; row++) {
    const above = boxOfRow[rows.parent[row]!]!;
    const rowKey = rows.key[row]!;
    if (options.hidden !== null && options.hidden[rowKey] === 1) {
      boxOfRow[row] = above;
      continue;
    }
    const again = options.recursion === 'collapsed' ? boxOnPath(parent, key, above, rowKey) : 0;
    if (again !== 0) {
      boxOfRow[row] = again;
      continue;
    }
    const box = known.findOrAdd(above, rowKey, count);
    if (box === count) {
      parent[box] = above;
      key[box] = rowKey;
      count++;
    }
    boxOfRow[row] = box;
  }
  return { count, parent: parent.subarray(0, count), key: key.subarray(0, count), boxOfRow };
}

export function measureTopDown(shape: Shape, measures: Float64Array[]): Boxes {
  const own = ownOfBoxes(shape, measures);
  const total = own.map((sums) => {
    const totals = sums.slice();
    for (let box = shape.count - 1; box > 0; box--) totals[shape.parent[box]!]! += totals[box]!;
    return totals;
  });
  return { count: shape.count, parent: shape.parent, key: shape.key, own, total };
}

function ownOfBoxes(shape: Shape, measures: Float64Array[]): Float64Array[] {
  return measures.map((measure) => {
    const sums = new Float64Array(shape.count);
    for (let row = 0; row < measure.length; row++) sums[shape.boxOfRow[row]!]! += measure[row]!;
    return sums;
  });
}

/** The box with this key on the path from `box` up to, and without, the root; 0 where there is none. */
function boxOnPath(parent: Uint32Array, key: Uint32Array, box: number, wanted: number): number {
  while (box !== 0 && key[box] !== wanted) box = parent[box]!;
  return box;
}

/** Ways out: each stands in a box of the new tree and goes on in `row`, a box of the shape; two that meet are one. */
interface Ways {
  count: number;
  box: Uint32Array;
  row: Uint32Array;
  amount: Float64Array[];
}

function newWays(room: number, measures: number): Ways {
  const amount = Array.from({ length: measures }, () => new Float64Array(room));
  return { count: 0, box: new Uint32Array(room), row: new Uint32Array(room), amount };
}

/**
 * How far a bottom-up tree is carried out: the callers of boxes below `least` are left out, but inside the box at the end
 * of the path `within` only those of boxes below `leastWithin`. What is too small to be seen costs no time that way.
 */
export interface Detail {
  least: number;
  within: readonly number[];
  leastWithin: number;
}

const ALL: Detail = { least: 0, within: [], leastWithin: 0 };

/** The tree of a shape the other way around. */
export function measureBottomUp(shape: Shape, measures: Float64Array[], detail: Detail = ALL): Boxes {
  const own = ownOfBoxes(shape, measures);
  const tree = new GrowingBoxes(measures.length, detail);
  let ways = newWays(shape.count, measures.length);
  for (let box = 0; box < shape.count; box++) {
    if (!own.some((sums) => sums[box] !== 0)) continue;
    ways.row[ways.count] = box;
    own.forEach((sums, m) => (ways.amount[m]![ways.count] = sums[box]!));
    tree.addTotal(0, ways.amount, ways.count);
    ways.count++;
  }
  while (ways.count > 0) {
    ways = stepOut(shape, tree, ways);
    keepLarge(tree, ways);
  }
  return tree.boxes();
}

/** Takes each way one frame outwards. */
function stepOut(shape: Shape, tree: GrowingBoxes, ways: Ways): Ways {
  const next = newWays(ways.count, tree.total.length);
  const met = new PairTable(ways.count);
  for (let way = 0; way < ways.count; way++) {
    const box = ways.box[way]!;
    const row = ways.row[way]!;
    if (row === 0) {
      tree.addOwn(box, ways.amount, way);
      continue;
    }
    const caller = tree.childOf(box, shape.key[row]!);
    tree.addTotal(caller, ways.amount, way);
    const above = shape.parent[row]!;
    const place = met.findOrAdd(caller, above, next.count);
    if (place === next.count) {
      next.box[place] = caller;
      next.row[place] = above;
      next.count++;
    }
    for (let m = 0; m < next.amount.length; m++) next.amount[m]![place]! += ways.amount[m]![way]!;
  }
  return next;
}

/** Gives up the ways of boxes that are too small; their totals are complete when a whole step is made. */
function keepLarge(tree: GrowingBoxes, ways: Ways): void {
  let kept = 0;
  for (let way = 0; way < ways.count; way++) {
    const box = ways.box[way]!;
    if (tree.total[0]![box]! < tree.leastOf(box)) continue;
    ways.box[kept] = box;
    ways.row[kept] = ways.row[way]!;
    for (const amount of ways.amount) amount[kept] = amount[way]!;
    kept++;
  }
  ways.count = kept;
}

/** Boxes that are made while their number is not yet known. */
class GrowingBoxes {
  parent = new Uint32Array(1024);
  key = new Uint32Array(1024);
  own: Float64Array[];
  total: Float64Array[];
  private count = 1;
  private readonly known = new PairTable(1024);
  /** How much of the path `within` leads to a box; OFF_PATH where it is beside the path. */
  private led = new Int32Array(1024);

  constructor(
    measures: number,
    private readonly detail: Detail,
  ) {
    this.key[0] = NO_KEY;
    this.own = Array.from({ length: measures }, () => new Float64Array(1024));
    this.total = Array.from({ length: measures }, () => new Float64Array(1024));
  }

  childOf(box: number, key: number): number {
    const child = this.known.findOrAdd(box, key, this.count);
    if (child !== this.count) return child;
    if (child === this.parent.length) this.grow();
    this.parent[child] = box;
    this.key[child] = key;
    this.led[child] = this.ledThrough(this.led[box]!, key);
    this.count++;
    return child;
  }

  leastOf(box: number): number {
    const { within, least, leastWithin } = this.detail;
    const led = this.led[box]!;
    if (led === OFF_PATH) return least;
    return led === within.length ? leastWithin : 0;
  }

  private ledThrough(led: number, key: number): number {
    const { within } = this.detail;
    if (led === OFF_PATH || led === within.length) return led;
    return within[led] === key ? led + 1 : OFF_PATH;
  }

  addOwn(box: number, amount: Float64Array[], at: number): void {
    for (let m = 0; m < amount.length; m++) this.own[m]![box]! += amount[m]![at]!;
  }

  addTotal(box: number, amount: Float64Array[], at: number): void {
    for (let m = 0; m < amount.length; m++) this.total[m]![box]! += amount[m]![at]!;
  }

  boxes(): Boxes {
    const cut = <T extends Uint32Array | Float64Array>(array: T): T => array.subarray(0, this.count) as T;
    return {
      count: this.count,
      parent: cut(this.parent),
      key: cut(this.key),
      own: this.own.map(cut),
      total: this.total.map(cut),
    };
  }

  private grow(): void {
    const longer = <T extends Uint32Array | Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const room = this.parent.length * 2;
    this.parent = longer(this.parent, new Uint32Array(room));
    this.key = longer(this.key, new Uint32Array(room));
    this.led = longer(this.led, new Int32Array(room));
    this.own = this.own.map((sums) => longer(sums, new Float64Array(room)));
    this.total = this.total.map((sums) => longer(sums, new Float64Array(room)));
  }
}
