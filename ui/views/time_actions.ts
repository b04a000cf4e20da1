// SPDX-License-Identifier: MIT
// What can be asked of a moment or a range of the run: the menu of the charts, and what a drag or a click does.

import type { CostId } from '../model/costs';
import { durationText, momentText } from '../model/format';
import { marksOf, stretchAt, stretchesOf } from '../model/program_marks';
import type { State } from '../model/state';
import { showMenu, type MenuItem } from '../widgets/menu';
import type { NamedMoment } from '../widgets/time_marks';
import type { App } from './view';

/** The state's range with its ends filled in; null: the whole run. */
export function rangeOf(app: App): { from: number; to: number } | null {
  const { from, to } = app.state;
  if (from === null && to === null) return null;
  return { from: from ?? 0, to: to ?? app.session.end };
}

/** A range as questions about it can be asked: whole ms, and in a file from border to border. Null: it is empty. */
export function rangeToAsk(app: App, from: number, to: number): Pick<State, 'from' | 'to'> | null {
  const [begin, end] = [askable(app, from), askable(app, to)];
  if (end <= begin) return null;
  const whole = begin <= 0 && end >= app.session.end;
  return whole ? { from: null, to: null } : { from: begin, to: end };
}

/** A moment as it can be asked about; null: it is the start of the run, when nothing was alive. */
export function momentToAsk(app: App, time: number): number | null {
  const moment = askable(app, time);
  return moment > 0 ? moment : null;
}

function askable(app: App, time: number): number {
  const { borders } = app.session;
  if (borders === null) return time;
  return borders.reduce((best, b) => (Math.abs(b - time) < Math.abs(best - time) ? b : best), 0);
}

/** What the program named, for the charts. */
export function namedMoments(app: App): NamedMoment[] {
  return marksOf(app.session.facts).map(({ name, time_ms }) => ({ name, time: time_ms }));
}

/** The moments that questions can be about; null: all. */
export function stopsOf(app: App): number[] | null {
  const { borders } = app.session;
  return borders === null ? null : [...borders];
}

export function chooseRange(app: App, from: number, to: number): void {
  const range = rangeToAsk(app, from, to);
  if (range !== null) app.go(range);
}

/** What a drag that rests there may well choose is asked ahead. */
export function expectRange(app: App, from: number, to: number): void {
  const range = rangeToAsk(app, from, to);
  if (range !== null) app.expect(range);
}

export function chooseMoment(app: App, time: number): void {
  app.go({ aliveAt: momentToAsk(app, time) });
}

export function timeMenu(app: App, time: number, x: number, y: number): void {
  const range = rangeOf(app);
  const ask = (cost: CostId, change: Partial<State> = {}): void =>
    app.go({ view: 'bottom-up', cost, sort: null, ...change });
  const about = (label: string, cost: CostId): MenuItem => ({ label, run: () => ask(cost) });
  const moment = momentToAsk(app, time);
  const items: (MenuItem | null)[] = [
    {
      label: 'Alive here',
      hint: momentText(moment ?? 0),
      disabled: moment === null,
      run: () => ask('alive_bytes', { aliveAt: moment }),
    },
    {
      label: 'Mark this moment',
      run: () => app.go({ marks: [...new Set([...app.state.marks, time])].sort(ascending) }),
    },
  ];
  const stretch = stretchAt(stretchesOf(app.session.facts, app.session.end), time);
  if (stretch !== null) {
    const end = stretch.next === null ? 'the end' : `“${stretch.next.name}”`;
    items.push({
      label: `From “${stretch.mark.name}” to ${end}`,
      hint: durationText(stretch.to - stretch.from),
      run: () => chooseRange(app, stretch.from, stretch.to),
    });
  }
  items.push(null);
  if (range === null)
    items.push(
      { label: 'From here to the end', run: () => chooseRange(app, time, app.session.end) },
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
