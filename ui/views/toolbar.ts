// SPDX-License-Identifier: MIT
// The options above the tables of call stacks: how frames are grouped, what is left out, which columns.

import type { GroupBy } from '../model/call_tree';
import { COSTS, labelOf, type CostId } from '../model/costs';
import { isRanged, type State } from '../model/state';
import { h, icon } from '../widgets/dom';
import { showMenuBelow } from '../widgets/menu';
import { shownCosts } from './stack_columns';
import type { App } from './view';
import './toolbar.css';

const GROUPS: [GroupBy, string][] = [
  ['function', 'by function'],
  ['line', 'by line'],
  ['file', 'by file'],
  ['module', 'by module'],
];

export function groupSelect(app: App): HTMLElement {
  const change = (event: Event): void => app.go({ by: (event.target as HTMLSelectElement).value as GroupBy });
  return h(
    'select',
    { 'aria-label': 'Group frames', title: 'What a row stands for', on: { change } },
    ...GROUPS.map(([value, label]) => h('option', { value, selected: value === app.state.by }, label)),
  );
}

export function plumbingToggle(app: App): HTMLElement {
  return toggle(
    'Library frames',
    'Show the frames of allocators and of the language’s library, and what calls main',
    app.state.plumbing === 'shown',
    (on) => app.go({ plumbing: on ? 'shown' : 'hidden' }),
  );
}

export function recursionToggle(app: App): HTMLElement {
  return toggle(
    'Collapse recursion',
    'A function stands at most once on a path: where it is entered again, the path goes back to it',
    app.state.recursion === 'collapsed',
    (on) => app.go({ recursion: on ? 'collapsed' : 'shown' }),
  );
}

export function costSelect(app: App, current: CostId): HTMLElement {
  const change = (event: Event): void =>
    app.go({ cost: (event.target as HTMLSelectElement).value as CostId, sort: null });
  return h(
    'select',
    { 'aria-label': 'Cost', title: 'What is counted', on: { change } },
    ...COSTS.map(({ id }) => h('option', { value: id, selected: id === current }, labelOf(id, isRanged(app.state)))),
  );
}

export function columnsButton(app: App, sortedBy: CostId | null): HTMLElement {
  const button = h('button', { type: 'button', 'aria-haspopup': 'menu' }, 'Columns', icon('M4 6l4 4 4-4'));
  button.addEventListener('click', () => {
    const shown = shownCosts(app.state, sortedBy);
    const items = COSTS.map(({ id }) => ({
      label: labelOf(id, isRanged(app.state)),
      checked: shown.includes(id),
      run: () => {
        const wanted = new Set(shown);
        if (!wanted.delete(id)) wanted.add(id);
        const columns = COSTS.map((cost) => cost.id).filter((cost) => wanted.has(cost));
        app.go({ own: withWord(app.state, 'columns', columns.join(',')) }, 'replace');
      },
    }));
    showMenuBelow('Columns', button, items);
  });
  return button;
}

export function toggle(label: string, title: string, on: boolean, changed: (on: boolean) => void): HTMLElement {
  const box = h('input', { type: 'checkbox', checked: on });
  box.addEventListener('change', () => changed(box.checked));
  return h('label', { class: 'toggle', title }, box, label);
}

/** A state's own words with one changed; '' takes it away. */
export function withWord(state: State, name: string, value: string): Record<string, string> {
  const own = { ...state.own, [name]: value };
  if (value === '') delete own[name];
  return own;
}
