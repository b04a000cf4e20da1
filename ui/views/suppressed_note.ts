// SPDX-License-Identifier: MIT
// Leaks that rules suppress (docs/suppressions.md): how much they are, over the whole run, and which rule took what.

import { DiffSession } from '../model/diff_session';
import { amountText, bytesText, countText, exactBytes, plural } from '../model/format';
import type { Session } from '../model/session';
import { h } from '../widgets/dom';

/** "12 blocks, 3 KiB suppressed by rules"; null: nothing is suppressed. */
export function suppressedText(session: Session): string | null {
  const { suppressed } = session.facts;
  if (suppressed === undefined || BigInt(suppressed.blocks) === 0n) return null;
  return `${plural(suppressed.blocks, 'block')}, ${bytesText(suppressed.bytes)} suppressed by rules`;
}

/** The same with the rules, to be opened; null: there are no rules. */
export function suppressedNote(session: Session): HTMLElement | null {
  const { suppressed } = session.facts;
  if (suppressed === undefined) return null;
  const { rules, not_read: unread } = suppressed;
  const run = session instanceof DiffSession ? 'in the whole run after' : 'in the whole run';
  if (rules.length === 0) {
    if (unread === null) return null;
    const told = `${unread} declares suppressions that could not be read; give them by `;
    return h('p', { class: 'muted' }, told, h('code', {}, '--suppressions FILE'), '.');
  }
  const heading = suppressedText(session) ?? `${plural(rules.length, 'rule')}, nothing suppressed`;
  const rows = rules.map(({ pattern, from, stacks, blocks, bytes }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row', class: 'mono' }, `leak:${pattern}`),
      h('td', { title: exactBytes(bytes) }, amountText(bytes, 'bytes')),
      h('td', {}, countText(blocks)),
      h('td', {}, countText(stacks)),
      h('td', { class: 'suppressed-from' }, from),
    ),
  );
  const head = ['Rule', 'Bytes', 'Blocks', 'Call stacks', 'From'];
  return h(
    'details',
    { class: 'suppressed' },
    h('summary', { title: `${exactBytes(suppressed.bytes)} ${run}; open for the rules` }, `${heading} (${run})`),
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...head.map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, ...rows),
    ),
  );
}
