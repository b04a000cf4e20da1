// SPDX-License-Identifier: MIT
// How to read the view that is open, and the keys that it knows: a dialog, opened by its button or by "?".

import { h, icon } from '../widgets/dom';
import './help.css';

interface Help {
  text: string[];
  keys: [string, string][];
}

const TIME_KEYS: [string, string][] = [
  ['← →', 'in a chart: through the run; with Ctrl by a millisecond; Home, End, Page Up and Down farther'],
  ['Shift ← →', 'in a chart: choose a range, taken when Shift is let go'],
  ['Enter', 'in a chart: what is alive at the cursor'],
  ['M', 'in a chart: more questions about the moment or the range'],
];
const TABLE_KEYS: [string, string][] = [
  ['↑ ↓', 'through the rows; the dock below shows the whole call stacks of the selected one'],
  ['→ ←', 'open and close a row'],
  ['E', 'open the way to the heaviest row below'],
  ['Enter', 'callers and callees of the function'],
  ['Shift F10', 'what can be done with the row'],
];
const EVERYWHERE: [string, string][] = [
  ['/', 'to the filter (in the flame graph: to the search)'],
  ['?', 'this help'],
];

const BARS = 'A bar is the share of the whole; the exact figure is in the tooltip.';
const HELPS: Record<string, Help> = {
  overview: {
    text: [
      'The first chart is the live heap: all blocks that were allocated and not yet freed. A heap that ' +
        'climbs and does not fall collects or leaks. Resident memory is what the system counted for the whole' +
        ' process; where it stays high while the heap falls, the allocator keeps freed memory.',
      'Below stands who held it, and how fast it was allocated. Drag in any chart to choose a range: all ' +
        'views are then about the range alone. Click a moment to ask what was alive there, and right-click ' +
        'for more, such as marks: between marks stand generations, and what survives from one to the next is ' +
        'what a leak looks like.',
    ],
    keys: TIME_KEYS,
  },
  flame: {
    text: [
      'Each box is a function, as wide as what it and all that it calls cost. Top-down begins at main; ' +
        'bottom-up begins at the functions that allocate and goes to their callers. Height means nothing but ' +
        'depth.',
      'Look for wide boxes whose insides are narrow: there the memory is allocated. Left and right have no ' +
        'order in time. Colours tell modules, or with “by size” what a function allocates itself; in a ' +
        'comparison orange has grown and blue has shrunk.',
    ],
    keys: [
      ['← → ↑ ↓', 'from box to box'],
      ['Enter', 'zoom to the box'],
      ['Backspace', 'zoom back; with Shift forward'],
      ['Esc', 'zoom out to all'],
      ['Ctrl wheel', 'zoom'],
      ['Shift F10', 'what can be done with the box'],
    ],
  },
  'bottom-up': {
    text: [
      'Each row is a function that allocates; open it to see who called it, and how much of it came through' +
        ' each caller. Begin with the first row: it is the function that holds the most.',
      'Library frames (allocators, containers) are left out unless you ask for them. ' + BARS,
      'The little chart shows the bytes alive over the run, each row by its own scale.',
    ],
    keys: TABLE_KEYS,
  },
  'top-down': {
    text: [
      'From main inwards: a row is a function with all that it calls, and “self” is what it allocates ' +
        'itself. Follow the largest figures inwards until they split: there the decision was made that memory' +
        ' is needed.',
      BARS,
    ],
    keys: TABLE_KEYS,
  },
  callers: {
    text: [
      'All functions at the left, each once, wherever it stands on the stacks. For the selected one, above:' +
        ' who calls it, and how much came through each; below: what it calls. Callers add up to the function;' +
        ' what it calls adds up to it, less what it allocates itself.',
    ],
    keys: [
      ...TABLE_KEYS.filter(([key]) => !'→ ← E'.includes(key)),
      ['Enter', 'in “called by” and “calls”: go to that function'],
    ],
  },
  source: {
    text: [
      'The source beside what its lines cost: “here” is allocated by a call on this line, “through” also by' +
        ' what the line calls. The texts are those that lie on this machine now; if they changed since the ' +
        'program was built, lines do not fit.',
    ],
    keys: [],
  },
  leaks: {
    text: [
      'What was never freed, by the functions that allocated it. Not all of it need be an error: a program ' +
        'may keep a table until it ends. “Never freed” means that none of the blocks of these stacks was ' +
        'freed, “grows” that the bytes rose to the end of the run.',
      'First and last tell when. A leak that happens once at the start matters less than one that goes on ' +
        'to the end. With a range chosen, this is what was allocated in it and not freed in it.',
    ],
    keys: TABLE_KEYS,
  },
  temporary: {
    text: [
      'Blocks that were freed by the very next call of the same thread. Nearly always they could have been ' +
        'on the stack, or kept and used again. They cost time, not memory.',
    ],
    keys: TABLE_KEYS,
  },
  sizes: {
    text: [
      'How many blocks (or bytes) there were of each size, and how long they lived. Heights are ' +
        'logarithmic, so that a few large blocks can be seen beside millions of small ones. A bar that is ' +
        'chosen is a filter for all views: choose the shortest lives to see who churns.',
    ],
    keys: [
      ['Tab', 'from bar to bar'],
      ['Enter', 'choose a bar; with Shift more of them'],
    ],
  },
  threads: {
    text: [
      'What each thread allocated, and what it freed, whoever had allocated it. A thread that is chosen is ' +
        'a filter for all views.',
    ],
    keys: [],
  },
};

export class HelpDialog {
  readonly button = h(
    'button',
    { type: 'button', class: 'quiet', title: 'How to read this view ( ? )', 'aria-label': 'How to read this view' },
    icon('M6 6a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.1M8 11.4v.1M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4'),
  );
  private readonly body = h('div', { class: 'help-body' });
  readonly element = h('dialog', { class: 'help' }, this.body);

  constructor(private readonly open: () => { id: string; title: string }) {
    this.button.addEventListener('click', () => this.show());
    // A click beside the dialog closes it.
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  show(): void {
    const { id, title } = this.open();
    const { text, keys } = HELPS[id] ?? { text: [], keys: [] };
    const list = h('dl', { class: 'keys' });
    for (const [key, what] of [...keys, ...EVERYWHERE]) list.append(h('dt', {}, h('kbd', {}, key)), h('dd', {}, what));
    const close = h('button', { type: 'button', on: { click: () => this.element.close() } }, 'Close');
    this.body.replaceChildren(
      h('h2', {}, `How to read: ${title}`),
      ...text.map((paragraph) => h('p', {}, paragraph)),
      h('h3', {}, 'Keys'),
      list,
      h('div', { class: 'help-foot' }, close),
    );
    this.element.setAttribute('aria-label', `How to read: ${title}`);
    this.element.showModal();
    close.focus();
  }
}
