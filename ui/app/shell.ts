// SPDX-License-Identifier: MIT
// The app: the list of views, the view that is open, and the state, which lives in the URL.

import { NotAnswerable, type DataSource } from '../api/data_source';
import type { Recordings } from '../api/types';
import type { Answer } from '../model/answer';
import { COMPARISON, DiffSession } from '../model/diff_session';
import { Session } from '../model/session';
import { askedBy, stateFromUrl, stateToUrl, type State } from '../model/state';
import { baseName } from '../model/tables';
import type { Workshop } from '../model/workshop';
import type { App, View, ViewKind } from '../views/view';
import { VIEWS } from '../views/views';
import { h, icon } from '../widgets/dom';
import { plainProse } from '../widgets/prose';
import { empty, failed, loading } from '../widgets/status';
import { Chips } from './chips';
import { HelpDialog } from './help';
import { RecordingChoice } from './recording_choice';
import { Strip } from './strip';
import { applyTheme, currentTheme, onSystemTheme, switchTheme, type Theme } from './theme';

const GROUPS: Record<ViewKind['group'], string> = { run: 'Run', stacks: 'Call stacks', blocks: 'Blocks' };
const SPINNER_AFTER = 150; // ms
const SHOWN = 'heapwise-shown'; // in the browser's own record of times, when all of a view is drawn

