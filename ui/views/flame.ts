// SPDX-License-Identifier: MIT
// The flame graph view: its controls, the graph, what is selected, and what can be done with it.
//
// Its own words in the URL: tree (bottom-up), grows (up), colour (own, change), widths (before, change), find,
// zoom (keys).

import './flame.css';
import type { Answer } from '../model/answer';
import { costOf, isCostId, labelOf, type CostId } from '../model/costs';
import { DiffSession, type Compared } from '../model/diff_session';
import { amountText, exactText, shareText } from '../model/format';
import { ALL, type Detail } from '../model/flame_detail';
import { depthOf, withEmptyLevels, type Layout } from '../model/flame_layout';
import { isRanged, type State } from '../model/state';
import { layoutOf, type Picture } from '../model/workshop';
import { h, icon, replace } from '../widgets/dom';
import { FlameGraph } from '../widgets/flamegraph';
import { changeSteps, coloursOf, shareSteps, type ColourBy } from '../widgets/flamegraph_colours';
import { showMenu, showMenuBelow, type MenuItem } from '../widgets/menu';
import { empty } from '../widgets/status';
import { FlameAsked, FlameContents, type FlameWords } from './flame_picture';
import { actionsFor } from './stack_actions';
import type { App, View, ViewKind } from './view';

const COLOURS: [ColourBy, string][] = [
  ['change', 'by change'],
  ['module', 'by module'],
  ['own', 'by size'],
];
const WIDTHS: [FlameWords['widths'], string][] = [
  ['change', 'widths: change'],
  ['after', 'widths: after'],
  ['before', 'widths: before'],
];
/** Boxes below this share of the width are left closed, bottom-up and in sketches: a screen cannot show so little. */
const SMALLEST_SHARE = 1 / 20_000;
const LEGEND_MOST = 7;
const SEARCH_AFTER = 120; // ms
const REST_AFTER = 250; // ms without need for all boxes: who drags on shall not have to wait for them

export const flameKind: ViewKind = {
  id: 'flame',
  title: 'Flame graph',
  icon: 'M2 13h12M3 9.5h8M4 6h5M5 2.5h2',
  group: 'stacks',
  create: (host, app) => new FlameView(host, app),
};

class FlameView implements View {
  private readonly controls = h('div', { class: 'flame-controls' });
  private readonly graphHost = h('div');
  private readonly nothing = h('div', { class: 'flame-nothing' });
  private readonly detail = h('div', { class: 'flame-detail' });
  private readonly legend = h('div', { class: 'flame-legend' });
  private readonly found = h('span', { class: 'flame-found', role: 'status' });
  private readonly searchField = h('input', {
    type: 'search',
    placeholder: 'Search functions',
    'aria-label': 'Search functions',
    title: 'A function or a regular expression ( / ); Enter for the next match',
  });
  private readonly back = button('M10 3L5 8l5 5', 'Zoom back (Backspace)', () => this.graph.zoomBack());
  private readonly forward = button('M6 3l5 5-5 5', 'Zoom forward (Shift Backspace)', () => this.graph.zoomForward());
  private readonly out = button('M3 6V3h3M13 6V3h-3M3 10v3h3M13 10v3h-3', 'Zoom out to all (Esc)', () =>
    this.graph.zoomOut(),
  );
  private readonly graph: FlameGraph;
  private contents: FlameContents | null = null;
  private drawn: unknown[] = [];
  private asked: FlameAsked | null = null;
  /** While a first picture is shown: when all boxes are there. */
  private rest: Promise<void> | null = null;
  private hurry = (): void => undefined;
  private searchTimer = 0;

