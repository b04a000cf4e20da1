// SPDX-License-Identifier: MIT
// Generations: between the marks, what was allocated, what of it was alive at the next mark, and what survived to
// the end of the run.

import { bytesText, countText, durationText, exactBytes, momentText, UNKNOWN } from '../model/format';
import type { Profile } from '../model/profile';
import { askedBy, type State } from '../model/state';
import { h } from '../widgets/dom';
import { markName } from '../widgets/time_marks';
import type { App } from './view';

export async function generationsSection(app: App): Promise<HTMLElement[]> {
  const { session, state } = app;
  const end = session.end;
  const borders = [0, ...state.marks.filter((mark) => mark > 0 && mark < end), end];
  const spans = borders.slice(1).map((to, i) => ({ from: borders[i]!, to }));
  const nameOf = (time: number): string => {
    const index = state.marks.indexOf(time);
    return index >= 0 ? markName(index) : time === 0 ? 'start' : 'end';
  };
  const rows = await Promise.all(
    spans.map(async ({ from, to }) => {
      const ask = (change: Partial<State>): Promise<Answered> => answered(app, { ...state, from, to, ...change });
      const [atEnd, later] = await Promise.all([ask({ aliveAt: null }), ask({ aliveAt: end })]);
      return h(
        'tr',
        {},
        h('th', { scope: 'row' }, `${nameOf(from)} – ${nameOf(to)}`),
        h('td', {}, momentText(from)),
        h('td', {}, durationText(to - from)),
        amountCell(app, atEnd, 'allocated_bytes', 'allocations', { from, to, aliveAt: null }),
        amountCell(app, atEnd, 'leaked_bytes', 'leaked_blocks', { from, to, aliveAt: null }),
        amountCell(app, later, 'leaked_bytes', 'leaked_blocks', { from, to, aliveAt: end }),
      );
    }),
  );
  const head = ['Generation', 'From', 'Took', 'Allocated', 'Alive at its end', 'Alive at the end of the run'];
  return [
    h('h2', {}, 'Generations'),
    h(
      'table',
      { class: 'generations' },
      h('thead', {}, h('tr', {}, ...head.map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, ...rows),
    ),
    h(
      'p',
      { class: 'muted' },
      'What is still alive long after its generation, in one generation after another, is what a leak looks like. ',
      h('a', { href: app.url({ marks: [] }) }, 'Remove the marks'),
    ),
  ];
}

interface Answered {
  profile: Profile;
  sum(cost: 'allocated_bytes' | 'allocations' | 'leaked_bytes' | 'leaked_blocks'): bigint | null;
}

async function answered(app: App, state: State): Promise<Answered> {
  const profile = await app.session.profile(askedBy(state), app.signal);
  const answer = app.session.filtered(profile, state);
  return { profile, sum: (cost) => (answer.knows(cost) ? answer.total(cost) : null) };
}

function amountCell(
  app: App,
  answer: Answered,
  bytes: 'allocated_bytes' | 'leaked_bytes',
  blocks: 'allocations' | 'leaked_blocks',
  range: Pick<State, 'from' | 'to' | 'aliveAt'>,
): HTMLElement {
  const [amount, count] = [answer.sum(bytes), answer.sum(blocks)];
  if (amount === null || count === null) return h('td', { class: 'muted' }, UNKNOWN);
  const href = app.url({ view: 'bottom-up', cost: bytes, sort: null, ...range });
  return h(
    'td',
    { title: exactBytes(amount) },
    h('a', { href }, bytesText(amount)),
    h('span', { class: 'muted' }, ` in ${countText(count)}`),
  );
}
