// SPDX-License-Identifier: MIT
// One set of tables for two recordings, so that every view can show what changed.
//
// before, after   the tables of the two recordings
// matched         the tables that hold the stacks of both: functions are the same when their names and files
//                 are (never their addresses or lines, which change with every edit), and stacks when their
//                 functions are; functions without names are the same when their modules are
//
//   matched row of a row:  its parent's matched row, and the same function (rows that differ only in their
//                          lines become one)
//   a row's parent comes before it, as in every recording
//
// Lines and whole paths are those of `after`, where it has the function.

import { PairTable } from './pair_table';
import { baseName, FLAG, NO_FRAME, Tables } from './tables';

export interface Matched {
  tables: Tables;
  /** The matched row of each row. */
  fromAfter: Uint32Array;
  fromBefore: Uint32Array;
}

export function matchTables(after: Tables, before: Tables): Matched {
  const modules = new Distinct();
  const functions = new Distinct();
  const sides = [after, before].map((tables) => {
    const module = Uint32Array.from(tables.modules.path, (path) => modules.idOf(moduleKey(tables.text(path))));
    const own = Uint32Array.from(tables.functions.name, (_, f) => functions.idOf(functionKey(tables, f)));
    return { tables, module, function: own };
  });
  const merged = {
    name: new Uint32Array(functions.count),
    short: new Uint32Array(functions.count),
    file: new Uint32Array(functions.count),
    module: new Uint32Array(functions.count).fill(modules.count),
    flags: new Uint8Array(functions.count),
  };
  const path = new Uint32Array(modules.count);
  // The older side is written first, so that the newer one's texts replace its own where both know a function.
  for (const [side, shift] of [
    [sides[1]!, after.strings.length],
    [sides[0]!, 0],
  ] as const) {
    side.module.forEach((id, m) => (path[id] = side.tables.modules.path[m]! + shift));
    side.function.forEach((id, f) => copyFunction(merged, side.tables, id, f, side.module, shift));
  }
  const rows = new MatchedRows(after.rows.parent.length + before.rows.parent.length);
  const fromAfter = rows.add(after, sides[0]!.function);
  const fromBefore = rows.add(before, sides[1]!.function);
  const strings = joined(after.strings, before.strings);
  const tables = new Tables(strings, merged, { path }, rows.frames(), rows.rows());
  return { tables, fromAfter, fromBefore };
}

/** Rows by (matched parent, matched function), each with a frame of its own. */
class MatchedRows {
  private readonly known: PairTable;
  private readonly line: Uint32Array;
  private readonly flags: Uint8Array;

  constructor(most: number) {
    this.known = new PairTable(most);
    this.known.idOf(0, NO_FRAME); // the root
    this.line = new Uint32Array(most);
    this.flags = new Uint8Array(most);
  }

  add(tables: Tables, functionIds: Uint32Array): Uint32Array {
    const { rows, frames } = tables;
    const matched = new Uint32Array(rows.parent.length);
    for (let row = 1; row < matched.length; row++) {
      const frame = rows.frame[row]!;
      const { count } = this.known;
      const found = this.known.idOf(matched[rows.parent[row]!]!, functionIds[frames.function[frame]!]!);
      if (found === count) {
        this.line[found] = frames.line[frame]!;
        this.flags[found] = frames.flags[frame]!;
      }
      matched[row] = found;
    }
    return matched;
  }

  /** Frame i - 1 is that of row i. */
  frames(): Tables['frames'] {
    const { count, second } = this.known;
    return { function: second.slice(1, count), line: this.line.slice(1, count), flags: this.flags.slice(1, count) };
  }

  rows(): Tables['rows'] {
    const { count, first } = this.known;
    const frame = new Uint32Array(count);
    for (let row = 0; row < count; row++) frame[row] = row === 0 ? NO_FRAME : row - 1;
    return { parent: first.slice(0, count), frame };
  }
}

/** Numbers texts in the order in which they are first met. */
class Distinct {
  private readonly ids = new Map<string, number>();

  get count(): number {
    return this.ids.size;
  }

  idOf(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) this.ids.set(text, (id = this.ids.size));
    return id;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function copyFunction(
  to: Tables['functions'],
  from: Tables,
  id: number,
  f: number,
  moduleIds: Uint32Array,
  shift: number,
): void {
  const { functions } = from;
  to.name[id] = functions.name[f]! + shift;
  to.short[id] = functions.short[f]! + shift;
  to.file[id] = functions.file[f]! + shift;
  to.module[id] = moduleIds[functions.module[f]!] ?? to.module[id]!;
  to.flags[id] = functions.flags[f]!;
}

function functionKey(tables: Tables, f: number): string {
  if (tables.flags(f) & FLAG.nameless) return `\0${moduleKey(tables.moduleOf(f))}`;
  return `${functionNameKey(tables.name(f))}\0${baseName(tables.file(f))}`;
}

/** A function's name without what a compiler appends: ".part.0", "[clone .cold]", Rust's "::h0123456789abcdef". */
export function functionNameKey(name: string): string {
  return name
    .replace(/(\.(part|isra|constprop|cold|llvm|lto_priv)(\.\d+)*|\s*\[clone [^\]]*\])+$/, '')
    .replace(/::h[0-9a-f]{16}$/, '');
}

/** A module without its folder and its version. */
export function moduleKey(path: string): string {
  return baseName(path).replace(/\.so[.\d]*$/, '.so');
}
