// SPDX-License-Identifier: MIT
// The state of the UI, and the URL that holds all of it: #/VIEW?WORDS. What is as it was in the beginning is not
// written. Words that this module does not know belong to single views and are kept in `own`.

import { isCostId, type CostId } from './costs';
import type { GroupBy } from './call_tree';
import type { StackFilter, Subject } from './stack_filter';
import type { Asked } from '../api/data_source';

export interface State {
  view: string;
  recording: number;
  from: number | null;
  to: number | null;
  aliveAt: number | null;
  cost: CostId;
  filters: StackFilter[];
  hide: string[];
  show: string[];
  size: string | null;
  lifetime: string | null;
  threads: number[];
  wholeGroup: boolean;
  by: GroupBy;
  plumbing: 'shown' | 'hidden';
  recursion: 'shown' | 'collapsed';
  sort: { column: string; descending: boolean } | null;
  /** Moments in ms. */
  marks: number[];
  /** The name of the selected function, for caller/callee and source. */
  selected: string | null;
  own: Record<string, string>;
}

export const START: State = {
  view: 'overview',
  recording: 0,
  from: null,
  to: null,
  aliveAt: null,
  cost: 'peak_bytes',
  filters: [],
  hide: [],
  show: [],
  size: null,
  lifetime: null,
  threads: [],
  wholeGroup: false,
  by: 'function',
  plumbing: 'hidden',
  recursion: 'shown',
  sort: null,
  marks: [],
  selected: null,
  own: {},
};

export function stateToUrl(state: State): string {
  const words = new URLSearchParams();
  const put = (name: string, value: string | number | null, usual: string | number | null): void => {
    if (value !== usual && value !== null) words.append(name, String(value));
  };
  put('recording', state.recording, START.recording);
  put('from', state.from, null);
  put('to', state.to, null);
  put('at', state.aliveAt, null);
  put('cost', state.cost, START.cost);
  for (const { subject, negated, pattern } of state.filters) words.append(subject, (negated ? '!' : '') + pattern);
  for (const pattern of state.hide) words.append('hide', pattern);
  for (const pattern of state.show) words.append('show', pattern);
  put('size', state.size, null);
  put('lifetime', state.lifetime, null);
  for (const thread of state.threads) words.append('thread', String(thread));
  put('whole_group', state.wholeGroup ? 'leaked' : null, null);
  put('by', state.by, START.by);
  put('plumbing', state.plumbing, START.plumbing);
  put('recursion', state.recursion, START.recursion);
  if (state.sort !== null) words.append('sort', (state.sort.descending ? '-' : '') + state.sort.column);
  if (state.marks.length > 0) words.append('marks', state.marks.join('_'));
  put('selected', state.selected, null);
  for (const [name, value] of Object.entries(state.own)) words.append(name, value);
  const text = words.toString();
  return `#/${state.view}${text === '' ? '' : `?${text}`}`;
}

export function stateFromUrl(hash: string): State {
  const [path = '', text = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s, 2);
  const state: State = structuredClone(START);
  if (/^[a-z-]+$/.test(path)) state.view = path;
  for (const [name, value] of new URLSearchParams(text)) read(state, name, value);
  if (state.from !== null && state.to !== null && state.to <= state.from) state.from = state.to = null;
  return state;
}

function read(state: State, name: string, value: string): void {
  switch (name) {
    case 'recording':
      state.recording = moment(value) ?? 0;
      break;
    case 'from':
      state.from = moment(value);
      break;
    case 'to':
      state.to = moment(value);
      break;
    case 'at':
      state.aliveAt = moment(value);
      break;
    case 'cost':
      if (isCostId(value)) state.cost = value;
      break;
    case 'function':
    case 'file':
    case 'module': {
      const negated = value.startsWith('!');
      state.filters.push({ subject: name as Subject, negated, pattern: negated ? value.slice(1) : value });
      break;
    }
    case 'hide':
      state.hide.push(value);
      break;
    case 'show':
      state.show.push(value);
      break;
    case 'size':
    case 'lifetime':
      if (/^\d*-\d*$/.test(value) && value !== '-') state[name] = value;
      break;
    case 'thread': {
      const thread = moment(value);
      if (thread !== null) state.threads.push(thread);
      break;
    }
    case 'whole_group':
      state.wholeGroup = value === 'leaked';
      break;
    case 'by':
      if (['function', 'line', 'file', 'module'].includes(value)) state.by = value as GroupBy;
      break;
    case 'plumbing':
      state.plumbing = value === 'shown' ? 'shown' : 'hidden';
      break;
    case 'recursion':
      state.recursion = value === 'collapsed' ? 'collapsed' : 'shown';
      break;
    case 'sort':
      state.sort = { column: value.replace(/^-/, ''), descending: value.startsWith('-') };
      break;
    case 'marks':
      state.marks = value
        .split('_')
        .map(moment)
        .filter((m) => m !== null)
        .sort((a, b) => a - b);
      break;
    case 'selected':
      state.selected = value;
      break;
    default:
      state.own[name] = value;
  }
}

function moment(text: string): number | null {
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/** The part of the state that the server answers. */
export function askedBy(state: State): Asked {
  const asked: Asked = {};
  if (state.from !== null) asked.from = state.from;
  if (state.to !== null) asked.to = state.to;
  if (state.aliveAt !== null) asked.aliveAt = state.aliveAt;
  if (state.size !== null) asked.size = state.size;
  if (state.lifetime !== null) asked.lifetime = state.lifetime;
  if (state.threads.length > 0) asked.threads = state.threads;
  if (state.wholeGroup) asked.wholeGroup = true;
  return asked;
}

export function isRanged(state: State): boolean {
  return state.from !== null || state.to !== null;
}
