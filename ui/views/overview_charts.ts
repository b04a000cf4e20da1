// SPDX-License-Identifier: MIT
// The charts of the overview: what was alive, who held it, and how fast it was allocated.

import { DiffSession } from '../model/diff_session';
import type { Profile } from '../model/profile';
import type { State } from '../model/state';
import { askedBy } from '../model/state';
import { curvesOf } from '../model/timeline';
import { nameOfFunction } from '../model/key_names';
import { exactly } from '../model/stack_filter';
import { h, replace } from '../widgets/dom';
import { TimeChart, type ChartOptions, type ChartSeries } from '../widgets/time_chart';
import { HISTORY_POINTS, historyAsked } from './stack_view';
import { chooseMoment, chooseRange, namedMoments, rangeOf, rangeText, stopsOf, timeMenu } from './time_actions';
import { toggle, withWord } from './toolbar';
import type { App } from './view';

const POINTS = 800;
const RATE_POINTS = 160; // rates over shorter stretches are noise
const AREAS = 8;
const OTHERS = '--series-rest';

export class OverviewCharts {
  private readonly bar = h('div', { class: 'chart-bar' });
  private readonly memory: TimeChart;
  private readonly holders: TimeChart;
  private readonly rates: TimeChart;

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

  async show(state: State): Promise<void> {
    const { app } = this;
    const { session } = app;
    const range = rangeOf(app);
    const zoomed = state.own['zoomed'] === '1' && range !== null;
    const from = zoomed ? range.from : 0;
    const to = zoomed ? range.to : session.duration;
    this.drawBar(range, zoomed);
    const [timeline, coarse, profile] = await Promise.all([
      session.timeline(from, to, POINTS),
      session.timeline(from, to, RATE_POINTS),
      session.profile(askedBy(state), app.signal),
    ]);
    if (app.state !== state) return;
    const curves = curvesOf(timeline, to);
    const rates = curvesOf(coarse, to);
    const usual = this.usual(state, from, to, range, profile);
    this.memory.show({
      ...usual,
      label: 'Live heap and resident memory over time',
      height: 200,
      times: curves.times,
      series: [
        { label: 'Live heap', colour: '--series-1', values: curves.live, kind: 'area', unit: 'bytes' },
        { label: 'Resident (RSS)', colour: '--series-3', values: curves.rss, kind: 'line', unit: 'bytes' },
      ],
    });
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
    const history = await session.history(historyAsked(state), HISTORY_POINTS, app.signal);
    if (app.state !== state) return;
    await app.answer(); // and the tree
    if (app.state !== state) return;
    const tree = session.tree(state, 'function');
    const passes = session.passing(state);
    const byKey = [...history.of(tree, passes).byKey()].map(([key, values]) => ({
      key,
      values,
      most: Math.max(...values),
    }));
    byKey.sort((a, b) => b.most - a.most);
    const shown = byKey.slice(0, AREAS);
    const others = history.total(passes);
    for (const { values } of shown) values.forEach((bytes, p) => (others[p]! = Math.max(others[p]! - bytes, 0)));
    const series = shown.map(({ key, values }, i): ChartSeries => ({
      label: nameOfFunction(session.tables, key).name,
      title: session.tables.name(key),
      href: this.urlOf(session.tables.name(key)),
      colour: `--series-${i + 1}`,
      values: [...values],
      kind: 'stacked',
      unit: 'bytes',
    }));
    series.push({ label: 'all others', colour: OTHERS, values: [...others], kind: 'stacked', unit: 'bytes' });
    this.holders.show({
      ...usual,
      label: 'Bytes alive over time, by the functions that allocated them',
      height: 190,
      times: [...history.points],
      series,
    });
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
    profile: Profile,
  ): Omit<ChartOptions, 'label' | 'height' | 'times' | 'series'> {
    const { app } = this;
    return {
      axes: true,
      from,
      to,
      range,
      moment: state.aliveAt,
      peak: profile.number('peak_ms'),
      marks: state.marks,
      named: namedMoments(app),
      stops: stopsOf(app),
      rangeChosen: (begin, end) => chooseRange(app, begin, end),
      momentChosen: (time) => chooseMoment(app, time),
      menu: (time, x, y) => timeMenu(app, time, x, y),
    };
  }

  private drawBar(range: { from: number; to: number } | null, zoomed: boolean): void {
    const { app } = this;
    const zoom = (on: boolean): void => app.go({ own: withWord(app.state, 'zoomed', on ? '1' : '') });
    const { borders } = app.session;
    const compared = app.session instanceof DiffSession;
    const note =
      borders === null
        ? 'Drag to choose a range · click a moment for what is alive there · right-click for more questions · ' +
          'arrow keys do the same'
        : `A file: ranges go from one of ${borders.length} moments to another`;
    replace(
      this.bar,
      h('h2', {}, range === null ? (compared ? 'The run after' : 'The whole run') : rangeText(range)),
      range !== null && toggle('Zoom in', 'Show the range alone', zoomed, zoom),
      range !== null &&
        h('button', { type: 'button', on: { click: () => app.go({ from: null, to: null }) } }, 'The whole run'),
      h('span', { class: 'grow' }),
      h('span', { class: 'muted' }, note),
    );
  }
}
