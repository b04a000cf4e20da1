// SPDX-License-Identifier: MIT
// The sums of the overview: cards, and the functions that count the most. They are of the chosen range.

import type { Amounts } from '../model/amounts';
import type { Answer } from '../model/answer';
import { costOf, labelOf, type CostId } from '../model/costs';
import { changeShare } from '../model/diff_change';
import { DiffSession, type Compared } from '../model/diff_session';
import {
  amountText,
  bytesText,
  changeText,
  countText,
  exactText,
  momentText,
  plural,
  shareText,
  UNKNOWN,
} from '../model/format';
import { nameOfKey } from '../model/key_names';
import { keySelf } from '../model/key_totals';
import { exactly } from '../model/stack_filter';
import { isRanged } from '../model/state';
import { h } from '../widgets/dom';
import { scaleOf } from './stack_columns';
import { suppressedText } from './suppressed_note';
import type { App } from './view';

export function cards(app: App, answer: Answer): HTMLElement[] {
  const { session } = app;
  return session instanceof DiffSession ? changeCards(app, session.compared(answer)) : sumCards(app, answer);
}

const COMPARED: [CostId, view: string][] = [
  ['peak_bytes', 'flame'],
  ['leaked_bytes', 'leaks'],
  ['allocated_bytes', 'flame'],
  ['allocations', 'bottom-up'],
  ['temporary', 'temporary'],
];