  constructor(
    host: HTMLElement,
    private readonly app: App,
  ) {
    host.classList.add('flame-view');
    host.append(this.controls, this.legend, this.graphHost, this.nothing, this.detail);
    this.graph = new FlameGraph(this.graphHost, {
      selected: (box) => {
        this.hurry(); // keys go to boxes that a sketch may not have
        this.tellSelected(box);
      },
      zoomed: () => this.zoomed(),
      scrolled: () => this.hurry(), // to levels that a sketch has not
      searchWanted: () => this.searchField.focus(),
      menuWanted: (box, x, y) => showMenu('What to do with the box', x, y, this.menuOf(box)),
    });
    this.searchField.addEventListener('input', () => {
      clearTimeout(this.searchTimer);
      this.searchTimer = window.setTimeout(() => this.searchFor(this.searchField.value), SEARCH_AFTER);
    });
    this.searchField.addEventListener('change', () => this.searchFor(this.searchField.value));
    this.searchField.addEventListener('keydown', (event) => this.searchKey(event));
  }

  async show(state: State): Promise<void> {
    const answer = await this.app.answer();
    const words = wordsOf(state, this.app.session instanceof DiffSession);
    this.drawControls(state, answer, words);
    this.graph.setTheme(this.app.theme);
    const total = this.drawnTotal(state, answer);
    const isEmpty = total === 0n;
    this.graphHost.hidden = isEmpty;
    this.detail.hidden = isEmpty;
    replace(this.nothing, isEmpty && this.emptyText(state, answer));
    if (isEmpty) {
      this.forget();
      replace(this.legend);
      return;
    }
    await this.draw(state, answer, words, total);
    if (this.app.state !== state) return;
    if (this.searchField !== document.activeElement) this.searchField.value = state.own['find'] ?? '';
    this.find(state.own['find'] ?? '');
    this.tellSelected(this.graph.selected);
  }

  dispose(): void {
    clearTimeout(this.searchTimer);
    this.forget();
    this.graph.destroy();
  }

  private forget(): void {
    this.contents = null;
    this.drawn = [];
    this.asked = null;
    this.rest = null;
  }

  private async draw(state: State, answer: Answer, words: FlameWords, total: bigint): Promise<void> {
    const tree = this.app.session.tree(state);
    const zoom = zoomOf(state);
    const within = words.direction === 'bottom-up' ? zoom.join('.') : '';
    const drawn = [tree, answer, state.cost, words.direction, words.grows, words.colour, words.widths, within];
    if (drawn.some((thing, i) => thing !== this.drawn[i])) {
      const least = Number(total) * SMALLEST_SHARE;
      const leastWithin = least * (this.contents === null ? 1 : this.graph.shareOf(zoom));
      const visible: Detail = { least, within: zoom, leastWithin, levels: Infinity };
      const detail = words.direction === 'bottom-up' ? visible : ALL;
      const asked = new FlameAsked(tree, answer, this.comparedOf(answer), state, words, detail);
      const isSketched = this.isSketchedFirst(asked);
      const layout = isSketched
        ? this.sketched({ ...asked.picture, detail: visible })
        : await this.app.session.workshop.layout(asked.picture);
      if (this.app.state !== state) return; // which is drawn by now, or will be
      this.drawn = drawn;
      this.asked = asked;
      this.showBoxes(asked, layout);
      this.rest = isSketched ? this.drawRest(asked) : null;
    }
    if (this.rest !== null && isSearching(state)) {
      this.hurry();
      await this.rest; // totals of a search are of all boxes
    }
    if (this.app.state !== state) return;
    if (zoom.join('.') !== this.graph.zoomPath.join('.')) {
      if (zoom.length > 0) this.graph.zoomToPath(zoom);
      else this.graph.zoomOut();
    }
    this.drawLegend(words);
    this.zoomButtons();
  }

  /**
   * Whether the boxes that can be seen are shown before the others are laid out, which nobody waits for then. Not where
   * there is no picture yet: the page has enough to do while a view opens.
   */
  private isSketchedFirst({ picture, state }: FlameAsked): boolean {
    const { contents, graph } = this;
    const isZoomedByHand = !graph.isWhole && graph.zoomPath.length === 0; // to boxes too narrow for a sketch
    if (contents === null || isZoomedByHand || isSearching(state)) return false;
    return this.app.session.workshop.isSlow(picture);
  }

