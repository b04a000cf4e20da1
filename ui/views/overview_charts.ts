// SPDX-License-Identifier: MIT
// The charts of the overview: what was alive, who held it, and how fast it was allocated.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import { atCommonTimes } from '../model/common_times';
import { DiffSession } from '../model/diff_session';
import type { History, TreeHistory } from '../model/history';
import type { State } from '../model/state';
import { curvesOf, peaksOf, type Curves } from '../model/timeline';
import { nameOfFunction } from '../model/key_names';
import { exactly } from '../model/stack_filter';
import { h, replace } from '../widgets/dom';
import { TimeChart, type ChartOptions, type ChartSeries } from '../widgets/time_chart';
import { HISTORY_POINTS, historyAsked } from './stack_view';
import {
  chooseMoment,
  chooseRange,
  expectRange,
  namedMoments,
  rangeOf,
  rangeText,
  stopsOf,
  timeMenu,
} from './time_actions';
import { toggle, withWord } from './toolbar';
import type { App } from './view';

const POINTS = 800;
const RATE_POINTS = 160; // rates over shorter stretches are noise
const AREAS = 8;
const OTHERS = '--series-rest';

/** What all charts are shown with. */
type Usual = Omit<ChartOptions, 'label' | 'height' | 'times' | 'series'>;

/**
 * The levels of memory, and what they are made of; `highest` is null where the live heap shows its peaks itself, and
 * `liveBefore` where nothing is compared.
 */
interface Levels {
  curves: Curves;
  before: Curves | null;
  times: readonly number[];
  live: readonly (number | null)[];
  highest: readonly (number | null)[] | null;
  rss: readonly (number | null)[];
  liveBefore: readonly (number | null)[] | null;
}

interface Holders {
  times: readonly number[];
  series: ChartSeries[];
}

export class OverviewCharts {
  private readonly bar = h('div', { class: 'chart-bar' });
  private readonly memory: TimeChart;
  private readonly holders: TimeChart;
  private readonly rates: TimeChart;
  private levels: Levels | null = null;
  private held: { history: TreeHistory; holders: Holders } | null = null;

  constructor(
    host: HTMLElement,
    private readonly app: App,
  ) {
    host.append(this.bar);
    this.memory = new TimeChart(host);
    host.append(h('h3', {}, 'Who held it'));
    this.holders = new TimeChart(host);
    host.append(h('h3', {}, 'Allocation rate and blocks alive'));
    this.rates = new TimeChart(host);
  }

  /** Shows the chosen range at once; what is known of it alone, when the answer is there. */
  async show(state: State, answer: Promise<Answer>): Promise<void> {
    const { app } = this;
    const { session } = app;
    const range = rangeOf(app);
    const zoomed = state.own['zoomed'] === '1' && range !== null;
    const from = zoomed ? range.from : 0;
    const to = zoomed ? range.to : session.end;
    this.drawBar(range, zoomed);
    const whole = session.history(historyAsked(state), HISTORY_POINTS, app.signal);
    whole.catch(() => undefined); // awaited below, unless the state has changed by then
    const [timeline, coarse, earlier] = await Promise.all([
      session.timeline(from, to, POINTS),
      session.timeline(from, to, RATE_POINTS),
      session instanceof DiffSession ? this.before(session, from, to) : null,
    ]);
    if (app.state !== state) return;
    const usual = this.usual(state, from, to, range);
    const levels = this.levelsOf(curvesOf(timeline, to), earlier);
    this.drawLevels(usual, levels);
    this.drawRates(usual, curvesOf(coarse, to));
    const { profile } = await answer; // and the tree
    const history = await whole;
    if (app.state !== state) return;
    const held = this.holdersOf(history, session.tree(state, 'function'), session.passing(state));
    const told = { ...usual, peak: profile.number('peak_ms') };
    this.drawLevels(told, levels);
    this.drawRates(told, curvesOf(coarse, to));
    this.holders.show({
      ...told,
      label: 'Bytes alive over time, by the functions that allocated them',
      height: 190,
      times: held.times,
      series: held.series.map((series) => ({
        ...series,
        href: series.title === undefined ? undefined : this.urlOf(series.title),
      })),
    });
  }

  /** The curves of the recording before, as far as it ran. */
  private async before({ before }: DiffSession, from: number, to: number): Promise<Curves | null> {
    const end = Math.min(to, before.end);
    return from < end ? curvesOf(await before.timeline(from, end, POINTS), end) : null;
  }

  /** What the first chart shows; the same values until other curves are to be shown. */
  private levelsOf(curves: Curves, before: Curves | null): Levels {
    if (this.levels?.curves === curves && this.levels.before === before) return this.levels;
    const { times, live, rss } = curves;
    const highest = peaksOf(curves);
    if (before === null) return (this.levels = { curves, before, times, live, highest, rss, liveBefore: null });
    const aligned = atCommonTimes([
      { times, values: live },
      { times, values: rss },
      { times: before.times, values: before.live },
      { times, values: highest ?? [] },
    ]);
    const [liveThen, rssThen, liveBefore, highestThen] = aligned.values;
    this.levels = {
      curves,
      before,
      times: aligned.times,
      live: liveThen!,
      highest: highest === null ? null : highestThen!,
      rss: rssThen!,
      liveBefore: liveBefore!,
    };
    return this.levels;
  }