export class Shell implements App {
  state: State;
  session!: Session;
  private isOpen = false;
  theme: Theme = currentTheme();
  private question = new AbortController();
  private asked = '';
  private open: { kind: ViewKind; view: View; host: HTMLElement } | null = null;
  private readonly sessions = new Map<number, Promise<Session>>();
  private readonly main = h('main', { class: 'view', id: 'view', tabindex: '-1', 'aria-busy': 'false' });
  private readonly links = new Map<string, HTMLAnchorElement>();
  private readonly title = h('div', { class: 'recording' });
  private readonly choice = new RecordingChoice(this);
  private readonly strip = new Strip(this);
  private readonly chips = new Chips(this);
  private readonly help = new HelpDialog(() => this.kind);
  private shown = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly source: DataSource,
    readonly recordings: Recordings,
    private readonly workshop: Workshop,
  ) {
    this.state = stateFromUrl(location.hash);
    if (this.isComparison && location.hash === '') this.state.recording = COMPARISON;
  }

  async start(): Promise<void> {
    window.addEventListener('hashchange', () => void this.urlChanged());
    window.addEventListener('keydown', (event) => this.key(event));
    onSystemTheme(() => this.themeChanged());
    let asked: number;
    do {
      asked = this.state.recording; // which the address may change meanwhile
      this.session = await this.openSession(asked);
    } while (asked !== this.state.recording);
    this.isOpen = true;
    this.layOut();
    await this.show();
  }

  get isComparison(): boolean {
    return this.recordings.recordings.length === 2;
  }

  get signal(): AbortSignal {
    return this.question.signal;
  }

  go(change: Partial<State>, how: 'push' | 'replace' = 'push'): void {
    const url = this.url(change);
    if (url === stateToUrl(this.state)) return;
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    void this.urlChanged();
  }

  expect(change: Partial<State>): void {
    this.session.expect(askedBy({ ...this.state, ...change }));
  }

  url(change: Partial<State>): string {
    return stateToUrl({ ...this.state, ...change });
  }

  async answer(): Promise<Answer> {
    const { session, state } = this;
    const tree = this.open?.kind.tree;
    const made = tree === null ? null : session.prepare(state, tree);
    const [answer] = await Promise.all([session.answer(state, this.signal), made]);
    return answer;
  }

  private async urlChanged(): Promise<void> {
    const before = this.state;
    this.state = stateFromUrl(location.hash);
    if (!this.isOpen) return;
    if (this.state.recording !== before.recording) this.session = await this.openSession(this.state.recording);
    await this.show();
  }

  private openSession(wanted: number): Promise<Session> {
    const known = this.recordings.recordings.some((recording) => recording.id === wanted);
    const id = known || (wanted === COMPARISON && this.isComparison) ? wanted : 0;
    let session = this.sessions.get(id);
    if (session === undefined) {
      session = id === COMPARISON ? this.openComparison() : Session.open(this.source, id, this.workshop);
      this.sessions.set(id, session);
    }
    return session;
  }

  private async openComparison(): Promise<Session> {
    const [after, before] = await Promise.all([this.openSession(0), this.openSession(1)]);
    return DiffSession.compare(after, before);
  }

  private layOut(): void {
    const nav = h('nav', { 'aria-label': 'Views' });
    for (const [group, title] of Object.entries(GROUPS)) {
      nav.append(h('h2', {}, title));
      for (const kind of VIEWS.filter((k) => k.group === group)) {
        const link = h('a', {}, icon(kind.icon), h('span', {}, kind.title));
        this.links.set(kind.id, link);
        nav.append(link);
      }
    }
    const themeButton = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        title: 'Dark or light',
        'aria-label': 'Dark or light',
        on: {
          click: () => {
            switchTheme();
            this.themeChanged();
          },
        },
      },
      icon('M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12'),
    );
    const header = h(
      'header',
      {},
      h('a', { class: 'brand', href: this.url({ view: 'overview' }) }, 'heapwise'),
      this.title,
      this.isComparison && this.choice.element,
      h('div', { class: 'grow' }),
      this.recordings.limits.length > 0 && this.fileNote(),
      this.help.button,
      themeButton,
    );
    const page = h('div', { class: 'page' }, this.strip.element, this.chips.element, this.main);
    const skip = h('a', { class: 'skip', href: '#view' }, 'Skip to the view');
    skip.addEventListener('click', (event) => {
      event.preventDefault();
      this.main.focus();
    });
    this.host.replaceChildren(skip, header, h('div', { class: 'body' }, nav, page), this.help.element);
  }

  /** Says of a file that it is one; its tooltip and the overview tell what it can answer. */
  private fileNote(): HTMLElement {
    const { limits } = this.recordings;
    const click = (): void => {
      this.go({ view: 'overview' });
      requestAnimationFrame(() => document.getElementById('file-limits')?.scrollIntoView());
    };
    return h(
      'button',
      { type: 'button', class: 'file-note', title: plainProse(limits.join('\n')), on: { click } },
      'What this file can answer',
    );
  }

  private get kind(): ViewKind {
    return VIEWS.find((k) => k.id === this.state.view) ?? VIEWS[0]!;
  }

  private async show(): Promise<void> {
    const { kind } = this;
    const asked = JSON.stringify([this.session.id, askedBy(this.state)]);
    if (asked !== this.asked) {
      this.question.abort();
      this.question = new AbortController();
      this.asked = asked;
    }
    if (this.open?.kind !== kind) {
      this.open?.view.dispose();
      const host = h('div', { class: `view-${kind.id}` });
      this.main.replaceChildren(host);
      this.open = { kind, host, view: kind.create(host, this) };
    }
    const drawn = this.draw(); // asks first, so that the rest is done while the answer is made
    this.markLinks(kind);
    this.choice.show();
    this.chips.show();
    void this.strip.show(kind.ownTimeline !== true).catch(() => undefined); // the view says what is wrong
    await drawn;
  }

  private async draw(): Promise<void> {
    const { view, host } = this.open!;
    const turn = ++this.shown;
    this.main.setAttribute('aria-busy', 'true');
    const asking = loading('Asking…');
    const late = setTimeout(() => {
      if (turn !== this.shown) return;
      host.classList.add('waiting');
      if (host.textContent === '') host.prepend(asking); // empty parts of a view say nothing
    }, SPINNER_AFTER);
    try {
      await view.show(this.state);
      if (turn !== this.shown) return;
      host.classList.remove('waiting');
      performance.mark(SHOWN);
    } catch (error) {
      if (turn !== this.shown || (error instanceof DOMException && error.name === 'AbortError')) return;
      host.classList.remove('waiting');
      view.dispose();
      this.open = null;
      // What a file cannot answer is no failure, and trying again is no use.
      const said =
        error instanceof NotAnswerable
          ? empty('A file cannot answer this', error.message)
          : failed(error, () => void this.show());
      this.main.replaceChildren(said);
    } finally {
      if (turn === this.shown) this.main.setAttribute('aria-busy', 'false');
      clearTimeout(late);
      asking.remove();
    }
  }

  private markLinks(kind: ViewKind): void {
    const { process, recording } = this.session.facts;
    const command = baseName(process.command[0] ?? recording.path);
    for (const [id, link] of this.links) {
      link.href = this.url({ view: id, sort: null });
      if (id === kind.id) {
        if (link.hasAttribute('aria-current')) continue;
        link.setAttribute('aria-current', 'page');
        link.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // in a narrow window they stand in a row
      } else link.removeAttribute('aria-current');
    }
    this.title.textContent = `${command} · ${process.pid}`;
    this.title.title = `${process.command.join(' ')}\n${recording.path}`;
    document.title = `${kind.title} · ${command} · heapwise`;
  }

  /** "/" goes to the filter and "?" opens the help, from anywhere that takes no text. */
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== '/' && event.key !== '?')) return;
    const inside = (what: string): boolean => event.target instanceof Element && event.target.closest(what) !== null;
    if (inside('input, select, textarea, dialog') || (event.key === '/' && inside('.flame'))) return;
    event.preventDefault();
    if (event.key === '/') this.chips.focus();
    else this.help.show();
  }

  private themeChanged(): void {
    this.theme = applyTheme();
    void this.show();
  }
}
