// SPDX-License-Identifier: MIT
// The source view: files by what they cost, and the text of one with the costs of its lines.
//
// Its own words in the URL: path, line. `selected` (a function's name) opens the file of that function.

import './source.css';
import type { Answer } from '../model/answer';
import { costOf, labelOf } from '../model/costs';
import { amountText, exactText, shareText } from '../model/format';
import { lineCosts, type LineCost } from '../model/line_costs';
import { isRanged, type State } from '../model/state';
import { baseName, FLAG, type Tables } from '../model/tables';
import { h, replace } from '../widgets/dom';
import { scrollToLine, sourceText, type LineFigure } from '../widgets/source_text';
import { empty } from '../widgets/status';
import type { App, View, ViewKind } from './view';

const FILES_SHOWN = 200;

export const sourceKind: ViewKind = {
  id: 'source',
  title: 'Source',
  icon: 'M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5',
  group: 'stacks',
  tree: null,
  create: (host, app) => new SourceView(host, app),
};

interface FileCost {
  path: string;
  made: number;
}

class SourceView implements View {
  private readonly list = h('nav', { class: 'source-files', 'aria-label': 'Source files' });
  private readonly page = h('div', { class: 'source-page' });
  private shown = '';
  private readonly texts = new Map<string, Promise<string>>();

  constructor(
    private readonly host: HTMLElement,
    private readonly app: App,
  ) {
    host.classList.add('source-view');
    host.append(h('h1', { class: 'unheard' }, 'Source'), this.list, this.page);
  }

  async show(state: State): Promise<void> {
    const answer = await this.app.answer();
    const { tables } = this.app.session;
    const files = fileCosts(tables, answer.row(state.cost).rounded());
    const path = state.own['path'] ?? fileOfFunction(tables, state.selected) ?? files[0]?.path ?? null;
    this.drawList(state, files, path);
    if (path === null) {
      replace(
        this.page,
        empty('No source files', 'The recording names none. Programs built with -g tell their lines.'),
      );
      return;
    }
    await this.drawFile(state, answer, path);
  }

  dispose(): void {
    this.host.replaceChildren();
  }

  private drawList(state: State, files: readonly FileCost[], open: string | null): void {
    const { unit } = costOf(state.cost);
    const total = files.reduce((sum, file) => sum + file.made, 0);
    const links = files.slice(0, FILES_SHOWN).map(({ path, made }) => {
      const own: Record<string, string> = { ...state.own, path };
      delete own['line'];
      const href = this.app.url({ own });
      const current = path === open ? 'page' : undefined;
      const title = `${path}\n${exactText(made, unit)}, ${shareText(made, total)}`;
      return h(
        'a',
        { href, title, 'aria-current': current },
        h('span', { class: 'source-file-name' }, baseName(path)),
        h('span', { class: 'muted' }, amountText(made, unit)),
      );
    });
    replace(this.list, h('h2', {}, `${labelOf(state.cost, isRanged(state))} by file`), ...links);
  }

  private async drawFile(state: State, answer: Answer, path: string): Promise<void> {
    const { tables } = this.app.session;
    const inFile = functionsOfFile(tables, path);
    const costs = lineCosts(tables, answer.row(state.cost).rounded(), inFile);
    const figures = lineFigures(costs, state);
    const line = Number(state.own['line'] ?? '0') || lineOfFunction(tables, state.selected, costs) || hottest(costs);
    const heading = h('h2', { class: 'source-path', title: path }, path);
    let text: string;
    try {
      text = await this.textOf(path);
    } catch (error) {
      replace(this.page, heading, this.withoutText(error, figures));
      return;
    }
    const columns: [string, string] = ['here', 'through'];
    const table = sourceText({ text, figures, columns, line: line || null });
    table.setAttribute('aria-label', `${path}, with ${labelOf(state.cost, isRanged(state))} by line`);
    const scrolled = this.shown === path ? (this.page.querySelector('.source')?.scrollTop ?? null) : null;
    replace(this.page, heading, table);
    if (scrolled !== null && state.own['line'] === undefined) table.scrollTop = scrolled;
    else if (line) scrollToLine(table, line);
    this.shown = path;
  }