/** A figure that is not broken at the end of a line. */
function whole(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

/** What is heard of a card, whose parts would else be one word. */
function cardInWords(title: string, figure: string, note: string): string {
  return `${title}: ${figure} ${note}`.trim();
}

/** What changed between two recordings, and from what to what. */
function changeCards(app: App, { after, before }: Compared): HTMLElement[] {
  return COMPARED.filter(([cost]) => after.knows(cost) && before.knows(cost)).map(([cost, view]) => {
    const { unit } = costOf(cost);
    const [from, to] = [before.total(cost), after.total(cost)];
    const share = changeShare(from, to);
    const title = labelOf(cost, isRanged(app.state));
    const figure = from === to ? 'the same' : changeText(to - from, unit);
    const both = `${whole(amountText(from, unit))} → ${whole(amountText(to, unit))}`;
    const note = from === to ? amountText(to, unit) : share === '' ? both : `${both} (${whole(share)})`;
    return h(
      'a',
      {
        class: 'card',
        href: app.url({ view, cost, sort: null }),
        title: `from ${exactText(from, unit)} to ${exactText(to, unit)}`,
        'aria-label': cardInWords(title, figure, note),
      },
      h('span', { class: 'card-title' }, title),
      h('span', { class: 'card-figure' }, figure),
      h('span', { class: 'card-note' }, note),
    );
  });
}

function sumCards(app: App, answer: Answer): HTMLElement[] {
  const { facts } = app.session;
  const ranged = isRanged(app.state);
  const figure = (cost: CostId): string =>
    answer.knows(cost) ? amountText(answer.total(cost), costOf(cost).unit) : UNKNOWN;
  const exact = (cost: CostId): string =>
    answer.knows(cost) ? exactText(answer.total(cost), costOf(cost).unit) : UNKNOWN;
  const card = (title: string, cost: CostId, note: string, view: string): HTMLElement =>
    h(
      'a',
      {
        class: 'card',
        href: app.url({ view, cost, sort: null }),
        title: exact(cost),
        'aria-label': cardInWords(title, figure(cost), note),
      },
      h('span', { class: 'card-title' }, title),
      h('span', { class: answer.knows(cost) ? 'card-figure' : 'card-figure unknown' }, figure(cost)),
      h('span', { class: 'card-note' }, note),
    );
  const peakAt = answer.profile.number('peak_ms');
  const when = peakAt === null ? '' : ` at ${momentText(peakAt)}`;
  const blocks = (cost: CostId): string => (answer.knows(cost) ? `in ${plural(answer.total(cost), 'block')}` : '');
  const rss = facts.totals.peak_rss_bytes;
  const calls = answer.knows('allocations') ? `in ${plural(answer.total('allocations'), 'call')}` : '';
  const suppressed = ranged ? null : suppressedText(app.session);
  const list = [
    card(labelOf('peak_bytes', ranged), 'peak_bytes', blocks('peak_blocks') + when, 'flame'),
    card(
      ranged ? 'Growth' : 'Leaked',
      'leaked_bytes',
      answer.knows('leaked_bytes')
        ? `${blocks('leaked_blocks')} ${ranged ? 'allocated and not freed' : 'never freed'}` +
            (suppressed === null ? '' : `; ${suppressed}`)
        : '',
      ranged ? 'bottom-up' : 'leaks',
    ),
    card('Allocated', 'allocated_bytes', calls, 'flame'),
    card(
      'Temporary',
      'temporary',
      answer.knows('temporary')
        ? `${shareText(Number(answer.total('temporary')), Number(answer.total('allocations')))} of all allocations`
        : '',
      'temporary',
    ),
  ];
  if (ranged || app.state.aliveAt !== null)
    list.push(
      card(
        app.state.aliveAt === null ? 'Alive at its end' : `Alive at ${momentText(app.state.aliveAt)}`,
        'alive_bytes',
        blocks('alive_blocks'),
        'flame',
      ),
    );
  if (answer.knows('failed') && answer.total('failed') > 0n)
    list.push(card('Failed', 'failed', 'calls returned NULL', 'bottom-up'));
  if (!ranged && rss !== null && rss !== undefined && rss > 0)
    list.push(
      h(
        'div',
        { class: 'card', title: exactText(rss, 'bytes') },
        h('span', { class: 'card-title' }, 'Resident (RSS)'),
        h('span', { class: 'card-figure' }, bytesText(rss)),
        h('span', { class: 'card-note' }, 'of the whole process, at most'),
      ),
    );
  return list;
}

const TOP = 6;

/** The keys with the greatest amounts, up to so many, and how many keys have any. */
function greatest(amounts: Amounts, most: number): { keys: number[]; count: number } {
  const keys: number[] = [];
  const size = (key: number): number => Math.abs(amounts.at(key));
  let count = 0;
  for (let key = 0; key < amounts.length; key++) {
    if (amounts.isZero(key)) continue;
    count++;
    if (keys.length === most && size(key) <= size(keys[most - 1]!)) continue;
    let at = keys.length;
    while (at > 0 && size(keys[at - 1]!) < size(key)) at--;
    keys.splice(at, 0, key);
    if (keys.length > most) keys.pop();
  }
  return { keys, count };
}

export function topSites(app: App, answer: Answer): HTMLElement[] {
  const ranged = isRanged(app.state);
  const tree = app.session.tree(app.state, 'function');
  const panels: [CostId, string][] = [
    ['peak_bytes', ranged ? 'At the peak of the range' : 'At the peak'],
    ['leaked_bytes', ranged ? 'Growth: allocated and not freed' : 'Leaked'],
    ['allocated_bytes', 'Allocated the most'],
    ['temporary', 'Temporary allocations'],
  ];
  if (app.state.aliveAt !== null) panels.unshift(['alive_bytes', `Alive at ${momentText(app.state.aliveAt)}`]);
  return panels
    .filter(([cost]) => answer.knows(cost) && answer.total(cost) !== 0n)
    .map(([cost, title]) => {
      const self = keySelf(tree, answer, cost);
      const { unit } = costOf(cost);
      const { whole, signs } = scaleOf(app.session, answer, cost);
      const { keys, count } = greatest(self, TOP);
      const rows = keys.map((key) => {
        const { name, full, where } = nameOfKey(app.session.tables, 'function', key);
        const filters = app.state.filters.concat({ subject: 'function', negated: false, pattern: exactly(full) });
        const change = signs === 'plain' ? '' : self.at(key) < 0 ? ' shrunk' : ' grown';
        const bar = h('span', { class: `site-bar${change}` });
        bar.style.width = `${Math.min(Math.abs(self.at(key)) / whole, 1) * 100}%`;
        return h(
          'li',
          {},
          bar,
          h('a', { class: 'mono', href: app.url({ view: 'bottom-up', filters, cost, sort: null }), title: full }, name),
          h('span', { class: 'tt-where' }, where),
          h('span', { class: 'grow' }),
          h(
            'span',
            { title: exactText(self.exact(key), unit) },
            signs === 'plain' ? amountText(self.exact(key), unit) : changeText(self.exact(key), unit),
          ),
          h('span', { class: 'tt-share' }, shareText(self.at(key), whole)),
        );
      });
      const all = h(
        'a',
        { href: app.url({ view: 'bottom-up', cost, sort: null }) },
        count === 1 ? 'Its call stacks' : `All ${countText(count)} functions`,
      );
      return h('div', { class: 'panel' }, h('h2', {}, title), h('ol', { class: 'site-list' }, ...rows), all);
    });
}
