// SPDX-License-Identifier: MIT
// The modules in the order in which they get their colours: those with most call stacks first, whatever is asked,
// so that a colour means the same module in every picture of a recording.

import { FLAG, type Tables } from './tables';

const known = new WeakMap<Tables, Uint32Array>();

/** Rank of each module; one more than all for functions without a module. */
export function moduleRanks(tables: Tables): Uint32Array {
  let ranks = known.get(tables);
  if (ranks === undefined) known.set(tables, (ranks = findRanks(tables)));
  return ranks;
}

function findRanks(tables: Tables): Uint32Array {
  const count = tables.modules.path.length + 1;
  const rows = new Float64Array(count);
  const { flags, module } = tables.functions;
  for (let row = 1; row < tables.rowCount; row++) {
    const f = tables.rowFunction[row]!;
    if (!(flags[f]! & (FLAG.plumbing | FLAG.runtime))) rows[Math.min(module[f]!, count - 1)]!++;
  }
  const order = Array.from(rows, (_, m) => m).sort((a, b) => rows[b]! - rows[a]! || a - b);
  const ranks = new Uint32Array(count);
  order.forEach((m, rank) => (ranks[m] = rank));
  return ranks;
}
