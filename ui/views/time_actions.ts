// SPDX-License-Identifier: MIT
// What can be asked of a moment or a range of the run: the menu of the charts, and what a drag or a click does.

import type { CostId } from '../model/costs';
import { durationText, momentText } from '../model/format';
import type { State } from '../model/state';
import { showMenu, type MenuItem } from '../widgets/menu';
import type { App } from './view';

/** The state's range with its ends filled in; null: the whole run. */
export function rangeOf(app: App): { from: number; to: number } | null {
  const { from, to } = app.state;
  if (from === null && to === null) return null;
  return { from: from ?? 0, to: to ?? app.session.duration };
}

/** A range as questions about it can be asked: whole ms, and in a file from border to border. */
export function chooseRange(app: App, from: number, to: number): void {
  const { borders } = app.session;
  if (borders !== null) {
    const nearest = (time: number): number =>
      borders.reduce((best, b) => (Math.abs(b - time) < Math.abs(best - time) ? b : best), 0);
    from = nearest(from);
    to = nearest(to);
  }
  if (to <= from) return;
  const whole = from <= 0 && to >= app.session.duration;
  app.go(whole ? { from: null, to: null } : { from, to });
}

export function chooseMoment(app: App, time: number): void {
  app.go({ aliveAt: time > 0 ? time : null });
}

export function timeMenu(app: App, time: number, x: number, y: number): void {
  const range = rangeOf(app);
  const ask = (cost: CostId, change: Partial<State> = {}): void =>
    app.go({ view: 'bottom-up', cost, sort: null, ...change });
  const about = (label: string, cost: CostId): MenuItem => ({ label, run: () => ask(cost) });
  const items: (MenuItem | null)[] = [
    {
      label: 'Alive here',
      hint: momentText(time),
      disabled: time === 0,
      run: () => ask('alive_bytes', { aliveAt: time }),
    },
    {
      label: 'Mark this moment',
      run: () => app.go({ marks: [...new Set([...app.state.marks, time])].sort(ascending) }),
    },
    null,
  ];
  if (range === null)
    items.push(
      { label: 'From here to the end', run: () => chooseRange(app, time, app.session.duration) },
      { label: 'From the start to here', run: () => chooseRange(app, 0, time) },
    );
  else
    items.push(
      about('Allocated in the range', 'allocated_bytes'),
      about('Growth: allocated in it and alive at its end', 'leaked_bytes'),
      about('Allocated in it, freed after it', 'later_bytes'),
      about('Freed in the range', 'freed_bytes'),
      about('Peak within the range', 'peak_bytes'),
      about('Temporary in the range', 'temporary'),
      null,
      { label: 'The whole run', run: () => app.go({ from: null, to: null }) },
    );
  if (app.state.marks.length > 0) items.push({ label: 'Remove all marks', run: () => app.go({ marks: [] }) });
  if (app.state.aliveAt !== null) items.push({ label: 'Forget the moment', run: () => app.go({ aliveAt: null }) });
  showMenu('Questions about this moment', x, y, items);
}

export function rangeText(range: { from: number; to: number }): string {
  return `${momentText(range.from)} – ${momentText(range.to)} (${durationText(range.to - range.from)})`;
}

function ascending(a: number, b: number): number {
  return a - b;
}
