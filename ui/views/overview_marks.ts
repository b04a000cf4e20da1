// SPDX-License-Identifier: MIT
// The moments that the program named: what was alive then, and what was allocated until the next one; each can be
// asked about.

import type { ProgramMark } from '../api/types';
import { bytesText, countText, durationText, exactBytes, momentText, plural, UNKNOWN } from '../model/format';
import { distinctMoments, stretchesOf, type Stretch } from '../model/program_marks';
import { h } from '../widgets/dom';
import { prose } from '../widgets/prose';
import { momentToAsk, rangeToAsk } from './time_actions';
import type { App } from './view';

const SHOWN = 100;
const GENERATIONS_MOST = 26;

export function marksSection(app: App): HTMLElement[] {
  const { session } = app;
  const stretches = stretchesOf(session.facts, session.end);
  if (stretches.length === 0) return [];
  const count = session.facts.mark_count ?? stretches.length;
  const head = ['Moment', 'At', 'Alive then', 'Until the next', 'Allocated until then'];
  const generations = (): void => app.go({ marks: distinctMoments(session.facts, GENERATIONS_MOST) });
  return [
    h('h2', {}, 'Moments that the program named'),
    h(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Named moments' },
      h(
        'table',
        { class: 'generations named' },
        h('thead', {}, h('tr', {}, ...head.map((title) => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, ...stretches.slice(0, SHOWN).map((stretch) => rowOf(app, stretch))),
      ),
    ),
    count > SHOWN &&
      h(
        'p',
        { class: 'muted' },
        ...prose(`${countText(count - SHOWN)} more are not listed; \`heapwise report --json\` has all.`),
      ),
    h(
      'p',
      { class: 'muted' },
      'A figure leads to the call stacks behind it. ',
      h('button', { type: 'button', on: { click: generations } }, 'Compare them as generations'),
    ),
  ].filter((element) => element !== false);
}

function rowOf(app: App, stretch: Stretch): HTMLElement {
  const { mark, next, allocations, allocatedBytes } = stretch;
  const range = rangeToAsk(app, stretch.from, stretch.to);
  const about = next === null ? 'to the end' : `to “${next.name}”`;
  const allocated =
    allocations === null || allocatedBytes === null
      ? UNKNOWN
      : linked(
          range === null ? null : app.url({ view: 'bottom-up', cost: 'allocated_bytes', sort: null, ...range }),
          bytesText(allocatedBytes),
          `${exactBytes(allocatedBytes)}, from “${mark.name}” ${about}`,
        );
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, mark.name),
    h('td', {}, momentText(mark.time_ms)),
    h('td', {}, aliveThen(app, mark)),
    h(
      'td',
      {},
      linked(
        range === null ? null : app.url(range),
        durationText(stretch.to - stretch.from),
        `Only from “${mark.name}” ${about}`,
      ),
    ),
    h(
      'td',
      {},
      allocated,
      allocations === null ? '' : h('span', { class: 'muted' }, ` in ${plural(allocations, 'call')}`),
    ),
  );
}

function aliveThen(app: App, mark: ProgramMark): HTMLElement {
  const time = momentToAsk(app, mark.time_ms);
  const href = time === null ? null : app.url({ view: 'bottom-up', cost: 'alive_bytes', sort: null, aliveAt: time });
  const title = `${exactBytes(mark.live_bytes)} in ${plural(mark.live_blocks, 'block')}, alive at “${mark.name}”`;
  return h(
    'span',
    {},
    linked(href, bytesText(mark.live_bytes), title),
    h('span', { class: 'muted' }, ` in ${countText(mark.live_blocks)}`),
  );
}

function linked(href: string | null, text: string, title: string): HTMLElement {
  return href === null ? h('span', { title }, text) : h('a', { href, title }, text);
}
