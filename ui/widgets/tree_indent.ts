// SPDX-License-Identifier: MIT
// How far in the rows of a tree table stand: a step for each level, but never so far that the name has no room. Where
// steps are left out, the row says its level as a number instead.

const MARGIN = 8; // pixels
const STEP = 14;
const MOST = 1 / 4; // of the column

export interface Indent {
  pixels: number;
  isCut: boolean;
}

/** Of a row so many steps in, in a column that is so many pixels wide; 0: nobody knows how wide it is. */
export function indentOf(steps: number, width: number): Indent {
  const most = width === 0 ? Infinity : Math.max(Math.floor((width * MOST - MARGIN) / STEP), 0);
  return { pixels: MARGIN + Math.min(steps, most) * STEP, isCut: steps > most };
}
