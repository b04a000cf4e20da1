// SPDX-License-Identifier: MIT
// Caller and callee: all functions with their totals, and for the selected one who calls it and what it calls.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import { costOf, labelOf, type CostId } from '../model/costs';
import { amountText, exactText, plural, shareText } from '../model/format';
import { nameOfFunction, nameOfKey } from '../model/key_names';
import type { TreeHistory } from '../model/history';
import { neighbourHistories } from '../model/key_history';
import { calleesOf, callersOf, OUTSIDE, type Neighbours } from '../model/key_totals';
import { keyRows, type StackRow } from '../model/stack_rows';
import { isRanged, type State } from '../model/state';
import { baseName } from '../model/tables';
import { h, replace } from '../widgets/dom';
import { showMenu } from '../widgets/menu';
import { TreeTable, type Column } from '../widgets/tree_table';
import { actionsFor, sourceOf } from './stack_actions';
import { fillFigure, scaleOf, seriesColumn, type Scale } from './stack_columns';
import { comparison, HISTORY_POINTS, historyAsked, nothingHere, sortBy, sortCost } from './stack_view';
import { costSelect, plumbingToggle } from './toolbar';
import type { App, View, ViewKind } from './view';
import './callers.css';

/** A caller or callee. */
interface Neighbour {
  key: number;
  value: number;
  exact: bigint;
}

class CallersView implements View {
  private readonly bar = h('div', { class: 'toolbar' });
  private readonly list = h('div', { class: 'callers-list' });
  private readonly head = h('div', { class: 'callers-head' });
  private readonly above = h('div', { class: 'callers-table' });
  private readonly below = h('div', { class: 'callers-table' });
  private readonly search = h('input', {
    type: 'search',
    placeholder: 'Find a function',
    'aria-label': 'Find a function',
  });
  private readonly body: HTMLElement;
  private functions: TreeTable<StackRow> | null = null;
  private callers: TreeTable<Neighbour> | null = null;
  private callees: TreeTable<Neighbour> | null = null;
  private wanted = '';
  /** The last history, so that going from function to function shows it at once. */
  private history: { answer: Answer; tree: CallTree; series: TreeHistory } | null = null;

  constructor(
    host: HTMLElement,
    private readonly app: App,
  ) {
    const right = h('div', { class: 'callers-right' }, this.above, this.head, this.below);
    this.body = h('div', { class: 'callers-body' }, this.list, right);
    host.append(h('div', { class: 'table-view' }, this.bar, this.body));
    this.search.addEventListener('input', () => {
      this.wanted = this.search.value.toLowerCase();
      void this.show(app.state);
    });
  }

  async show(state: State): Promise<void> {
    const { app } = this;
    const answer = await app.answer();
    if (app.state !== state) return;
    const { tables } = app.session;
    const tree = app.session.tree(state, 'function');
    const cost = sortCost(state, state.cost);
    const sort = state.sort ?? { column: cost, descending: true };
    if (this.bar.childElementCount === 0) this.bar.append(h('h1', {}, 'Caller / callee'));
    replace(this.bar, h('h1', {}, 'Caller / callee'), this.search, costSelect(app, cost), plumbingToggle(app));
    const all = keyRows(tree, answer, [cost]).sort(comparison(tree, sort, cost));
    const rows = all.filter(({ key }) => tables.name(key).toLowerCase().includes(this.wanted));
    this.body.hidden = all.length === 0;
    const nothing = this.bar.parentElement!.querySelector('.status');
    nothing?.remove();
    if (all.length === 0) {
      this.bar.after(nothingHere(state, 'Nothing was allocated'));
      return;
    }
    const selected = all.find(({ key }) => tables.name(key) === state.selected) ?? rows[0] ?? all[0]!;
    this.drawHead(answer, cost, selected);
    const usual = scaleOf(app.session, answer, cost);
    const scale = usual.signs === 'plain' ? { ...usual, whole: selected.value(cost) } : usual;
    const [callers, callees] = [callersOf, calleesOf].map((of) => of(tree, answer, cost, selected.key));
    const draw = (history: TreeHistory | null): void => {
      const series = history === null ? null : neighbourHistories(tree, history, selected.key);
      this.drawFunctions(answer, tree, cost, sort, rows, selected, history);
      const neighbours = { tree, cost, scale };
      this.callers = this.drawNeighbours(this.callers, this.above, 'Called by', neighbours, callers!, series?.callers);
      this.callees = this.drawNeighbours(this.callees, this.below, 'Calls', neighbours, callees!, series?.callees);
    };
    const known = this.history?.answer === answer && this.history.tree === tree ? this.history.series : null;
    draw(known);
    if (known !== null || !app.session.knows('time')) return;
    const history = await app.session.history(historyAsked(state), HISTORY_POINTS, app.signal);
    if (app.state !== state) return;
    this.history = { answer, tree, series: history.of(tree, answer.passes) };
    draw(this.history.series);
  }

