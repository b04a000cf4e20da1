// SPDX-License-Identifier: MIT
// The bottom-up, top-down and temporary tables: one tree table of call stacks with its options and its dock.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import { isCostId, type CostId } from '../model/costs';
import { functionOfKey, nameOfKey } from '../model/key_names';
import { bottomUpRows, topDownRows, type StackRow } from '../model/stack_rows';
import { askedBy, type State } from '../model/state';
import { h, replace } from '../widgets/dom';
import { showMenu } from '../widgets/menu';
import { empty } from '../widgets/status';
import { TreeTable, type Column, type TreeTableOptions } from '../widgets/tree_table';
import { actionsFor } from './stack_actions';
import { costColumn, historyColumn, nameColumn, selfColumn, shownCosts } from './stack_columns';
import { StackDock } from './stack_dock';
import { columnsButton, groupSelect, plumbingToggle, recursionToggle } from './toolbar';
import type { App, View } from './view';

export const HISTORY_POINTS = 64;

export interface StackViewOptions {
  title: string;
  direction: 'bottom-up' | 'top-down';
  /** The cost that it is about; without one, that of the state. */
  cost?: CostId;
  columns?: readonly CostId[];
  nothing: string;
  note?(answer: Answer): string;
}

export class StackView implements View {
  private readonly bar = h('div', { class: 'toolbar' });
  private readonly tableHost = h('div', { class: 'table-host' });
  private readonly dock: StackDock;
  private table: TreeTable<StackRow> | null = null;

  constructor(
    host: HTMLElement,
    private readonly app: App,
    private readonly options: StackViewOptions,
  ) {
    this.dock = new StackDock(app);
    host.append(h('div', { class: 'table-view' }, this.bar, this.tableHost, this.dock.element));
  }

  async show(state: State): Promise<void> {
    const { app, options } = this;
    const answer = await app.answer();
    if (app.state !== state) return;
    const cost = sortCost(state, options.cost ?? state.cost);
    const costs = this.costsOf(state, cost);
    const tree = app.session.tree(state);
    this.drawBar(answer, cost);
    const roots =
      options.direction === 'top-down' ? topDownRows(tree, answer, costs) : bottomUpRows(tree, answer, costs);
    if (roots.length === 0) {
      this.table?.dispose();
      this.table = null;
      this.dock.clear();
      replace(this.tableHost, nothingHere(state, options.nothing));
      return;
    }
    const atHand = app.session.historyAtHand(historyAsked(state), HISTORY_POINTS);
    this.draw(state, tree, answer, cost, costs, roots, atHand?.of(tree, answer.passes) ?? false);
    if (atHand !== null || !app.session.knows('time')) return;
    const history = await app.session.history(historyAsked(state), HISTORY_POINTS, app.signal);
    if (app.state !== state) return;
    this.draw(state, tree, answer, cost, costs, roots, history.of(tree, answer.passes));
  }

  dispose(): void {
    this.table?.dispose();
  }

  private costsOf(state: State, cost: CostId): CostId[] {
    if (this.options.columns === undefined || state.own['columns'] !== undefined) return shownCosts(state, cost);
    return this.options.columns.includes(cost) ? [...this.options.columns] : [cost, ...this.options.columns];
  }

  private draw(
    state: State,
    tree: CallTree,
    answer: Answer,
    cost: CostId,
    costs: CostId[],
    roots: StackRow[],
    history: ReturnType<Awaited<ReturnType<App['session']['history']>>['of']> | false,
  ): void {
    const { app } = this;
    const sort = state.sort ?? { column: cost, descending: true };
    const order = comparison(tree, sort, cost);
    const columns: Column<StackRow>[] = [
      nameColumn(tree, this.options.direction === 'bottom-up' ? 'Allocated by' : 'Function'),
    ];
    for (const id of costs) {
      columns.push(costColumn(app, answer, id, id === cost ? 'main' : 'narrow'));
      if (id === cost && this.options.direction === 'top-down') columns.push(selfColumn(app, answer, cost));
    }
    if (app.session.knows('time')) columns.push(historyColumn(history === false ? null : history));
    const table: TreeTableOptions<StackRow> = {
      label: this.options.title,
      columns,
      roots: roots.sort(order),
      idOf: (row) => row.id,
      childrenOf: (row) => row.children().sort(order),
      hasChildren: (row) => row.hasChildren(),
      sort,
      sorted: (column, descending) => sortBy(app, column, descending),
      selected: (row) => (row === null ? this.dock.clear() : this.dock.show(tree, answer, cost, row)),
      chosen: (row) => {
        const f = functionOfKey(tree.tables, tree.by, row.key);
        if (f !== null) app.go({ view: 'callers', selected: tree.tables.name(f), sort: null });
      },
      menu: (row, x, y) =>
        showMenu(nameOfKey(tree.tables, tree.by, row.key).name, x, y, actionsFor(app, tree.by, row.key)),
    };
    if (this.table === null) {
      replace(this.tableHost);
      this.table = new TreeTable(this.tableHost, table);
    } else this.table.update(table);
  }

  private drawBar(answer: Answer, cost: CostId): void {
    const { app, options } = this;
    const note = options.note?.(answer) ?? '';
    replace(
      this.bar,
      h('h1', {}, options.title),
      groupSelect(app),
      plumbingToggle(app),
      recursionToggle(app),
      columnsButton(app, cost),
      note !== '' && h('span', { class: 'toolbar-note' }, note),
    );
  }
}

/** What a history is asked with: it is always of the whole run. */
export function historyAsked(state: State): ReturnType<typeof askedBy> {
  const { size, lifetime, threads, wholeGroup } = askedBy(state);
  const asked: ReturnType<typeof askedBy> = {};
  if (size !== undefined) asked.size = size;
  if (lifetime !== undefined) asked.lifetime = lifetime;
  if (threads !== undefined) asked.threads = threads;
  if (wholeGroup !== undefined) asked.wholeGroup = wholeGroup;
  return asked;
}

export function sortCost(state: State, usual: CostId): CostId {
  return state.sort !== null && isCostId(state.sort.column) ? state.sort.column : usual;
}

/** Sorts by a column; a cost that is sorted by is the one that other views show, too. */
export function sortBy(app: App, column: string, descending: boolean): void {
  const sort = { column, descending };
  app.go(isCostId(column) ? { sort, cost: column } : { sort }, 'replace');
}

export function comparison(
  tree: CallTree,
  sort: { column: string; descending: boolean },
  cost: CostId,
): (a: StackRow, b: StackRow) => number {
  const sign = sort.descending ? -1 : 1;
  if (sort.column === 'name') {
    const name = (row: StackRow): string => nameOfKey(tree.tables, tree.by, row.key).name;
    return (a, b) => -sign * (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
  }
  if (sort.column === 'self') return (a, b) => sign * ((a.self ?? a).value(cost) - (b.self ?? b).value(cost));
  const by = isCostId(sort.column) ? sort.column : cost;
  return (a, b) => sign * (a.value(by) - b.value(by));
}

export function nothingHere(state: State, what: string): HTMLElement {
  const filtered = state.filters.length > 0 || state.size !== null || state.lifetime !== null;
  const narrowed = filtered || state.threads.length > 0 || state.wholeGroup || state.from !== null || state.to !== null;
  return empty(what, narrowed ? 'Nothing passes the filters and the range above; take some of them away.' : '');
}