  /** The boxes that can be seen where one has scrolled to, in a graph that stays as high as it was. */
  private sketched(picture: Picture): Layout {
    const levels = this.graph.levelsInSight;
    const layout = layoutOf({ ...picture, detail: { ...picture.detail, levels } });
    const isCut = depthOf(layout) === levels;
    return isCut ? withEmptyLevels(layout, depthOf(this.contents!.layout)) : layout;
  }

  private async drawRest(asked: FlameAsked): Promise<void> {
    await new Promise<void>((done) => {
      this.hurry = done;
      setTimeout(done, REST_AFTER);
    });
    if (this.asked !== asked) return;
    const layout = await this.app.session.workshop.layout(asked.picture);
    if (this.asked !== asked) return;
    this.rest = null;
    this.showBoxes(asked, layout);
    this.drawLegend(asked.words);
    this.tellSelected(this.graph.selected);
  }

  private showBoxes(asked: FlameAsked, layout: Layout): void {
    this.contents = new FlameContents(asked, layout);
    this.graph.show(this.contents, this.labelFor(asked.state, asked.words));
  }

  /** The greater of both sides, where there are two. */
  private drawnTotal(state: State, answer: Answer): bigint {
    const pair = this.comparedOf(answer);
    if (pair === null) return answer.total(state.cost);
    const [after, before] = [pair.after.total(state.cost), pair.before.total(state.cost)];
    return after > before ? after : before;
  }

  private comparedOf(answer: Answer): Compared | null {
    const { session } = this.app;
    return session instanceof DiffSession ? session.compared(answer) : null;
  }

  private labelFor(state: State, words: FlameWords): string {
    const shape = words.grows === 'up' ? 'Flame graph' : 'Icicle graph';
    const cost = labelOf(state.cost, isRanged(state));
    const keys = 'Arrow keys move, Enter zooms, slash searches, Escape zooms out.';
    const asText = 'The views bottom-up and top-down have the same figures as tables.';
    return `${shape} of ${cost}, ${words.direction}. ${keys} ${asText}`;
  }

  private drawControls(state: State, answer: Answer, words: FlameWords): void {
    const ranged = isRanged(state);
    const pair = this.comparedOf(answer);
    const sides = pair === null ? [answer] : [pair.after, pair.before];
    const isUsed = (id: CostId): boolean => id === state.cost || sides.some((side) => side.all(id) !== 0n);
    const costs = answer.profile.known().filter(isUsed);
    const cost = select(
      'Cost',
      costs.map((id) => [id, labelOf(id, ranged)]),
      state.cost,
      (id) => {
        if (isCostId(id)) this.app.go({ cost: id });
      },
    );
    const direction = toggle(
      'Direction',
      [
        ['top-down', 'Top-down', 'From main to what it calls'],
        ['bottom-up', 'Bottom-up', 'From where it is allocated to its callers'],
      ],
      words.direction,
      (to) => this.words({ tree: to === 'top-down' ? '' : to, zoom: '' }),
    );
    const grows = toggle(
      'Shape',
      [
        ['down', 'Icicle', 'The root on top'],
        ['up', 'Flame', 'The root at the bottom'],
      ],
      words.grows,
      (to) => this.word('grows', to === 'down' ? '' : to),
    );
    const colour = select(
      'Colour',
      COLOURS.filter(([id]) => id !== 'change' || pair !== null),
      words.colour,
      (to) => this.word('colour', to),
    );
    const widths =
      pair !== null && select('Widths', WIDTHS, words.widths, (to) => this.word('widths', to === 'change' ? '' : to));
    const by = select(
      'Boxes',
      [
        ['function', 'functions'],
        ['line', 'lines'],
        ['file', 'files'],
        ['module', 'modules'],
      ],
      state.by,
      (to) => this.app.go({ by: to as State['by'], own: { ...state.own, zoom: '' } }),
    );
    const plumbing = check(
      'Library frames',
      'Frames of the allocator, the language and what comes before main',
      state.plumbing === 'shown',
      (on) => this.app.go({ plumbing: on ? 'shown' : 'hidden' }),
    );
    const recursion = check(
      'Collapse recursion',
      'Each function at most once on a path',
      state.recursion === 'collapsed',
      (on) => this.app.go({ recursion: on ? 'collapsed' : 'shown' }),
    );
    const zoom = h(
      'span',
      { class: 'flame-zoom', role: 'group', 'aria-label': 'Zoom' },
      this.back,
      this.forward,
      this.out,
    );
    const search = h('span', { class: 'flame-search' }, this.searchField, this.found);
    const focused = document.activeElement;
    const name = this.controls.contains(focused) ? focused?.getAttribute('data-name') : null;
    replace(
      this.controls,
      h('h1', {}, 'Flame graph'),
      cost,
      direction,
      grows,
      by,
      colour,
      widths,
      plumbing,
      recursion,
      h('span', { class: 'grow' }),
      search,
      zoom,
    );
    if (name !== null && name !== undefined) this.controls.querySelector<HTMLElement>(`[data-name="${name}"]`)?.focus();
    else if (focused === this.searchField) this.searchField.focus();
  }

