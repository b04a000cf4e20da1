// SPDX-License-Identifier: MIT
// Leaks: what was never freed, by the functions that allocated it; when they did so first and last; which stacks
// never freed anything; and which seem to grow without bound, with the reason.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import type { CostId } from '../model/costs';
import { bytesText, countText, exactBytes, momentText, plural, shareText, UNKNOWN } from '../model/format';
import type { Growth } from '../model/growth';
import type { TreeHistory } from '../model/history';
import { functionOfKey, nameOfKey } from '../model/key_names';
import { growingRows, isNeverFreed, LeakTimes } from '../model/leak_rows';
import { bottomUpRows, type StackRow } from '../model/stack_rows';
import { askedBy, isRanged, type State } from '../model/state';
import { h, replace } from '../widgets/dom';
import { showMenu } from '../widgets/menu';
import { sparkline } from '../widgets/sparkline';
import { empty } from '../widgets/status';
import { TreeTable, type Column } from '../widgets/tree_table';
import { actionsFor } from './stack_actions';
import { costColumn, historyColumn, nameColumn } from './stack_columns';
import { StackDock } from './stack_dock';
import { comparison, HISTORY_POINTS, historyAsked, nothingHere, sortBy, sortCost } from './stack_view';
import { suppressedNote, suppressedText } from './suppressed_note';
import { groupSelect, plumbingToggle, toggle } from './toolbar';
import type { App, View, ViewKind } from './view';
import './leaks.css';

const COSTS: readonly CostId[] = ['leaked_bytes', 'leaked_blocks', 'allocations'];
const HINTS = 4;

class LeaksView implements View {
  private readonly bar = h('div', { class: 'toolbar' });
  private readonly summary = h('div', { class: 'leaks-summary' });
  private readonly tableHost = h('div', { class: 'table-host' });
  private readonly dock: StackDock;
  private table: TreeTable<StackRow> | null = null;

  constructor(
    host: HTMLElement,
    private readonly app: App,
  ) {
    this.dock = new StackDock(app);
    host.append(h('div', { class: 'table-view' }, this.bar, this.summary, this.tableHost, this.dock.element));
  }

  async show(state: State): Promise<void> {
    const { app } = this;
    const { session } = app;
    const [profile] = await Promise.all([
      session.profile({ ...askedBy(state), times: true }, app.signal),
      session.prepare(state),
    ]);
    if (app.state !== state) return;
    const answer = session.filtered(profile, state);
    const tree = session.tree(state);
    this.drawBar(state);
    if (!answer.knows('leaked_bytes')) {
      this.clear(empty('Leaks: not known', 'What is shown here does not tell which blocks were never freed.'));
      return;
    }
    const rows = bottomUpRows(tree, answer, ['leaked_bytes', 'leaked_blocks']);
    if (rows.length === 0) {
      const all = suppressedText(session) === null ? 'Everything was freed' : 'Everything else was freed';
      const what = isRanged(state)
        ? 'All that was allocated in the range was freed in it'
        : `${all}: there are no leaks`;
      this.clear(nothingHere(state, what));
      replace(this.summary, suppressedNote(session));
      return;
    }
    const times = new LeakTimes(tree, answer);
    this.drawSummary(state, answer, rows, null, null);
    this.drawTable(state, answer, tree, rows, times, null, new Map());
    if (!session.knows('time')) return;
    const history = await session.history(historyAsked(state), HISTORY_POINTS, app.signal);
    if (app.state !== state) return;
    const series = history.of(tree, answer.passes);
    const growing = growingRows(rows, history, series);
    this.drawSummary(state, answer, rows, series, growing);
    this.drawTable(state, answer, tree, rows, times, series, growing);
  }

  dispose(): void {
    this.table?.dispose();
  }

  private clear(instead: HTMLElement): void {
    this.table?.dispose();
    this.table = null;
    this.dock.clear();
    replace(this.summary);
    replace(this.tableHost, instead);
  }

  private drawBar(state: State): void {
    const { app } = this;
    replace(
      this.bar,
      h('h1', {}, isRanged(state) ? 'Growth of the range' : 'Leaks'),
      groupSelect(app),
      plumbingToggle(app),
      app.session.answersForBlocks &&
        toggle(
          'Whole groups only',
          'Only call stacks none of whose blocks was ever freed',
          state.wholeGroup,
          (wholeGroup) => app.go({ wholeGroup }),
        ),
    );
  }