  dispose(): void {
    this.functions?.dispose();
    this.callers?.dispose();
    this.callees?.dispose();
  }

  private drawFunctions(
    answer: Answer,
    tree: CallTree,
    cost: CostId,
    sort: { column: string; descending: boolean },
    rows: StackRow[],
    selected: StackRow,
    history: TreeHistory | null,
  ): void {
    const { app } = this;
    const { meaning } = costOf(cost);
    const scale = scaleOf(app.session, answer, cost);
    const figure = (id: string, title: string, of: (row: StackRow) => StackRow['self'] & object): Column<StackRow> => ({
      id,
      title,
      meaning,
      width: '96px',
      align: 'right',
      sortable: true,
      fill: (cell, row) => fillFigure(cell, of(row).value(cost), of(row).exact(cost), scale, 'narrow'),
    });
    const options = {
      label: 'Functions',
      columns: [
        {
          id: 'name',
          title: 'Function',
          width: 'minmax(180px, 1fr)',
          align: 'left' as const,
          sortable: true,
          fill: (cell: HTMLElement, row: StackRow) => {
            const { name, full, where, quiet } = nameOfKey(tree.tables, 'function', row.key);
            cell.append(
              h('span', { class: quiet ? 'tt-name mono muted' : 'tt-name mono', title: full }, name),
              h('span', { class: 'tt-where' }, where),
            );
          },
        },
        figure(cost, labelOf(cost, isRanged(app.state)), (row) => row),
        figure('self', 'Self', (row) => row.self ?? row),
        ...this.seriesColumns<StackRow>((row) => (history === null ? null : row.series(history))),
      ],
      roots: rows,
      idOf: (row: StackRow) => row.id,
      childrenOf: () => [],
      hasChildren: () => false,
      sort,
      sorted: (column: string, descending: boolean) => sortBy(app, column, descending),
      selected: (row: StackRow | null) => {
        if (row !== null) app.go({ selected: tree.tables.name(row.key) }, 'replace');
      },
      menu: (row: StackRow, x: number, y: number) =>
        showMenu(tree.tables.short(row.key), x, y, actionsFor(app, 'function', row.key)),
    };
    if (this.functions === null) this.functions = new TreeTable(this.list, options);
    else this.functions.update(options);
    this.functions.mark(selected.id);
  }

  /** Bytes alive over time, where the recording knows times. */
  private seriesColumns<R>(of: (row: R) => Float64Array | null): Column<R>[] {
    return this.app.session.knows('time') ? [seriesColumn(of, '92px')] : [];
  }

