// SPDX-License-Identifier: MIT
// Filters on call stacks. A filter keeps the stacks that have a frame whose function, file or module matches a
// regular expression; a negated one keeps those that have none. All filters must agree. `hide` and `show` take
// no stacks away, but frames out of them.

import type { Tables } from './tables';

export type Subject = 'function' | 'file' | 'module';

export interface StackFilter {
  subject: Subject;
  negated: boolean;
  pattern: string;
}

/** A pattern that matches this text alone. */
export function exactly(text: string): string {
  return `^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
}

/** The text that a pattern of `exactly` matches; any other pattern as it is. */
export function readable(pattern: string): string {
  if (pattern.startsWith(OF_MODULE)) return OF_MODULE + readable(pattern.slice(OF_MODULE.length));
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return pattern;
  const inside = pattern.slice(1, -1).replace(/\\([\\^$.*+?()[\]{}|])/g, '$1');
  return exactly(inside) === pattern ? inside : pattern;
}

/** Why a pattern is no regular expression; null: it is one. */
export function mistakeIn(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
  } catch {
    try {
      new RegExp(pattern);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return null;
}

/** One for each function that matches. */
export function matchingFunctions(tables: Tables, subject: Subject, pattern: string): Uint8Array {
  const expression = new RegExp(pattern);
  const found = new Map<string, number>();
  const matches = new Uint8Array(tables.functionCount);
  for (let f = 0; f < tables.functionCount; f++) {
    const text = subject === 'function' ? tables.name(f) : subject === 'file' ? tables.file(f) : tables.moduleOf(f);
    let match = found.get(text);
    if (match === undefined) {
      match = expression.test(text) || (subject === 'function' && expression.test(tables.short(f))) ? 1 : 0;
      found.set(text, match);
    }
    matches[f] = match;
  }
  return matches;
}

/** One for each row whose stack passes all filters; null without filters: all do. */
export function passingRows(tables: Tables, filters: readonly StackFilter[]): Uint8Array | null {
  if (filters.length === 0) return null;
  const passes = new Uint8Array(tables.rowCount).fill(1);
  const met = new Uint8Array(tables.rowCount);
  const { parent } = tables.rows;
  for (const { subject, negated, pattern } of filters) {
    const matches = matchingFunctions(tables, subject, pattern);
    const wanted = negated ? 0 : 1;
    met[0] = 0;
    if (wanted === 1) passes[0] = 0;
    for (let r = 1; r < tables.rowCount; r++) {
      met[r] = met[parent[r]!]! | matches[tables.rowFunction[r]!]!;
      if (met[r] !== wanted) passes[r] = 0;
    }
  }
  return passes;
}

/** What a pattern of `hide` or `show` begins with when it is of modules. */
export const OF_MODULE = 'module:';

function matchingFrames(tables: Tables, pattern: string): Uint8Array {
  if (pattern.startsWith(OF_MODULE)) return matchingFunctions(tables, 'module', pattern.slice(OF_MODULE.length));
  return matchingFunctions(tables, 'function', pattern);
}

/** One for each function whose frames are left out: those that match `hide`, or do not match any of `show`. */
export function hiddenFunctions(tables: Tables, hide: readonly string[], show: readonly string[]): Uint8Array | null {
  if (hide.length === 0 && show.length === 0) return null;
  const hidden = new Uint8Array(tables.functionCount);
  for (const pattern of hide) {
    const matches = matchingFrames(tables, pattern);
    for (let f = 0; f < hidden.length; f++) hidden[f]! |= matches[f]!;
  }
  if (show.length > 0) {
    const shown = new Uint8Array(tables.functionCount);
    for (const pattern of show) {
      const matches = matchingFrames(tables, pattern);
      for (let f = 0; f < shown.length; f++) shown[f]! |= matches[f]!;
    }
    for (let f = 0; f < hidden.length; f++) if (shown[f] === 0) hidden[f] = 1;
  }
  return hidden;
}
