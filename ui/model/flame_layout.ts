// SPDX-License-Identifier: MIT
// Where the boxes of a flame graph lie, and which of them can be seen.
//
// Boxes are numbered level by level and from left to right in each, so that
//   - a level is a range of numbers: level[d] <= box < level[d + 1] if and only if box is d levels below the root
//   - the children of a box are a range: firstChild[box] <= child < firstChild[box + 1]
//   - `start` grows within a level, and box i covers [start[i], start[i] + total[0][i]) of the root's total.
// Siblings stand in falling order of their width, from the left end of their parent; what the parent allocates
// itself is the gap at its right end. Boxes without width are not laid out.

export interface Layout {
  count: number;
  parent: Uint32Array;
  key: Uint32Array;
  /** By measure and box; see flame_tree.ts. */
  own: Float64Array[];
  total: Float64Array[];
  start: Float64Array;
  firstChild: Uint32Array;
  level: Uint32Array;
}

/** Number of levels, the root's included. */
export function depthOf(layout: Layout): number {
  return layout.level.length - 1;
}

/** The same boxes, with empty levels beyond them until there are as many as `depth`. */
export function withEmptyLevels(layout: Layout, depth: number): Layout {
  const level = new Uint32Array(Math.max(layout.level.length, depth + 1)).fill(layout.count);
  level.set(layout.level);
  return { ...layout, level };
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
