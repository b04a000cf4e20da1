// SPDX-License-Identifier: MIT
// Searching a flame graph: which boxes match, and what they come to together.

import type { Layout } from '../model/flame_layout';

export interface Found {
  /** By key. */
  keys: Uint8Array;
  boxes: number;
  /** Sum over the matching boxes that are not inside of another matching one: nothing counts twice. */
  total: number;
}

/** What is typed is a regular expression, or plain text where it is none. Small letters match capital ones too. */
export function patternOf(text: string): RegExp {
  const flags = text === text.toLowerCase() ? 'i' : '';
  try {
    return new RegExp(text, flags);
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), flags);
  }
}

export function search(layout: Layout, keyCount: number, nameOf: (key: number) => string, text: string): Found {
  const pattern = patternOf(text);
  const keys = new Uint8Array(keyCount);
  for (let key = 0; key < keyCount; key++) keys[key] = pattern.test(nameOf(key)) ? 1 : 0;
  const inside = new Uint8Array(layout.count);
  let boxes = 0;
  let total = 0;
  for (let box = 1; box < layout.count; box++) {
    const around = inside[layout.parent[box]!]!;
    const matches = keys[layout.key[box]!]!;
    inside[box] = around | matches;
    boxes += matches;
    if (matches === 1 && around === 0) total += layout.total[0]![box]!;
  }
  return { keys, boxes, total };
}

/** The matching box after (or before) `box`, around the end and on; null where none matches. */
export function nextMatch(layout: Layout, found: Found, box: number, step: 1 | -1): number | null {
  for (let tried = 0, at = box; tried < layout.count; tried++) {
    at = (at + step + layout.count) % layout.count;
    if (at !== 0 && found.keys[layout.key[at]!] === 1) return at;
  }
  return null;
}