  private drawHead(answer: Answer, cost: CostId, selected: StackRow): void {
    const { app } = this;
    const { tables } = app.session;
    const { name, full } = nameOfFunction(tables, selected.key);
    const { unit } = costOf(cost);
    const whole = Number(answer.total(cost));
    const part = (title: string, value: number, exact: bigint): HTMLElement =>
      h(
        'span',
        { title: exactText(exact, unit) },
        `${title} `,
        h('b', {}, amountText(exact, unit)),
        h('span', { class: 'muted' }, ` ${shareText(value, whole)}`),
      );
    const file = tables.file(selected.key);
    const self = selected.self ?? selected;
    replace(
      this.head,
      h('h2', { class: 'mono', title: full }, name),
      h(
        'div',
        { class: 'callers-figures' },
        part(labelOf(cost, isRanged(app.state)), selected.value(cost), selected.exact(cost)),
        part('itself', self.value(cost), self.exact(cost)),
        file === ''
          ? h('span', { class: 'muted' }, baseName(tables.moduleOf(selected.key)))
          : h('a', { href: app.url(sourceOf(app, selected.key, 0)), title: file }, baseName(file)),
        actionsButton(app, selected.key, name),
      ),
    );
  }

  private drawNeighbours(
    table: TreeTable<Neighbour> | null,
    host: HTMLElement,
    title: string,
    { tree, cost, scale }: { tree: CallTree; cost: CostId; scale: Scale },
    found: Neighbours,
    series: Map<number, Float64Array> | undefined,
  ): TreeTable<Neighbour> {
    const { app } = this;
    const rows = Array.from(found.keys, (key, i): Neighbour => {
      return { key, value: found.amounts.at(i), exact: found.amounts.exact(i) };
    }).sort((a, b) => b.value - a.value);
    const go = (row: Neighbour): void => {
      if (row.key !== OUTSIDE) app.go({ selected: tree.tables.name(row.key) });
    };
    const options = {
      label: title,
      columns: [
        {
          id: 'name',
          title: `${title} ${plural(rows.filter((row) => row.key !== OUTSIDE).length, 'function')}`,
          width: 'minmax(180px, 1fr)',
          align: 'left' as const,
          sortable: false,
          fill: (cell: HTMLElement, row: Neighbour) => {
            if (row.key === OUTSIDE) {
              cell.append(h('span', { class: 'tt-name muted' }, '(nothing: it is the outermost)'));
              return;
            }
            const { name, full, where, quiet } = nameOfKey(tree.tables, 'function', row.key);
            const href = app.url({ selected: full });
            cell.append(
              h('a', { class: quiet ? 'tt-name mono muted' : 'tt-name mono', href, title: full, tabindex: '-1' }, name),
              h('span', { class: 'tt-where' }, where),
            );
          },
        },
        {
          id: cost,
          title: labelOf(cost, isRanged(app.state)),
          width: '150px',
          align: 'right' as const,
          sortable: false,
          fill: (cell: HTMLElement, row: Neighbour) => fillFigure(cell, row.value, row.exact, scale, 'main'),
        },
        ...this.seriesColumns<Neighbour>((row) => series?.get(row.key) ?? null),
      ],
      roots: rows,
      idOf: (row: Neighbour) => String(row.key),
      childrenOf: () => [],
      hasChildren: () => false,
      sort: { column: cost, descending: true },
      sorted: () => undefined,
      selected: () => undefined,
      chosen: go,
      menu: (row: Neighbour, x: number, y: number) => {
        if (row.key !== OUTSIDE) showMenu(tree.tables.short(row.key), x, y, actionsFor(app, 'function', row.key));
      },
    };
    if (table === null) return new TreeTable(host, options);
    table.update(options);
    return table;
  }
}

function actionsButton(app: App, key: number, name: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'quiet', 'aria-haspopup': 'menu' }, 'More…');
  button.addEventListener('click', () => {
    const box = button.getBoundingClientRect();
    showMenu(name, box.left, box.bottom + 4, actionsFor(app, 'function', key));
  });
  return button;
}

export const callers: ViewKind = {
  id: 'callers',
  title: 'Caller / callee',
  icon: 'M2 8h12M5 5L2 8l3 3M11 5l3 3-3 3',
  group: 'stacks',
  tree: 'function',
  create: (host, app) => new CallersView(host, app),
};
