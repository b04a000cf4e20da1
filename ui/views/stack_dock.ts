// SPDX-License-Identifier: MIT
// The dock below a table: the whole call stacks behind the selected row, heaviest first, one at a time.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import { costOf, labelOf, type CostId } from '../model/costs';
import { amountText, exactText, plural, shareText } from '../model/format';
import { nameOfFunction, placeOfFrame, wholePlaceOfFrame } from '../model/key_names';
import { heaviestStacks, type StackRow } from '../model/stack_rows';
import { isRanged } from '../model/state';
import { h, icon, replace } from '../widgets/dom';
import { showMenu } from '../widgets/menu';
import { actionsFor } from './stack_actions';
import type { App } from './view';
import './stack_dock.css';

const STACKS_KEPT = 200;

export class StackDock {
  readonly element = h('section', { class: 'dock', 'aria-label': 'Call stacks of the selected row' });
  private rows: number[] = [];
  private count = 0;
  private at = 0;
  private answer: Answer | null = null;
  private cost: CostId = 'peak_bytes';

  constructor(private readonly app: App) {
    this.clear();
  }

  clear(): void {
    this.rows = [];
    this.element.classList.add('closed');
    replace(this.element);
  }

  show(tree: CallTree, answer: Answer, cost: CostId, row: StackRow): void {
    const { rows, count } = heaviestStacks(tree, answer, cost, row.nodes(), STACKS_KEPT);
    this.rows = rows;
    this.count = count;
    this.answer = answer;
    this.cost = cost;
    this.at = 0;
    this.element.classList.remove('closed');
    this.draw();
  }

  private draw(): void {
    const { app, answer, cost } = this;
    if (answer === null) return;
    const row = this.rows[this.at];
    const label = labelOf(cost, isRanged(app.state));
    if (row === undefined) {
      replace(this.element, h('p', { class: 'dock-empty' }, `None of its stacks has anything of “${label}”.`));
      return;
    }
    const unit = costOf(cost).unit;
    const amount = answer.row(cost).exact(row);
    const step = (by: number): HTMLButtonElement =>
      h(
        'button',
        {
          type: 'button',
          class: 'quiet',
          disabled: this.at + by < 0 || this.at + by >= this.rows.length,
          'aria-label': by < 0 ? 'Heavier stack' : 'Lighter stack',
          on: {
            click: () => {
              this.at += by;
              this.draw();
              this.element.querySelectorAll<HTMLButtonElement>('header button')[by < 0 ? 0 : 1]?.focus();
            },
          },
        },
        icon(by < 0 ? 'M10 3L5 8l5 5' : 'M6 3l5 5-5 5'),
      );
    const others = (['peak_bytes', 'leaked_bytes', 'allocated_bytes', 'allocations', 'temporary'] as const)
      .filter((id) => id !== cost && answer.knows(id) && answer.row(id).at(row) !== 0)
      .map((id) => {
        const own = answer.row(id).exact(row);
        const text = `${labelOf(id, isRanged(app.state))} ${amountText(own, costOf(id).unit)}`;
        return h('span', { class: 'muted', title: exactText(own, costOf(id).unit) }, text);
      });
    const header = h(
      'header',
      {},
      step(-1),
      h('span', {}, `Stack ${this.at + 1} of ${this.count.toLocaleString('en')}`),
      step(1),
      h('strong', { title: exactText(amount, unit) }, `${label} ${amountText(amount, unit)}`),
      h('span', { class: 'muted' }, shareText(Number(amount), Number(answer.total(cost)))),
      ...others,
      h('div', { class: 'grow' }),
      h(
        'button',
        { type: 'button', class: 'quiet', 'aria-label': 'Close', title: 'Close', on: { click: () => this.clear() } },
        icon('M4 4l8 8M12 4l-8 8'),
      ),
    );
    const frames = h('ol', { class: 'stack', 'aria-label': plural(this.depthOf(row), 'frame') });
    const { tables } = app.session;
    for (const r of tables.stackOf(row)) {
      const frame = tables.rows.frame[r]!;
      const f = tables.rowFunction[r]!;
      const { name, full, quiet } = nameOfFunction(tables, f);
      const inlined = (tables.frames.flags[frame]! & 1) !== 0;
      const open = (event: MouseEvent): void => {
        const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
        showMenu(name, event.clientX || box.left, event.clientY || box.bottom, actionsFor(app, 'line', frame));
      };
      frames.append(
        h(
          'li',
          { class: quiet ? 'quiet-frame' : undefined },
          h('button', { type: 'button', class: 'frame', title: full, on: { click: open } }, name),
          h('span', { class: 'where', title: wholePlaceOfFrame(tables, frame) }, placeOfFrame(tables, frame)),
          inlined && h('span', { class: 'tag', title: 'The compiler inlined it into its caller' }, 'inlined'),
        ),
      );
    }
    replace(this.element, header, frames);
  }

  private depthOf(row: number): number {
    return this.app.session.tables.stackOf(row).length;
  }
}