  private textOf(path: string): Promise<string> {
    let text = this.texts.get(path);
    if (text === undefined) {
      text = this.app.session.source.source(this.app.session.id, path);
      text.catch(() => this.texts.delete(path));
      this.texts.set(path, text);
    }
    return text;
  }

  /** The text is not on this machine: the lines and their costs alone. */
  private withoutText(error: unknown, figures: ReadonlyMap<number, LineFigure>): HTMLElement {
    const table = h('table', { class: 'source-lines' });
    table.append(h('tr', {}, h('th', {}, 'line'), h('th', {}, 'here'), h('th', {}, 'through')));
    for (const [line, { made, through, told }] of [...figures].sort(([a], [b]) => a - b))
      table.append(h('tr', { title: told }, h('td', {}, String(line)), h('td', {}, made), h('td', {}, through)));
    return h('div', { class: 'source-missing' }, empty('The text is not here', (error as Error).message), table);
  }
}

function functionsOfFile(tables: Tables, path: string): Uint8Array {
  return Uint8Array.from(tables.functions.file, (_, f) => (tables.file(f) === path ? 1 : 0));
}

function fileOfFunction(tables: Tables, name: string | null): string | null {
  if (name === null) return null;
  for (let f = 0; f < tables.functionCount; f++)
    if (tables.name(f) === name && tables.file(f) !== '') return tables.file(f);
  return null;
}

/** The first line of a function that costs anything. */
function lineOfFunction(tables: Tables, name: string | null, costs: ReadonlyMap<number, LineCost>): number {
  if (name === null) return 0;
  const { frames } = tables;
  let first = 0;
  for (let frame = 0; frame < frames.function.length; frame++) {
    const line = frames.line[frame]!;
    if (costs.has(line) && (first === 0 || line < first) && tables.name(frames.function[frame]!) === name) first = line;
  }
  return first;
}

function hottest(costs: ReadonlyMap<number, LineCost>): number {
  let line = 0;
  let most = 0;
  for (const [at, { made }] of costs)
    if (made > most) {
      most = made;
      line = at;
    }
  return line;
}

function lineFigures(costs: ReadonlyMap<number, LineCost>, state: State): Map<number, LineFigure> {
  const { unit } = costOf(state.cost);
  const label = labelOf(state.cost, isRanged(state));
  const most = Math.max(1, ...[...costs.values()].map(({ made }) => made));
  const text = (amount: number): string => (amount === 0 ? '' : amountText(amount, unit));
  const figures = new Map<number, LineFigure>();
  for (const [line, { made, through }] of costs)
    figures.set(line, {
      made: text(made),
      through: text(through),
      told: `${label}: ${exactText(made, unit)} allocated here, ${exactText(through, unit)} by what it calls and here`,
      heat: Math.sqrt(made / most),
    });
  return figures;
}

/** Files by what their lines allocate, wrappers and run time counted for who called them; greatest first. */
function fileCosts(tables: Tables, amounts: Float64Array): FileCost[] {
  const made = amounts.slice();
  const byFile = new Map<string, number>();
  for (let row = tables.rowCount - 1; row > 0; row--) {
    if (made[row] === 0) continue;
    const f = tables.rowFunction[row]!;
    if (tables.flags(f) & (FLAG.plumbing | FLAG.runtime)) made[tables.rows.parent[row]!]! += made[row]!;
    else byFile.set(tables.file(f), (byFile.get(tables.file(f)) ?? 0) + made[row]!);
  }
  byFile.delete('');
  return [...byFile].map(([path, amount]) => ({ path, made: amount })).sort((a, b) => b.made - a.made);
}
