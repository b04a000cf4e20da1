// SPDX-License-Identifier: MIT
// What narrows the question, as chips that can be taken away, and a form that adds to them.

import { bytesText, durationText, momentText } from '../model/format';
import { mistakeIn, readable } from '../model/stack_filter';
import type { State } from '../model/state';
import { chooseRange, rangeOf, rangeText } from '../views/time_actions';
import type { App } from '../views/view';
import { h, icon } from '../widgets/dom';

interface Chip {
  kind: string;
  text: string;
  title: string;
  without: Partial<State>;
}

const KINDS: [string, string, string][] = [
  ['function', 'Stacks through function', 'regular expression'],
  ['!function', 'Stacks without function', 'regular expression'],
  ['file', 'Stacks through file', 'regular expression'],
  ['!file', 'Stacks without file', 'regular expression'],
  ['module', 'Stacks through module', 'regular expression'],
  ['!module', 'Stacks without module', 'regular expression'],
  ['hide', 'Leave out frames of', 'regular expression'],
  ['show', 'Only frames of', 'regular expression'],
  ['size', 'Blocks of size', '16-64 (bytes)'],
  ['lifetime', 'Blocks that lived', '0-100 (ms)'],
  ['range', 'Time range', '100-2500 (ms)'],
];

export class Chips {
  readonly element = h('div', { class: 'chips', role: 'group', 'aria-label': 'Filters' });
  private kind = 'function';

  constructor(private readonly app: App) {}

  show(): void {
    const chips = chipsOf(this.app).map((chip) => {
      const remove = (): void => this.app.go(chip.without);
      return h(
        'span',
        { class: 'chip', title: chip.title },
        h('span', { class: 'chip-kind' }, chip.kind),
        h('span', { class: 'chip-text' }, chip.text),
        h(
          'button',
          { type: 'button', 'aria-label': `Remove: ${chip.kind} ${chip.text}`, on: { click: remove } },
          icon('M5 5l6 6M11 5l-6 6'),
        ),
      );
    });
    const clear = (): void => this.app.go(NOTHING);
    this.element.replaceChildren(
      ...chips,
      ...(chips.length > 1 ? [h('button', { type: 'button', class: 'quiet', on: { click: clear } }, 'Clear all')] : []),
      this.form(),
    );
  }

  /** Puts the cursor where a filter is written. */
  focus(): void {
    this.element.querySelector('input')?.focus();
  }

  private form(): HTMLElement {
    const input = h('input', { type: 'search', 'aria-label': 'Filter', spellcheck: 'false', autocomplete: 'off' });
    const blocks = this.app.session.answersForBlocks;
    const kinds = KINDS.filter(([value]) => blocks || (value !== 'size' && value !== 'lifetime'));
    const select = h(
      'select',
      { 'aria-label': 'Kind of filter' },
      ...kinds.map(([value, label]) => h('option', { value, selected: value === this.kind }, label)),
    );
    const hint = (): void => {
      this.kind = select.value;
      input.placeholder = KINDS.find(([value]) => value === select.value)?.[2] ?? '';
    };
    select.addEventListener('change', hint);
    hint();
    input.addEventListener('input', () => input.setCustomValidity(''));
    const form = h('form', { class: 'filter-form' }, select, input, h('button', { type: 'submit' }, 'Filter'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const said = this.add(select.value, input.value.trim());
      if (said === null) return;
      input.setCustomValidity(said);
      input.reportValidity();
    });
    return form;
  }

  /** Adds a filter; what is wrong with it, or null. */
  private add(kind: string, text: string): string | null {
    const { app } = this;
    if (text === '') return 'Write what to look for.';
    if (kind === 'range' || kind === 'size' || kind === 'lifetime') {
      const [, least = '', most = ''] = /^(\d*)\s*[-–]\s*(\d*)$/.exec(text) ?? [];
      if (least === '' && most === '') return 'Write two whole numbers as MIN-MAX; one of them may be left out.';
      if (most !== '' && Number(least) > Number(most)) return 'The first number must not be above the second.';
      if (kind === 'range') chooseRange(app, Number(least), most === '' ? app.session.end : Number(most));
      else app.go({ [kind]: `${least}-${most}` });
      return null;
    }
    const mistake = mistakeIn(text);
    if (mistake !== null) return mistake;
    if (kind === 'hide') app.go({ hide: app.state.hide.concat(text) });
    else if (kind === 'show') app.go({ show: app.state.show.concat(text) });
    else {
      const subject = kind.replace('!', '') as 'function' | 'file' | 'module';
      app.go({ filters: app.state.filters.concat({ subject, negated: kind.startsWith('!'), pattern: text }) });
    }
    return null;
  }
}

const NOTHING: Partial<State> = {
  from: null,
  to: null,
  aliveAt: null,
  filters: [],
  hide: [],
  show: [],
  size: null,
  lifetime: null,
  threads: [],
  wholeGroup: false,
};

function chipsOf(app: App): Chip[] {
  const { state, session } = app;
  const chips: Chip[] = [];
  const add = (kind: string, text: string, without: Partial<State>, title = text): void => {
    chips.push({ kind, text, title, without });
  };
  const range = rangeOf(app);
  if (range !== null) add('range', rangeText(range), { from: null, to: null });
  if (state.aliveAt !== null) add('alive at', momentText(state.aliveAt), { aliveAt: null });
  state.filters.forEach((filter, i) => {
    const kind = `${filter.negated ? 'without' : 'through'} ${filter.subject}`;
    const filters = state.filters.filter((_, j) => j !== i);
    add(kind, readable(filter.pattern), { filters }, filter.pattern);
  });
  const frames = (kind: string, name: 'hide' | 'show'): void =>
    state[name].forEach((pattern, i) => {
      add(kind, readable(pattern), { [name]: state[name].filter((_, j) => j !== i) }, pattern);
    });
  frames('leaves out', 'hide');
  frames('only frames of', 'show');
  if (state.size !== null) add('size', boundsText(state.size, bytesText), { size: null }, `${state.size} bytes`);
  if (state.lifetime !== null)
    add('lived', boundsText(state.lifetime, durationText), { lifetime: null }, `${state.lifetime} ms`);
  for (const tid of state.threads) {
    const name = session.facts.threads.find((thread) => thread.tid === tid)?.name ?? '';
    add('thread', `${name} ${tid}`.trim(), { threads: state.threads.filter((t) => t !== tid) });
  }
  if (state.wholeGroup)
    add('only', 'stacks that never freed', { wholeGroup: false }, 'Call stacks none of whose blocks was ever freed');
  return chips;
}

function boundsText(bounds: string, text: (n: number) => string): string {
  const [least = '', most = ''] = bounds.split('-');
  if (most === '') return `≥ ${text(Number(least))}`;
  if (least === '' || least === '0') return `≤ ${text(Number(most))}`;
  return least === most ? text(Number(least)) : `${text(Number(least))} – ${text(Number(most))}`;
}
