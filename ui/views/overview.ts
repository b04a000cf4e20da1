// SPDX-License-Identifier: MIT
// Overview: what the run held and did, over time and in sum. A range dragged in any of its charts is what
// everything on the page is then about.

import { loading } from '../widgets/status';
import { h, replace } from '../widgets/dom';
import { OverviewCharts } from './overview_charts';
import { factsSection, fileSection, limitsSection } from './overview_facts';
import { generationsSection } from './overview_generations';
import { marksSection } from './overview_marks';
import { cards, topSites } from './overview_totals';
import type { App, View, ViewKind } from './view';
import type { Session } from '../model/session';
import type { State } from '../model/state';
import './overview.css';

class Overview implements View {
  private readonly figures = h('section', { class: 'cards', 'aria-label': 'Totals' });
  private readonly chartHost = h('section', { class: 'panel charts', 'aria-label': 'Over time' });
  private readonly named = h('section', { class: 'panel', 'aria-label': 'Moments that the program named' });
  private readonly generations = h('section', { class: 'panel', 'aria-label': 'Generations' });
  private readonly sites = h('section', { class: 'sites', 'aria-label': 'Where it was allocated' });
  private readonly facts = h('section', { class: 'sites', 'aria-label': 'About the run' });
  private readonly charts: OverviewCharts;
  private told: Session | null = null; // whose facts are shown

  constructor(
    host: HTMLElement,
    private readonly app: App,
  ) {
    this.charts = new OverviewCharts(this.chartHost, app);
    host.append(
      h('h1', { class: 'unheard' }, 'Overview'),
      h(
        'div',
        { class: 'overview' },
        this.figures,
        this.chartHost,
        this.named,
        this.generations,
        this.sites,
        this.facts,
      ),
    );
  }

  async show(state: State): Promise<void> {
    const { app } = this;
    const { session } = app;
    const asked = app.answer(); // first, so that it is worked on meanwhile
    const drawn = session.knows('time') ? this.charts.show(state, asked) : Promise.resolve();
    drawn.catch(() => undefined); // awaited below, unless the state has changed by then
    this.chartHost.hidden = !session.knows('time');
    if (this.figures.childElementCount === 0) replace(this.figures, loading('Asking…'));
    if (this.told !== session) replace(this.facts, factsSection(app), limitsSection(app), fileSection(app));
    this.told = session;
    replace(this.named, ...marksSection(app));
    this.named.hidden = this.named.childElementCount === 0;
    const answer = await asked;
    if (app.state !== state) return;
    replace(this.figures, ...cards(app, answer));
    replace(this.sites, ...topSites(app, answer));
    await drawn;
    this.generations.hidden = state.marks.length === 0;
    if (state.marks.length === 0) return;
    const generations = await generationsSection(app);
    if (app.state === state) replace(this.generations, ...generations);
  }

  dispose(): void {
    this.charts.dispose();
  }
}

export const overview: ViewKind = {
  id: 'overview',
  title: 'Overview',
  icon: 'M2 13V3M2 13h12M4.5 10.5l3-4 2.5 2 3.5-5',
  group: 'run',
  tree: 'function',
  ownTimeline: true,
  create: (host, app) => new Overview(host, app),
};
