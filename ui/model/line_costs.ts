// SPDX-License-Identifier: MIT
// What the lines of one source file cost.
//
// site    of a stack: its innermost frame that is neither a wrapper of the allocator nor the language's run
//         time; where one would say that it allocates
// made    amount of the stacks whose site is this line
// through amount of the stacks that pass through this line, each once, however often it recurs
//
//   made[line] <= through[line]

import { FLAG, type Tables } from './tables';

export interface LineCost {
  made: number;
  through: number;
}

const FOLDED = FLAG.plumbing | FLAG.runtime;

/** `amounts`: by row, of the blocks with exactly this stack. `inFile`: by function, 1 where it is of the file. */
export function lineCosts(tables: Tables, amounts: Float64Array, inFile: Uint8Array): Map<number, LineCost> {
  const { parent, frame } = tables.rows;
  const { functions, frames, rowFunction } = tables;
  const made = amounts.slice();
  const through = amounts.slice();
  for (let row = parent.length - 1; row > 0; row--) {
    through[parent[row]!]! += through[row]!;
    if (made[row] === 0 || !(functions.flags[rowFunction[row]!]! & FOLDED)) continue;
    made[parent[row]!]! += made[row]!;
    made[row] = 0;
  }
  const costs = new Map<number, LineCost>();
  for (let row = 1; row < parent.length; row++) {
    if (through[row] === 0 || inFile[rowFunction[row]!] !== 1) continue;
    const line = frames.line[frame[row]!]!;
    let cost = costs.get(line);
    if (cost === undefined) costs.set(line, (cost = { made: 0, through: 0 }));
    cost.made += made[row]!;
    if (!isOnPath(tables, parent[row]!, line, inFile)) cost.through += through[row]!;
  }
  return costs;
}

function isOnPath(tables: Tables, row: number, line: number, inFile: Uint8Array): boolean {
  const { rows, frames, rowFunction } = tables;
  for (; row !== 0; row = rows.parent[row]!)
    if (frames.line[rows.frame[row]!] === line && inFile[rowFunction[row]!] === 1) return true;
  return false;
}
