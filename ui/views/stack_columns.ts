// SPDX-License-Identifier: MIT
// The columns of the tables of call stacks: names, costs with bars, and bytes alive over time.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import { costOf, labelOf, type CostId, type Unit } from '../model/costs';
import { DiffSession } from '../model/diff_session';
import { amountText, bytesText, changeText, exactText, shareText, UNKNOWN } from '../model/format';
import type { TreeHistory } from '../model/history';
import { nameOfKey } from '../model/key_names';
import type { StackRow } from '../model/stack_rows';
import type { Session } from '../model/session';
import { isRanged, type State } from '../model/state';
import { h } from '../widgets/dom';
import { sparkline } from '../widgets/sparkline';
import type { Column } from '../widgets/tree_table';
import type { App } from './view';

export const USUAL: readonly CostId[] = ['peak_bytes', 'leaked_bytes', 'allocated_bytes', 'allocations', 'temporary'];
export const USUAL_IN_RANGE: readonly CostId[] = [
  'peak_bytes',
  'leaked_bytes',
  'allocated_bytes',
  'allocations',
  'freed_bytes',
  'later_bytes',
];

/** Those that the state asks for, else the usual ones; always with the one that is sorted by. */
export function shownCosts(state: State, sortedBy: CostId | null): CostId[] {
  const asked = (state.own['columns'] ?? '').split(',').filter((id): id is CostId => id !== '');
  const costs = asked.length > 0 ? asked : [...(isRanged(state) ? USUAL_IN_RANGE : USUAL)];
  if (sortedBy !== null && !costs.includes(sortedBy)) costs.unshift(sortedBy);
  return costs;
}

export function nameColumn(tree: CallTree, title: string): Column<StackRow> {
  return {
    id: 'name',
    title,
    width: 'minmax(270px, 1fr)',
    align: 'left',
    sortable: true,
    fill(cell, row) {
      const { name, full, where, quiet } = nameOfKey(tree.tables, tree.by, row.key);
      cell.append(
        h('span', { class: quiet ? 'tt-name mono muted' : 'tt-name mono', title: full }, name),
        where !== '' ? h('span', { class: 'tt-where' }, where) : '',
      );
    },
  };
}

/** What figures are shown against: the sum, or of two recordings the greater sum; changes carry their sign. */
export interface Scale {
  whole: number;
  unit: Unit;
  signs: 'plain' | 'changes';
}

export function scaleOf(session: Session, answer: Answer, cost: CostId): Scale {
  const { unit } = costOf(cost);
  if (!(session instanceof DiffSession)) return { whole: Number(answer.total(cost)), unit, signs: 'plain' };
  const { after, before } = session.compared(answer);
  return { whole: Math.max(Number(after.total(cost)), Number(before.total(cost))), unit, signs: 'changes' };
}

export function costColumn(app: App, answer: Answer, cost: CostId, width: 'main' | 'narrow'): Column<StackRow> {
  const { meaning } = costOf(cost);
  const scale = scaleOf(app.session, answer, cost);
  const title = labelOf(cost, isRanged(app.state));
  const room = Math.max(96, 8 * title.length + 8); // pixels, for figures or the title
  const known = answer.knows(cost);
  return {
    id: cost,
    title,
    meaning,
    width: width === 'main' ? '152px' : `${room}px`,
    align: 'right',
    sortable: true,
    fill(cell, row) {
      if (!known) {
        cell.append(h('span', { class: 'muted' }, UNKNOWN));
        return;
      }
      fillFigure(cell, row.value(cost), row.exact(cost), scale, width);
    },
  };
}

/** What a row costs itself, of the cost that is sorted by. */
export function selfColumn(app: App, answer: Answer, cost: CostId): Column<StackRow> {
  const scale = scaleOf(app.session, answer, cost);
  return {
    id: 'self',
    title: 'Self',
    meaning: 'The same without what it calls',
    width: '92px',
    align: 'right',
    sortable: true,
    fill(cell, row) {
      const own = row.self ?? row;
      fillFigure(cell, own.value(cost), own.exact(cost), scale, 'narrow');
    },
  };
}

export function fillFigure(
  cell: HTMLElement,
  value: number,
  exact: bigint,
  { whole, unit, signs }: Scale,
  width: 'main' | 'narrow',
): void {
  const main = width === 'main';
  if (exact === 0n) {
    cell.append(h('span', { class: 'tt-figure muted' }, '0'));
    if (main) cell.append(h('span', { class: 'tt-share' }));
    return;
  }
  const change = signs === 'plain' ? '' : value < 0 ? ' shrunk' : ' grown';
  const bar = h('div', { class: `${main ? 'tt-bar main' : 'tt-bar'}${change}` });
  bar.style.width = `calc((100% - 8px) * ${whole === 0 ? 0 : Math.min(Math.abs(value) / whole, 1)})`;
  cell.title = exactText(exact, unit) + (whole === 0 ? '' : ` · ${shareText(value, whole)}`);
  cell.append(
    bar,
    h('span', { class: 'tt-figure' }, signs === 'plain' ? amountText(exact, unit) : changeText(exact, unit)),
  );
  if (main) cell.append(h('span', { class: 'tt-share' }, shareText(value, whole)));
}

export function historyColumn(history: TreeHistory | null): Column<StackRow> {
  return seriesColumn((row) => (history === null ? null : row.series(history)), '92px');
}

/** Bytes alive over time; null while they are not there yet. */
export function seriesColumn<R>(of: (row: R) => Float64Array | null, width: string): Column<R> {
  return {
    id: 'history',
    title: 'Over time',
    meaning: 'Bytes alive over the run; each row by its own scale',
    width,
    align: 'left',
    sortable: false,
    fill(cell, row) {
      const series = of(row);
      if (series === null) return;
      const most = series.reduce((a, b) => Math.max(a, b), 0);
      cell.append(sparkline(series, `at most ${bytesText(most)} alive`));
    },
  };
}
