// SPDX-License-Identifier: MIT
// Trees with amounts, as a flame graph draws them: top-down as the call tree is, or bottom-up, the other way around.
//
// measure  an amount for each of some rows, of the blocks with exactly this stack; measure 0 gives widths
// box      a node of the drawn tree; box 0 is the root, a box's parent comes before it
//
//   total[m][box] = own[m][box] + sum of total[m][child]
//
// Top-down, a box is a path from the outermost frame in. Bottom-up it is a path from the allocating frame out, and
// `own` is what has no further caller.

import { ALL, PathInside, type Detail } from './flame_detail';
import { PairTable } from './pair_table';
import { Reach, type Shape } from './reach';
import { NO_FRAME } from './tables';

export interface Boxes {
  count: number;
  parent: Uint32Array;
  key: Uint32Array;
  own: Float64Array[];
  total: Float64Array[];
}

/** The rows that the amounts of measures are of, in their order, and the nodes that they reach. */
export interface Touched {
  readonly rows: Uint32Array;
  /** Found when it is asked for: where a worker makes the picture, the page never does. */
  readonly reach: Reach;
}

export function allOf(shape: Shape): Touched {
  const rows = Uint32Array.from(shape.nodeOf, (_, row) => row);
  return { rows, reach: Reach.of(shape, rows) };
}

/** The results for some arrays; those that are the same array, as widths and figures often are, have one result. */
export function eachOnce(
  arrays: readonly Float64Array[],
  make: (array: Float64Array) => Float64Array,
): Float64Array[] {
  const made = new Map<Float64Array, Float64Array>();
  return arrays.map((array) => {
    let result = made.get(array);
    if (result === undefined) made.set(array, (result = make(array)));
    return result;
  });
}

/** The rows with an amount of any measure, and those amounts: the others are in no box that is drawn. */
export function withAmounts(
  measures: readonly Float64Array[],
  rows: Uint32Array,
): { measures: Float64Array[]; rows: Uint32Array } {
  const places = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    let m = 0;
    while (m < measures.length && measures[m]![i] === 0) m++;
    if (m < measures.length) places[count++] = i;
  }
  const picked = <A extends Float64Array | Uint32Array>(from: A, to: A): A => {
    for (let i = 0; i < count; i++) to[i] = from[places[i]!]!;
    return to;
  };
  return {
    measures: eachOnce(measures, (measure) => picked(measure, new Float64Array(count))),
    rows: picked(rows, new Uint32Array(count)),
  };
}

export function measureTopDown(shape: Shape, measures: Float64Array[], touched: Touched = allOf(shape)): Boxes {
  const { rows, reach } = touched;
  const { nodes } = reach;
  const own = eachOnce(measures, (measure) => reach.gathered(rows, measure));
  const bySlot = eachOnce(own, (sums) => reach.inclusive(sums));
  const behindFirst = (sums: Float64Array): Float64Array => sums.subarray(1);
  const { above } = reach;
  const parent = new Uint32Array(nodes.length);
  const key = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    parent[i] = above[i]! - 1;
    key[i] = shape.key[nodes[i]!]!;
  }
  return {
    count: nodes.length,
    parent,
    key,
    own: eachOnce(own, behindFirst),
    total: eachOnce(bySlot, behindFirst),
  };
}

/** Ways out: each stands in a box of the new tree and goes on in a node of the shape; two that meet become one. */
interface Ways {
  count: number;
  box: Uint32Array;
  node: Uint32Array;
  amount: Float64Array[];
}

function newWays(room: number, measures: number): Ways {
  const amount = Array.from({ length: measures }, () => new Float64Array(room));
  return { count: 0, box: new Uint32Array(room), node: new Uint32Array(room), amount };
}

/** The tree of a shape the other way around, carried out as far as `detail` says. */
export function measureBottomUp(
  shape: Shape,
  measures: Float64Array[],
  detail: Detail = ALL,
  touched: Touched = allOf(shape),
): Boxes {
  const { rows, reach } = touched;
  const { ends, slot } = reach;
  const own = eachOnce(measures, (measure) => reach.gathered(rows, measure));
  const tree = new GrowingBoxes(measures.length, detail);
  let ways = newWays(ends.length, measures.length);
  for (const node of ends) {
    const at = slot[node]!;
    if (!own.some((sums) => sums[at] !== 0)) continue;
    ways.node[ways.count] = node;
    own.forEach((sums, m) => (ways.amount[m]![ways.count] = sums[at]!));
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
    const node = ways.node[way]!;
    if (node === 0) {
      tree.addOwn(box, ways.amount, way);
      continue;
    }
    const caller = tree.childOf(box, shape.key[node]!);
    tree.addTotal(caller, ways.amount, way);
    const above = shape.parent[node]!;
    const place = met.idOf(caller, above);
    next.box[place] = caller;
    next.node[place] = above;
    for (let m = 0; m < next.amount.length; m++) next.amount[m]![place]! += ways.amount[m]![way]!;
  }
  next.count = met.count;
  return next;
}

/** Gives up the ways of boxes that are too small; their totals are complete when a whole step is made. */
function keepLarge(tree: GrowingBoxes, ways: Ways): void {
  let kept = 0;
  for (let way = 0; way < ways.count; way++) {
    const box = ways.box[way]!;
    if (tree.total[0]![box]! < tree.path.leastOf(box)) continue;
    ways.box[kept] = box;
    ways.node[kept] = ways.node[way]!;
    for (const amount of ways.amount) amount[kept] = amount[way]!;
    kept++;
  }
  ways.count = kept;
}

/** The boxes of a tree that grows. */
class GrowingBoxes {
  own: Float64Array[];
  total: Float64Array[];
  readonly path: PathInside;
  private readonly known = new PairTable(1024);

  constructor(measures: number, detail: Detail) {
    this.path = new PathInside(detail);
    this.known.idOf(0, NO_FRAME);
    this.own = Array.from({ length: measures }, () => new Float64Array(1024));
    this.total = Array.from({ length: measures }, () => new Float64Array(1024));
  }

  childOf(box: number, key: number): number {
    const count = this.known.count;
    const child = this.known.idOf(box, key);
    if (child !== count) return child;
    if (child === this.own[0]!.length) this.grow();
    this.path.add(child, box, key);
    return child;
  }

  addOwn(box: number, amount: Float64Array[], at: number): void {
    for (let m = 0; m < amount.length; m++) this.own[m]![box]! += amount[m]![at]!;
  }

  addTotal(box: number, amount: Float64Array[], at: number): void {
    for (let m = 0; m < amount.length; m++) this.total[m]![box]! += amount[m]![at]!;
  }

  boxes(): Boxes {
    const { count, first, second } = this.known;
    const cut = (sums: Float64Array): Float64Array => sums.subarray(0, count);
    return {
      count,
      parent: first.subarray(0, count),
      key: second.subarray(0, count),
      own: this.own.map(cut),
      total: this.total.map(cut),
    };
  }

  private grow(): void {
    const room = this.own[0]!.length * 2;
    const longer = (from: Float64Array): Float64Array => {
      const to = new Float64Array(room);
      to.set(from);
      return to;
    };
    this.own = this.own.map(longer);
    this.total = this.total.map(longer);
  }
}
