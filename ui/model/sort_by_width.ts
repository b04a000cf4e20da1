// SPDX-License-Identifier: MIT
// Sorts siblings of a flame graph by their widths.

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
