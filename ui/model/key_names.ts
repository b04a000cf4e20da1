// SPDX-License-Identifier: MIT
// What a key of a call tree is called: in a row, in full, and where it is.

import type { GroupBy } from './call_tree';
import { baseName, FLAG, type Tables } from './tables';

export interface KeyName {
  name: string;
  full: string;
  where: string;
  /** For those who do not look for it: plumbing, run time, and what stands for unknown callers. */
  quiet: boolean;
}

export function nameOfKey(tables: Tables, by: GroupBy, key: number): KeyName {
  switch (by) {
    case 'module': {
      const path = tables.modulePath(key);
      return {
        name: path === '' ? '(code without a file)' : baseName(path),
        full: path,
        where: '',
        quiet: path === '',
      };
    }
    case 'file': {
      const path = tables.file(key);
      return { name: path === '' ? '(file not known)' : path, full: path, where: '', quiet: path === '' };
    }
    case 'line': {
      const f = tables.frames.function[key]!;
      return { ...nameOfFunction(tables, f), where: placeOfFrame(tables, key) };
    }
    case 'function':
      return nameOfFunction(tables, key);
  }
}

export function nameOfFunction(tables: Tables, f: number): KeyName {
  const flags = tables.flags(f);
  const full = tables.name(f);
  const file = tables.file(f);
  const name = tables.short(f) || full || baseName(tables.moduleOf(f)) || '(no name)';
  const quiet = (flags & (FLAG.plumbing | FLAG.runtime | FLAG.callersUnknown | FLAG.pruned)) !== 0;
  return { name, full: full || name, where: baseName(file === '' ? tables.moduleOf(f) : file), quiet };
}

/** "csv.c:12", or the module where no line is known. */
export function placeOfFrame(tables: Tables, frame: number): string {
  const f = tables.frames.function[frame]!;
  const file = tables.file(f);
  const line = tables.frames.line[frame]!;
  if (file === '') return baseName(tables.moduleOf(f));
  return line === 0 ? baseName(file) : `${baseName(file)}:${line}`;
}

/** The whole path of a frame's place, for titles. */
export function wholePlaceOfFrame(tables: Tables, frame: number): string {
  const f = tables.frames.function[frame]!;
  const file = tables.file(f);
  const line = tables.frames.line[frame]!;
  return `${file === '' ? '' : `${file}${line === 0 ? '' : `:${line}`}\n`}${tables.moduleOf(f)}`;
}

/** The function that a key stands for; null: none does. */
export function functionOfKey(tables: Tables, by: GroupBy, key: number): number | null {
  if (by === 'function') return key;
  return by === 'line' ? tables.frames.function[key]! : null;
}