  private drawSummary(
    state: State,
    answer: Answer,
    rows: readonly StackRow[],
    series: TreeHistory | null,
    growing: Map<StackRow, Growth> | null,
  ): void {
    const { tables } = this.app.session;
    const bytes = answer.total('leaked_bytes');
    const blocks = answer.total('leaked_blocks');
    const never = rows.filter(isNeverFreed);
    const neverBytes = never.reduce((sum, row) => sum + row.exact('leaked_bytes'), 0n);
    const share = shareText(Number(neverBytes), Number(bytes));
    const told = isRanged(state) ? 'allocated in the range and alive at its end' : 'never freed';
    const line = h(
      'p',
      {},
      h('b', { title: exactBytes(bytes) }, bytesText(bytes)),
      ` in ${plural(blocks, 'block')} ${told}, by ${plural(rows.length, 'place')}. `,
      never.length > 0 &&
        h(
          'span',
          { title: exactBytes(neverBytes) },
          `${countText(never.length)} of them never freed a block: ${bytesText(neverBytes)}, ${share}.`,
        ),
    );
    const hints = h('div', { class: 'hints' });
    for (const [row, growth] of [...(growing ?? [])].slice(0, HINTS)) {
      const { name, full } = nameOfKey(tables, state.by, row.key);
      hints.append(
        h(
          'div',
          { class: 'hint' },
          h(
            'div',
            { class: 'hint-head' },
            h('span', { class: 'tag warn' }, 'grows'),
            h('b', { class: 'mono', title: full }, name),
          ),
          series !== null && sparkline(row.series(series), growth.reason),
          h('p', {}, growth.reason),
        ),
      );
    }
    const wasOpen = this.summary.querySelector<HTMLDetailsElement>('.suppressed')?.open ?? false;
    const suppressed = suppressedNote(this.app.session);
    if (suppressed instanceof HTMLDetailsElement) suppressed.open = wasOpen;
    replace(this.summary, line, suppressed, hints.childElementCount > 0 && hints);
  }

  private drawTable(
    state: State,
    answer: Answer,
    tree: CallTree,
    rows: StackRow[],
    times: LeakTimes,
    series: TreeHistory | null,
    growing: Map<StackRow, Growth>,
  ): void {
    const { app } = this;
    const cost = sortCost(state, 'leaked_bytes');
    const sort = state.sort ?? { column: cost, descending: true };
    const order = orderOf(tree, sort, cost, times);
    const growthById = new Map([...growing].map(([row, growth]) => [row.id, growth]));
    const columns: Column<StackRow>[] = [nameColumn(tree, 'Allocated by'), noteColumn(growthById, isRanged(state))];
    const costs = COSTS.includes(cost) ? COSTS : [cost, ...COSTS];
    for (const id of costs) columns.push(costColumn(app, answer, id, id === cost ? 'main' : 'narrow'));
    if (answer.profile.hasTimes)
      columns.push(
        timeColumn('first', 'First', 'When it first allocated what was not freed', (row) => times.of(row).first),
        timeColumn('last', 'Last', 'When it last allocated what was not freed', (row) => times.of(row).last),
      );
    if (app.session.knows('time')) columns.push(historyColumn(series));
    const options = {
      label: 'Leaks',
      columns,
      roots: rows.sort(order),
      idOf: (row: StackRow) => row.id,
      childrenOf: (row: StackRow) => row.children().sort(order),
      hasChildren: (row: StackRow) => row.hasChildren(),
      sort,
      sorted: (column: string, descending: boolean) => sortBy(app, column, descending),
      selected: (row: StackRow | null) => {
        if (row === null) this.dock.clear();
        else this.dock.show(tree, answer, 'leaked_bytes', row);
      },
      chosen: (row: StackRow) => {
        const f = functionOfKey(tree.tables, tree.by, row.key);
        if (f !== null) app.go({ view: 'callers', selected: tree.tables.name(f), sort: null });
      },
      menu: (row: StackRow, x: number, y: number) =>
        showMenu(nameOfKey(tree.tables, tree.by, row.key).name, x, y, actionsFor(app, tree.by, row.key)),
    };
    if (this.table === null) {
      replace(this.tableHost);
      this.table = new TreeTable(this.tableHost, options);
    } else this.table.update(options);
  }
}

function noteColumn(growing: Map<string, Growth>, ranged: boolean): Column<StackRow> {
  return {
    id: 'note',
    title: 'Hints',
    meaning: 'Never freed: none of its blocks. Grows: its bytes rise through the run; the reason is in the title',
    width: '142px',
    align: 'left',
    sortable: false,
    fill(cell, row) {
      const growth = growing.get(row.id);
      if (growth !== undefined) cell.append(h('span', { class: 'tag warn', title: growth.reason }, 'grows'));
      if (isNeverFreed(row)) {
        const title = 'None of the blocks of its stacks was ever freed';
        cell.append(h('span', { class: 'tag', title }, ranged ? 'none freed' : 'never freed'));
      }
    },
  };
}

function timeColumn(id: string, title: string, meaning: string, time: (row: StackRow) => number): Column<StackRow> {
  return {
    id,
    title,
    meaning,
    width: '76px',
    align: 'right',
    sortable: true,
    fill(cell, row) {
      const at = time(row);
      cell.append(Number.isNaN(at) ? UNKNOWN : momentText(at));
    },
  };
}

function orderOf(
  tree: CallTree,
  sort: { column: string; descending: boolean },
  cost: CostId,
  times: LeakTimes,
): (a: StackRow, b: StackRow) => number {
  if (sort.column !== 'first' && sort.column !== 'last') return comparison(tree, sort, cost);
  const column = sort.column;
  const sign = sort.descending ? -1 : 1;
  const time = (row: StackRow): number => times.of(row)[column] || 0;
  return (a, b) => sign * (time(a) - time(b));
}

export const leaks: ViewKind = {
  id: 'leaks',
  title: 'Leaks',
  icon: 'M8 2c2.5 3.5 4 5.5 4 7.5a4 4 0 0 1-8 0C4 7.5 5.5 5.5 8 2z',
  group: 'blocks',
  create: (host, app) => new LeaksView(host, app),
};
