// SPDX-License-Identifier: MIT
// The tables of a recording: names, functions, frames, and the tree of stacks.
//
//   row    a path of source-level frames from the outermost in; row 0 is the root, which has no frame, and a
//          row's parent comes before it
//   name   offset of a NUL-terminated text in `strings`
//
// Texts are decoded when they are first asked for.

import type { Container } from '../api/container';

export const NO_FRAME = 0xffffffff;

export const FLAG = { plumbing: 1, runtime: 2, callersUnknown: 4, nameless: 8, pruned: 16 } as const;

export class Tables {
  readonly rowCount: number;
  /** The function of each row; NO_FRAME for the root. */
  readonly rowFunction: Uint32Array;
  private readonly texts = new Map<number, string>();
  private readonly decoder = new TextDecoder();

  constructor(
    readonly strings: Uint8Array,
    readonly functions: {
      name: Uint32Array;
      short: Uint32Array;
      file: Uint32Array;
      module: Uint32Array;
      flags: Uint8Array;
    },
    readonly modules: { path: Uint32Array },
    readonly frames: { function: Uint32Array; line: Uint32Array; flags: Uint8Array },
    readonly rows: { parent: Uint32Array; frame: Uint32Array },
  ) {
    this.rowCount = rows.parent.length;
    this.check();
    this.rowFunction = new Uint32Array(this.rowCount);
    for (let r = 0; r < this.rowCount; r++) {
      const frame = rows.frame[r]!;
      this.rowFunction[r] = frame === NO_FRAME ? NO_FRAME : frames.function[frame]!;
    }
  }

  static decode(c: Container): Tables {
    return new Tables(
      c.u8('strings'),
      {
        name: c.u32('functions.name'),
        short: c.u32('functions.short'),
        file: c.u32('functions.file'),
        module: c.u32('functions.module'),
        flags: c.u8('functions.flags'),
      },
      { path: c.u32('modules.path') },
      { function: c.u32('frames.function'), line: c.u32('frames.line'), flags: c.u8('frames.flags') },
      { parent: c.u32('rows.parent'), frame: c.u32('rows.frame') },
    );
  }

  get functionCount(): number {
    return this.functions.name.length;
  }

  text(offset: number): string {
    let text = this.texts.get(offset);
    if (text === undefined) {
      let end = this.strings.indexOf(0, offset);
      if (end < 0) end = this.strings.length;
      text = this.decoder.decode(this.strings.subarray(offset, end));
      this.texts.set(offset, text);
    }
    return text;
  }

  /** The whole demangled name. */
  name(f: number): string {
    return this.text(this.functions.name[f]!);
  }

  /** The name as people read it, with long template arguments left out. */
  short(f: number): string {
    return this.text(this.functions.short[f]!);
  }

  file(f: number): string {
    return this.text(this.functions.file[f]!);
  }

  modulePath(m: number): string {
    return m < this.modules.path.length ? this.text(this.modules.path[m]!) : '';
  }

  moduleOf(f: number): string {
    return this.modulePath(this.functions.module[f]!);
  }

  flags(f: number): number {
    return this.functions.flags[f]!;
  }

  /** The rows of a stack, innermost first, without the root. */
  stackOf(row: number): number[] {
    const rows: number[] = [];
    for (let r = row; r !== 0; r = this.rows.parent[r]!) rows.push(r);
    return rows;
  }

  private check(): void {
    const { parent, frame } = this.rows;
    if (this.rowCount === 0 || frame.length !== this.rowCount) throw new Error('the tree of stacks has no root');
    for (let r = 1; r < this.rowCount; r++)
      if (parent[r]! >= r || frame[r]! >= this.frames.function.length)
        throw new Error(`row ${r} of the tree of stacks is wrong`);
    for (const f of this.frames.function)
      if (f >= this.functionCount) throw new Error('a frame names a function that is not there');
  }
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
