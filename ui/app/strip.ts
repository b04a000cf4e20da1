// SPDX-License-Identifier: MIT
// The small time line above every view that does not show one itself: the range is chosen there, too.

import { curvesOf } from '../model/timeline';
import {
  chooseMoment,
  chooseRange,
  expectRange,
  namedMoments,
  rangeOf,
  stopsOf,
  timeMenu,
} from '../views/time_actions';
import type { App } from '../views/view';
import { h } from '../widgets/dom';
import { TimeChart } from '../widgets/time_chart';

const POINTS = 400;

export class Strip {
  readonly element = h('div', { class: 'strip' });
  private chart: TimeChart | null = null;

  constructor(private readonly app: App) {}

  async show(wanted: boolean): Promise<void> {
    const { app } = this;
    this.element.hidden = !wanted || !app.session.knows('time');
    if (this.element.hidden) return;
    const { session, state } = app;
    const curves = curvesOf(await session.timeline(0, session.end, POINTS), session.end);
    if (app.state !== state) return;
    this.chart ??= new TimeChart(this.element);
    this.chart.show({
      label: 'Live heap over the run',
      theme: app.theme,
      height: 48,
      axes: false,
      times: curves.times,
      series: [{ label: 'Live heap', colour: '--series-1', values: curves.live, kind: 'area', unit: 'bytes' }],
      from: 0,
      to: session.end,
      range: rangeOf(app),
      moment: state.aliveAt,
      peak: null,
      marks: state.marks,
      named: namedMoments(app),
      stops: stopsOf(app),
      rangeChosen: (from, to) => chooseRange(app, from, to),
      rangeLikely: (from, to) => expectRange(app, from, to),
      momentChosen: (time) => chooseMoment(app, time),
      menu: (time, x, y) => timeMenu(app, time, x, y),
    });
  }
}