  private drawLevels(usual: Usual, { times, live, highest, rss, liveBefore }: Levels): void {
    const series: ChartSeries[] = [
      { label: 'Live heap', colour: '--series-1', values: live, kind: 'area', unit: 'bytes' },
      { label: 'Resident (RSS)', colour: '--series-3', values: rss, kind: 'line', unit: 'bytes' },
    ];
    if (liveBefore !== null)
      series.push({
        label: 'Live heap before',
        colour: '--text',
        values: liveBefore,
        kind: 'line',
        unit: 'bytes',
        dashed: true,
      });
    if (highest !== null)
      series.push({ label: 'Live heap at most', colour: '--series-4', values: highest, kind: 'line', unit: 'bytes' });
    this.memory.show({ ...usual, label: 'Live heap and resident memory over time', height: 200, times, series });
  }

  private drawRates(usual: Usual, rates: Curves): void {
    this.rates.show({
      ...usual,
      label: 'Allocations a second, and blocks alive, over time',
      height: 130,
      times: rates.times,
      series: [
        {
          label: 'Allocated',
          colour: '--series-2',
          values: rates.bytesPerSecond,
          kind: 'area',
          unit: 'bytes',
          per: '/s',
        },
        {
          label: 'Blocks alive',
          colour: '--series-4',
          values: rates.blocks,
          kind: 'line',
          unit: 'count',
          right: true,
        },
      ],
    });
  }

  /** The functions that held the most, over the whole run; the same ones until something else is asked. */
  private holdersOf(history: History, tree: CallTree, passes: Uint8Array | null): Holders {
    const held = history.of(tree, passes);
    if (this.held?.history !== held) this.held = { history: held, holders: holdersOf(history, held, tree, passes) };
    return this.held.holders;
  }

  dispose(): void {
    this.memory.dispose();
    this.holders.dispose();
    this.rates.dispose();
  }

  private urlOf(name: string): string {
    const filters = this.app.state.filters.concat({ subject: 'function', negated: false, pattern: exactly(name) });
    return this.app.url({ view: 'bottom-up', filters });
  }

  private usual(
    state: State,
    from: number,
    to: number,
    range: { from: number; to: number } | null,
  ): Usual {
    const { app } = this;
    return {
      theme: app.theme,
      axes: true,
      from,
      to,
      range,
      moment: state.aliveAt,
      peak: null,
      marks: state.marks,
      named: namedMoments(app),
      stops: stopsOf(app),
      rangeChosen: (begin, end) => chooseRange(app, begin, end),
      rangeLikely: (begin, end) => expectRange(app, begin, end),
      momentChosen: (time) => chooseMoment(app, time),
      menu: (time, x, y) => timeMenu(app, time, x, y),
    };
  }

  private drawBar(range: { from: number; to: number } | null, zoomed: boolean): void {
    const { app } = this;
    const zoom = (on: boolean): void => app.go({ own: withWord(app.state, 'zoomed', on ? '1' : '') });
    const { borders } = app.session;
    const both = 'The run after, and before over the same time (dashed)';
    const whole = app.session instanceof DiffSession ? both : 'The whole run';
    const note =
      borders === null
        ? 'Drag to choose a range · click a moment for what is alive there · right-click for more questions · ' +
          'arrow keys do the same'
        : `A file: ranges go from one of ${borders.length} moments to another`;
    replace(
      this.bar,
      h('h2', {}, range === null ? whole : rangeText(range)),
      range !== null && toggle('Zoom in', 'Show the range alone', zoomed, zoom),
      range !== null &&
        h('button', { type: 'button', on: { click: () => app.go({ from: null, to: null }) } }, 'The whole run'),
      h('span', { class: 'grow' }),
      h('span', { class: 'muted' }, note),
    );
  }
}

function holdersOf(history: History, held: TreeHistory, tree: CallTree, passes: Uint8Array | null): Holders {
  const byKey = [...held.byKey()].map(([key, values]) => ({ key, values, most: Math.max(...values) }));
  byKey.sort((a, b) => b.most - a.most);
  const shown = byKey.slice(0, AREAS);
  const others = history.total(passes);
  for (const { values } of shown) values.forEach((bytes, p) => (others[p]! = Math.max(others[p]! - bytes, 0)));
  const series = shown.map(({ key, values }, i): ChartSeries => ({
    label: nameOfFunction(tree.tables, key).name,
    title: tree.tables.name(key),
    colour: `--series-${i + 1}`,
    values: [...values],
    kind: 'stacked',
    unit: 'bytes',
  }));
  series.push({ label: 'all others', colour: OTHERS, values: [...others], kind: 'stacked', unit: 'bytes' });
  return { times: [...history.points], series };
}