  private drawLegend(words: FlameWords): void {
    const { fills } = coloursOf(this.app.theme);
    const swatch = (colour: number): HTMLElement => {
      const element = h('span', { class: 'flame-swatch' });
      element.style.background = fills[colour]!;
      return element;
    };
    if (words.colour === 'own') {
      const what = words.direction === 'top-down' ? 'allocates itself' : 'amount';
      replace(this.legend, 'little ', ...shareSteps().map(swatch), ` much: ${what}`);
    } else if (words.colour === 'change') {
      replace(this.legend, 'shrunk ', ...changeSteps().map(swatch), ' grown');
    } else {
      const entries = this.contents!.legend(LEGEND_MOST);
      replace(
        this.legend,
        ...entries.map(({ name, colour }) => h('span', { class: 'flame-module' }, swatch(colour), name)),
      );
    }
  }

  private emptyText(state: State, answer: Answer): HTMLElement {
    const label = labelOf(state.cost, isRanged(state));
    if (!answer.knows(state.cost)) return empty(`${label}: not known`, 'This recording does not tell it.');
    const isFiltered = answer.all(state.cost) !== 0n;
    return empty(`${label}: nothing`, isFiltered ? 'The filters leave nothing of it.' : 'There is nothing of it here.');
  }

  private find(text: string): void {
    const found = this.graph.search(text);
    this.searchField.classList.toggle('is-missing', found !== null && found.boxes === 0);
    if (found === null) {
      replace(this.found);
      return;
    }
    const { layout } = this.contents!;
    const { unit } = costOf(this.app.state.cost);
    const share = shareText(found.total, layout.total[0]![0]!);
    const text_ = found.boxes === 0 ? 'no match' : `${amountText(found.total, unit)} ${share}`;
    replace(this.found, text_);
    this.found.title = `${found.boxes} boxes, ${exactText(BigInt(Math.round(found.total)), unit)} together`;
  }

  private searchFor(text: string): void {
    clearTimeout(this.searchTimer);
    this.word('find', text, 'replace');
  }

