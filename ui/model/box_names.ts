// SPDX-License-Identifier: MIT
// What the keys of a call tree are called: functions, lines, files or modules.

import type { CallTree } from './call_tree';
import { baseName, FLAG } from './tables';

export interface BoxName {
  /** As it stands in a box or a row. */
  short: string;
  /** The whole of it. */
  full: string;
  /** Where it is: file and line as far as they are known, and the module. */
  place: string;
  module: string;
  /** The allocator's or the language's own code. */
  quiet: boolean;
  /** The function, where the key stands for one; null otherwise. */
  function: number | null;
}

export function boxName(tree: CallTree, key: number): BoxName {
  const { tables } = tree;
  if (tree.by === 'module') {
    const path = tables.modulePath(key) || 'unknown module';
    return { short: baseName(path), full: path, place: '', module: path, quiet: false, function: null };
  }
  const f = tree.by === 'line' ? tables.frames.function[key]! : key;
  const module = tables.moduleOf(f);
  const file = tables.file(f);
  const quiet = (tables.flags(f) & (FLAG.plumbing | FLAG.runtime)) !== 0;
  if (tree.by === 'file') {
    const known = file !== '';
    const short = known ? baseName(file) : `${baseName(module)} (no file known)`;
    return { short, full: known ? file : short, place: baseName(module), module, quiet, function: null };
  }
  const line = tree.by === 'line' ? tables.frames.line[key]! : 0;
  const at = file === '' ? '' : baseName(file) + (line > 0 ? `:${line}` : '');
  const place = [file === '' ? '' : file + (line > 0 ? `:${line}` : ''), module]
    .filter((part) => part !== '')
    .join(' · ');
  const suffix = line > 0 ? ` ${at}` : '';
  return { short: tables.short(f) + suffix, full: tables.name(f) + suffix, place, module, quiet, function: f };
}
