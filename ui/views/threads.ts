// SPDX-License-Identifier: MIT
// What each thread allocated; a click shows only that thread's blocks, in every view.

import './threads.css';
import type { Integer, ThreadCosts } from '../api/types';
import type { Unit } from '../model/costs';
import { amountText, exactText, plural, UNKNOWN } from '../model/format';
import { askedBy, type State } from '../model/state';
import { h, replace } from '../widgets/dom';
import { prose } from '../widgets/prose';
import { empty } from '../widgets/status';
import type { App, View, ViewKind } from './view';

type Column = Exclude<keyof ThreadCosts, 'name'>;

const COLUMNS: readonly { id: Column; label: string; unit: Unit; title: string }[] = [
  { id: 'peak_bytes', label: 'Peak', unit: 'bytes', title: 'Alive at the moment of the peak, of what it allocated' },
  { id: 'leaked_bytes', label: 'Leaked', unit: 'bytes', title: 'Allocated by it and never freed' },
  { id: 'leaked_blocks', label: 'Leaked blocks', unit: 'count', title: 'Blocks allocated by it and never freed' },
  { id: 'allocated_bytes', label: 'Allocated', unit: 'bytes', title: 'All that it allocated' },
  { id: 'allocations', label: 'Calls', unit: 'count', title: 'How many blocks it allocated' },
  { id: 'temporary', label: 'Temporary', unit: 'count', title: 'Blocks freed by the very next call of the thread' },
  { id: 'freed_blocks', label: 'It freed', unit: 'count', title: 'Blocks that it freed, whoever allocated them' },
];

export const threadsKind: ViewKind = {
  id: 'threads',
  title: 'Threads',
  icon: 'M4 2v12M8 2v12M12 2v12',
  group: 'blocks',
  tree: null,
  create: (host, app) => new ThreadsView(host, app),
};

class ThreadsView implements View {
  constructor(
    private readonly host: HTMLElement,
    private readonly app: App,
  ) {
    host.classList.add('threads-view');
  }

  async show(state: State): Promise<void> {
    const { session, signal } = this.app;
    if (!session.knows('threads')) {
      replace(this.host, empty('Threads: not known', 'This recording does not tell which thread did what.'));
      return;
    }
    const { threads: _all, ...asked } = askedBy(state);
    const threads = await session.source.threads(session.id, asked, signal);
    const column = COLUMNS.find(({ id }) => id === state.sort?.column)?.id ?? 'peak_bytes';
    const descending = state.sort?.descending ?? true;
    const sign = descending ? -1 : 1;
    const sorted = [...threads].sort((a, b) => sign * compare(a[column], b[column]) || a.tid - b.tid);
    replace(
      this.host,
      h('h1', {}, 'Threads'),
      h(
        'p',
        { class: 'muted' },
        `${plural(threads.length, 'thread')}. `,
        ...prose(
          session.answersForBlocks
            ? 'Click one to see only its blocks, in every view.'
            : 'This is a file: it cannot be filtered by thread, `heapwise view` can.',
        ),
      ),
      h(
        'div',
        { class: 'threads-table', tabindex: '0', role: 'region', 'aria-label': 'Threads' },
        this.table(state, sorted, column, descending),
      ),
    );
  }

  dispose(): void {
    this.host.replaceChildren();
  }

  private table(state: State, threads: readonly ThreadCosts[], sorted: Column, descending: boolean): HTMLElement {
    const head = h('tr', {}, h('th', { scope: 'col' }, 'Thread'));
    for (const { id, label, title } of COLUMNS) {
      const order = id === sorted ? (descending ? 'descending' : 'ascending') : 'none';
      const click = (): void => this.app.go({ sort: { column: id, descending: id === sorted ? !descending : true } });
      const button = h('button', { type: 'button', class: 'quiet', title, on: { click } }, label);
      head.append(h('th', { scope: 'col', 'aria-sort': order }, button));
    }
    const most = new Map(
      COLUMNS.map(({ id }) => [id, Math.max(1, ...threads.map((thread) => Number(thread[id] ?? 0)))]),
    );
    const body = h('tbody');
    for (const thread of threads) {
      const isChosen = state.threads.includes(thread.tid);
      const click = (): void => this.app.go({ threads: isChosen ? [] : [thread.tid] });
      const name = thread.name === '' ? `thread ${thread.tid}` : thread.name;
      const button = this.app.session.answersForBlocks
        ? h('button', { type: 'button', class: 'quiet', 'aria-pressed': String(isChosen), on: { click } }, name)
        : h('span', {}, `${name} `);
      const row = h('tr', { class: isChosen ? 'is-chosen' : undefined });
      row.append(h('th', { scope: 'row' }, button, h('span', { class: 'muted' }, String(thread.tid))));
      for (const { id, unit } of COLUMNS) row.append(figureCell(thread[id], unit, most.get(id)!));
      body.append(row);
    }
    return h('table', { class: 'threads' }, h('thead', {}, head), body);
  }
}

function figureCell(figure: Integer | null | undefined, unit: Unit, most: number): HTMLElement {
  if (figure === null || figure === undefined) return h('td', { class: 'muted' }, UNKNOWN);
  const bar = h('span', { class: 'threads-bar' });
  bar.style.width = `${(Number(figure) / most) * 100}%`;
  return h(
    'td',
    { title: exactText(figure, unit) },
    bar,
    h('span', { class: 'threads-figure' }, amountText(figure, unit)),
  );
}

function compare(a: Integer | null | undefined, b: Integer | null | undefined): number {
  const [left, right] = [a ?? -1, b ?? -1];
  return left < right ? -1 : left > right ? 1 : 0;
}