  private searchKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      event.preventDefault();
      this.searchFor(this.searchField.value);
      this.graph.search(this.searchField.value);
      this.graph.selectMatch(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.searchField.value = '';
      this.searchFor('');
      this.graph.focus();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.graph.focus();
    }
  }

  private zoomed(): void {
    this.hurry();
    this.zoomButtons();
    this.word('zoom', this.graph.zoomPath.join('.'), 'replace');
  }

  private zoomButtons(): void {
    this.back.disabled = !this.graph.canGoBack;
    this.forward.disabled = !this.graph.canGoForward;
    this.out.disabled = this.graph.isWhole;
  }

  private tellSelected(box: number | null): void {
    if (this.contents === null) return;
    if (box === null) {
      const hint =
        'Click a box to zoom in, right-click for more; Ctrl and the wheel zoom, arrows, Enter, Esc and / work too.';
      replace(this.detail, h('span', { class: 'muted' }, hint));
      return;
    }
    const { title, place, figures } = this.contents.describe(box);
    const list = h('span', { class: 'flame-figures' });
    for (const [word, figure] of figures) list.append(h('span', {}, h('span', { class: 'muted' }, `${word} `), figure));
    const more = h('button', { type: 'button', 'aria-haspopup': 'menu' }, 'What to do with it', icon('M4 6l4 4 4-4'));
    more.addEventListener('click', () => showMenuBelow(title, more, this.menuOf(box)));
    const actions = h('span', { class: 'flame-actions' }, more);
    const heading = h(
      'div',
      { class: 'flame-selected' },
      h('strong', { title }, title),
      h('span', { class: 'muted' }, place),
    );
    replace(this.detail, heading, list, actions);
  }

  private menuOf(box: number): (MenuItem | null)[] {
    const items: (MenuItem | null)[] = [{ label: 'Zoom to it', hint: 'Enter', run: () => this.graph.zoomTo(box) }];
    const { contents } = this;
    if (contents === null || box === 0) return items;
    return items.concat(null, actionsFor(this.app, contents.tree.by, contents.layout.key[box]!));
  }

  private word(name: string, value: string, how: 'push' | 'replace' = 'push'): void {
    this.words({ [name]: value }, how);
  }

  /** Changes words of its own in the URL; an empty one is taken out. */
  private words(change: Record<string, string>, how: 'push' | 'replace' = 'push'): void {
    const own = Object.fromEntries(
      Object.entries({ ...this.app.state.own, ...change }).filter(([, value]) => value !== ''),
    );
    this.app.go({ own }, how);
  }
}

function wordsOf(state: State, isComparison: boolean): FlameWords {
  const { own } = state;
  const usual: ColourBy = isComparison ? 'change' : 'module';
  const asked = COLOURS.find(([id]) => id === own['colour'])?.[0];
  const colour = asked === undefined || (asked === 'change' && !isComparison) ? usual : asked;
  return {
    direction: own['tree'] === 'bottom-up' ? 'bottom-up' : 'top-down',
    grows: own['grows'] === 'up' ? 'up' : 'down',
    colour,
    widths: WIDTHS.find(([id]) => id === own['widths'])?.[0] ?? 'change',
  };
}

function isSearching(state: State): boolean {
  return (state.own['find'] ?? '') !== '';
}

function zoomOf(state: State): number[] {
  const text = state.own['zoom'] ?? '';
  return /^\d+(\.\d+)*$/.test(text) ? text.split('.').map(Number) : [];
}

function button(path: string, title: string, run: () => void): HTMLButtonElement {
  return h('button', { type: 'button', class: 'quiet', title, 'aria-label': title, on: { click: run } }, icon(path));
}

function select(label: string, options: [string, string][], now: string, change: (to: string) => void): HTMLElement {
  const element = h('select', { 'aria-label': label, title: label, 'data-name': label });
  for (const [value, text] of options) element.append(h('option', { value, selected: value === now }, text));
  element.addEventListener('change', () => change(element.value));
  return element;
}

function toggle(
  label: string,
  options: [string, string, string][],
  now: string,
  change: (to: string) => void,
): HTMLElement {
  const group = h('span', { class: 'segments', role: 'group', 'aria-label': label });
  for (const [value, text, title] of options) {
    const pressed = String(value === now);
    const on = { click: () => change(value) };
    group.append(h('button', { type: 'button', 'aria-pressed': pressed, title, 'data-name': value, on }, text));
  }
  return group;
}

function check(label: string, title: string, now: boolean, change: (on: boolean) => void): HTMLElement {
  const box = h('input', { type: 'checkbox', checked: now, 'data-name': label });
  box.addEventListener('change', () => change(box.checked));
  return h('label', { class: 'flame-check', title }, box, label);
}
