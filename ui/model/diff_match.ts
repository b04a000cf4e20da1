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

import { PairTable } from '../widgets/pair_table';

export interface StackTables {
  strings: Uint8Array;
  functions: { name: Uint32Array; short: Uint32Array; file: Uint32Array; module: Uint32Array; flags: Uint8Array };
  modules: { path: Uint32Array };
  frames: { function: Uint32Array; line: Uint32Array; flags: Uint8Array };
  rows: { parent: Uint32Array; frame: Uint32Array };
}

export interface Matched {
  tables: StackTables;
  /** The matched row of each row. */
  fromAfter: Uint32Array;
  fromBefore: Uint32Array;
}

const NO_FRAME = 0xffffffff;
const NO_NAME = 8; // flag of a function

export function matchTables(after: StackTables, before: StackTables): Matched {
  const modules = new Distinct();
  const functions = new Distinct();
  const sides = [after, before].map((tables) => {
    const text = new Strings(tables.strings);
    const module = Uint32Array.from(tables.modules.path, (path) => modules.idOf(moduleKey(text.at(path))));
    const own = Uint32Array.from(tables.functions.name, (_, f) => functions.idOf(functionKey(tables, text, f)));
    return { tables, module, function: own };
  });
  const strings = joined(after.strings, before.strings);
  const merged: StackTables = {
    strings,
    functions: {
      name: new Uint32Array(functions.count),
      short: new Uint32Array(functions.count),
      file: new Uint32Array(functions.count),
      module: new Uint32Array(functions.count),
      flags: new Uint8Array(functions.count),
    },
    modules: { path: new Uint32Array(modules.count) },
    frames: { function: new Uint32Array(0), line: new Uint32Array(0), flags: new Uint8Array(0) },
    rows: { parent: new Uint32Array(0), frame: new Uint32Array(0) },
  };
  // The older side is written first, so that the newer one's texts replace its own where both know a function.
  for (const [side, shift] of [[sides[1]!, after.strings.length], [sides[0]!, 0]] as const) {
    side.module.forEach((id, m) => (merged.modules.path[id] = side.tables.modules.path[m]! + shift));
    side.function.forEach((id, f) => copyFunction(merged, side.tables, id, f, side.module, shift));
  }
  const rows = new MatchedRows(after.rows.parent.length + before.rows.parent.length);
  const fromAfter = rows.add(after, sides[0]!.function);
  const fromBefore = rows.add(before, sides[1]!.function);
  merged.frames = rows.frames();
  merged.rows = rows.rows();
  return { tables: merged, fromAfter, fromBefore };
}

/** Rows by (matched parent, matched function), each with a frame of its own. */
class MatchedRows {
  private readonly known: PairTable;
  private readonly parent: Uint32Array;
  private readonly function: Uint32Array;
  private readonly line: Uint32Array;
  private readonly flags: Uint8Array;
  private count = 1;

  constructor(most: number) {
    this.known = new PairTable(most);
    this.parent = new Uint32Array(most);
    this.function = new Uint32Array(most);
    this.line = new Uint32Array(most);
    this.flags = new Uint8Array(most);
  }

  add(tables: StackTables, functionIds: Uint32Array): Uint32Array {
    const { rows, frames } = tables;
    const matched = new Uint32Array(rows.parent.length);
    for (let row = 1; row < matched.length; row++) {
      const frame = rows.frame[row]!;
      const parent = matched[rows.parent[row]!]!;
      const id = functionIds[frames.function[frame]!]!;
      const found = this.known.findOrAdd(parent, id, this.count);
      if (found === this.count) {
        this.parent[found] = parent;
        this.function[found] = id;
        this.line[found] = frames.line[frame]!;
        this.flags[found] = frames.flags[frame]!;
        this.count++;
      }
      matched[row] = found;
    }
    return matched;
  }

  /** Frame i - 1 is that of row i. */
  frames(): StackTables['frames'] {
    const { count } = this;
    return {
      function: this.function.slice(1, count),
      line: this.line.slice(1, count),
      flags: this.flags.slice(1, count),
    };
  }

  rows(): StackTables['rows'] {
    const frame = Uint32Array.from({ length: this.count }, (_, row) => (row === 0 ? NO_FRAME : row - 1));
    return { parent: this.parent.slice(0, this.count), frame };
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

/** NUL-terminated strings in one array of bytes. */
class Strings {
  private readonly decoder = new TextDecoder();

  constructor(private readonly bytes: Uint8Array) {}

  at(offset: number): string {
    const end = this.bytes.indexOf(0, offset);
    return this.decoder.decode(this.bytes.subarray(offset, end < 0 ? this.bytes.length : end));
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function copyFunction(
  to: StackTables,
  from: StackTables,
  id: number,
  f: number,
  moduleIds: Uint32Array,
  shift: number,
): void {
  const { functions } = from;
  to.functions.name[id] = functions.name[f]! + shift;
  to.functions.short[id] = functions.short[f]! + shift;
  to.functions.file[id] = functions.file[f]! + shift;
  to.functions.module[id] = moduleIds[functions.module[f]!] ?? functions.module[f]!;
  to.functions.flags[id] = functions.flags[f]!;
}

function functionKey(tables: StackTables, text: Strings, f: number): string {
  const { functions, modules } = tables;
  const modulePath = modules.path[functions.module[f]!];
  const module = modulePath === undefined ? '' : moduleKey(text.at(modulePath));
  if (functions.flags[f]! & NO_NAME) return `\0${module}`;
  return `${functionNameKey(text.at(functions.name[f]!))}\0${baseName(text.at(functions.file[f]!))}`;
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
