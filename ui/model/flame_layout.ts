// SPDX-License-Identifier: MIT
// Where the boxes of a flame graph lie, and which of them can be seen.
//
// Boxes are numbered level by level and from left to right in each, so that
//   - a level is a range of numbers: level[d] <= box < level[d + 1] if and only if box is d levels below the root
//   - the children of a box are a range: firstChild[box] <= child < firstChild[box + 1]
//   - `start` grows within a level, and box i covers [start[i], start[i] + total[0][i]) of the root's total.
// Siblings stand in falling order of their width, from the left end of their parent; what the parent allocates
// itself is the gap at its right end. Boxes without width are not laid out.

import { eachOnce, type Boxes } from './inverted_tree';

export interface Layout extends Boxes {
  start: Float64Array;
  firstChild: Uint32Array;
  level: Uint32Array;
}

export function layOut(boxes: Boxes): Layout {
  const width = boxes.total[0]!;
  const children = sortedChildren(boxes);
  const from = new Uint32Array(boxes.count);
  const parent = new Uint32Array(boxes.count);
  const firstChild = new Uint32Array(boxes.count + 1);
  const start = new Float64Array(boxes.count);
  const level = [0];
  let placed = 1;
  for (let box = 0; box < placed; box++) {
    if (box === level[level.length - 1]) level.push(placed);
    firstChild[box] = placed;
    let x = start[box]!;
    const old = from[box]!;
    for (let i = children.first[old]!; i < children.first[old + 1]!; i++) {
      const child = children.list[i]!;
      from[placed] = child;
      parent[placed] = box;
      start[placed] = x;
      x += width[child]!;
      placed++;
    }
  }
  firstChild[placed] = placed;
  const reordered = (values: Float64Array): Float64Array => {
    const result = new Float64Array(placed);
    for (let box = 0; box < placed; box++) result[box] = values[from[box]!]!;
    return result;
  };
  const key = new Uint32Array(placed);
  for (let box = 0; box < placed; box++) key[box] = boxes.key[from[box]!]!;
  return {
    count: placed,
    parent: parent.subarray(0, placed),
    key,
    own: eachOnce(boxes.own, reordered),
    total: eachOnce(boxes.total, reordered),
    start: start.subarray(0, placed),
    firstChild: firstChild.subarray(0, placed + 1),
    level: Uint32Array.from(level),
  };
}

/** Children with width of each box, in falling order of it: list[first[box]] to list[first[box + 1] - 1]. */
function sortedChildren(boxes: Boxes): { first: Uint32Array; list: Uint32Array } {
  const width = boxes.total[0]!;
  const { parent, count } = boxes;
  const first = new Uint32Array(count + 1);
  for (let box = 1; box < count; box++) if (width[box]! > 0) first[parent[box]! + 1]!++;
  for (let box = 0; box < count; box++) first[box + 1]! += first[box]!;
  const next = first.slice(0, count);
  const list = new Uint32Array(first[count]!);
  for (let box = 1; box < count; box++) if (width[box]! > 0) list[next[parent[box]!]!++] = box;
  for (let box = 0; box < count; box++) sortByWidth(list, first[box]!, first[box + 1]!, width);
  return { first, list };
}

/** Sorts list[begin] to list[end - 1] into falling order of their widths, equal ones as they stand. */
export function sortByWidth(list: Uint32Array, begin: number, end: number, width: Float64Array): void {
  if (end - begin > MANY) sortMany(list.subarray(begin, end), width);
  for (let i = begin + 1; i < end; i++) {
    const child = list[i]!;
    let place = i;
    for (; place > begin && width[list[place - 1]!]! < width[child]!; place--) list[place] = list[place - 1]!;
    list[place] = child;
  }
}

const MANY = 32; // children; mostly there are few, which are sorted soonest by moving each to its place

/** Into falling order of the rounded widths, equal ones as they stand, so that little is left to be done. */
function sortMany(children: Uint32Array, width: Float64Array): void {
  const widths = new Float64Array(children.length);
  for (let i = 0; i < widths.length; i++) widths[i] = width[children[i]!]!;
  const order = byWidth(widths);
  const before = children.slice();
  for (let i = 0; i < before.length; i++) children[i] = before[order[before.length - 1 - i]!]!;
}

const DIGIT_BITS = 11;
const DIGITS = 3;

/** Places by rising width, rounded to 32 bits, equal ones from the last on: a radix sort, for comparing a million
 *  widths takes too long. */
function byWidth(width: Float64Array): Uint32Array {
  const bits = new Uint32Array(new Float32Array(width).buffer);
  let from = new Uint32Array(width.length);
  for (let i = 0; i < from.length; i++) from[i] = from.length - 1 - i;
  let to = new Uint32Array(width.length);
  for (let digit = 0; digit < DIGITS; digit++) {
    const shift = digit * DIGIT_BITS;
    const place = new Uint32Array((1 << DIGIT_BITS) + 1);
    for (let i = 0; i < bits.length; i++) place[((bits[i]! >>> shift) & ((1 << DIGIT_BITS) - 1)) + 1]!++;
    for (let i = 0; i < 1 << DIGIT_BITS; i++) place[i + 1]! += place[i]!;
    for (let i = 0; i < from.length; i++) {
      const box = from[i]!;
      to[place[(bits[box]! >>> shift) & ((1 << DIGIT_BITS) - 1)]!++] = box;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Number of levels, the root's included. */
export function depthOf(layout: Layout): number {
  return layout.level.length - 1;
}

export function levelOf(layout: Layout, box: number): number {
  let low = 0;
  let high = layout.level.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (layout.level[middle]! <= box) low = middle;
    else high = middle;
  }
  return low;
}

export function endOf(layout: Layout, box: number): number {
  return layout.start[box]! + layout.total[0]![box]!;
}

export function isWithin(layout: Layout, box: number, around: number): boolean {
  while (box > around) box = layout.parent[box]!;
  return box === around;
}

/** The first box in [low, high), all of one level, that ends beyond x; `high` where there is none. */
function firstBeyond(layout: Layout, low: number, high: number, x: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(layout, middle) > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** As firstBeyond, in few steps when the answer is near `low`. */
function nextBeyond(layout: Layout, low: number, high: number, x: number): number {
  let step = 1;
  while (low + step < high && endOf(layout, low + step - 1) <= x) step *= 2;
  return firstBeyond(layout, low + (step >>> 1), Math.min(low + step, high), x);
}

export function boxAt(layout: Layout, depth: number, x: number): number | null {
  if (depth < 0 || depth >= depthOf(layout)) return null;
  const end = layout.level[depth + 1]!;
  const box = firstBeyond(layout, layout.level[depth]!, end, x);
  return box < end && layout.start[box]! <= x ? box : null;
}

/**
 * Visits what can be seen of one level in [x0, x1). Boxes narrower than `least` are visited together, as far as
 * they lie within `least` of the first one: visit(first, last, start, end). So there are at most about
 * 2 (x1 - x0) / least visits, whatever the level holds.
 */
export function visitLevel(
  layout: Layout,
  depth: number,
  x0: number,
  x1: number,
  least: number,
  visit: (first: number, last: number, start: number, end: number) => void,
): void {
  const stop = layout.level[depth + 1]!;
  let box = firstBeyond(layout, layout.level[depth]!, stop, x0);
  while (box < stop && layout.start[box]! < x1) {
    const start = layout.start[box]!;
    let last = box;
    if (layout.total[0]![box]! < least) last = Math.max(box, nextBeyond(layout, box, stop, start + least) - 1);
    visit(box, last, start, endOf(layout, last));
    box = last + 1;
  }
}
