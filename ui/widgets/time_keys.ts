// SPDX-License-Identifier: MIT
// The keys of a time chart, and what a screen reader hears of it: a slider over the time of the run.
//
// Arrows, Page Up and Down, Home and End move the cursor (with Ctrl by a millisecond); with Shift they choose a range,
// which is taken when Shift is let go; Enter asks what is alive at the cursor; Escape gives a range up that is being
// chosen; the key of the context menu, Shift F10 or "m" open the questions.

import { durationText, momentText } from '../model/format';
import { h } from './dom';
import { movedBy, spannedBy, type TimeCursor, type TimeSpan } from './time_cursor';

export const KEYS_IN_WORDS =
  'Arrow keys move through the run. Shift and arrow keys choose a range. Enter shows what is alive ' +
  'there. M opens more questions.';

/** What the keys do to the chart. */
export interface KeyedChart {
  span(): TimeSpan;
  /** Shows the cursor there. */
  pointAt(time: number): void;
  /** Shows a range that is being chosen; null: none. */
  outline(range: { from: number; to: number } | null): void;
  inWords(time: number): string;
  chooseRange(from: number, to: number): void;
  chooseMoment(time: number): void;
  menu(time: number): void;
}

let stages = 0;

export class TimeKeys {
  private readonly description = h('p', { class: 'unheard', id: `time-keys-${stages++}` });
  private readonly spoken = h('p', { class: 'unheard', role: 'status' });
  private cursor: TimeCursor | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly chart: KeyedChart,
  ) {
    for (const [name, value] of Object.entries({
      role: 'slider',
      tabindex: '0',
      'aria-orientation': 'horizontal',
      'aria-describedby': this.description.id,
    }))
      stage.setAttribute(name, value);
    stage.after(this.description, this.spoken);
    stage.addEventListener('keydown', (event) => this.pressed(event));
    stage.addEventListener('keyup', (event) => {
      if (event.key === 'Shift') this.take();
    });
    stage.addEventListener('focus', () => this.show());
    stage.addEventListener('blur', () => this.chart.outline(null));
  }

  /** The chart was drawn anew, with other figures or another span. */
  update(label: string, words: string): void {
    const { from, to } = this.chart.span();
    this.stage.setAttribute('aria-label', label);
    this.stage.setAttribute('aria-valuemin', String(from));
    this.stage.setAttribute('aria-valuemax', String(to));
    this.description.textContent = `${words} ${KEYS_IN_WORDS}`;
    if (this.cursor !== null && (this.cursor.at < from || this.cursor.at > to)) this.cursor = null;
    this.tell();
    if (this.stage === document.activeElement) this.show();
  }

  private get at(): number {
    return this.cursor?.at ?? this.chart.span().from;
  }

  private show(): void {
    this.chart.pointAt(this.at);
    if (this.cursor !== null) this.chart.outline(spannedBy(this.cursor));
    this.tell();
  }

  private tell(): void {
    this.stage.setAttribute('aria-valuenow', String(this.at));
    this.stage.setAttribute('aria-valuetext', this.chart.inWords(this.at));
  }

  private pressed(event: KeyboardEvent): void {
    const { chart } = this;
    const now = this.cursor ?? { at: this.at, anchor: null };
    const reach = event.shiftKey ? 'extend' : 'move';
    const next = movedBy(event.key, now, chart.span(), reach, event.ctrlKey);
    if (next !== null) {
      this.cursor = next;
      this.show();
      const range = spannedBy(next);
      if (range !== null) this.say(`${rangeInWords(range)}, let go of Shift to choose it`);
    } else if (event.key === 'Enter' || event.key === ' ') {
      chart.chooseMoment(now.at);
      this.say(`Alive at ${momentText(now.at)}`);
    } else if (event.key === 'Escape' && spannedBy(now) !== null) {
      this.cursor = { at: now.at, anchor: null };
      chart.outline(null);
      this.say('No range chosen');
    } else if (
      event.key === 'ContextMenu' ||
      event.key.toLowerCase() === 'm' ||
      (event.key === 'F10' && event.shiftKey)
    ) {
      chart.menu(now.at);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Chooses the range that is outlined. Its anchor stays, so that more Shift and arrows change it. */
  private take(): void {
    const range = this.cursor === null ? null : spannedBy(this.cursor);
    if (range === null) return;
    this.say(`${rangeInWords(range)} is chosen`);
    this.chart.chooseRange(range.from, range.to);
  }

  private say(text: string): void {
    this.spoken.textContent = text;
  }
}

function rangeInWords({ from, to }: { from: number; to: number }): string {
  return `${momentText(from)} to ${momentText(to)}, ${durationText(to - from)}`;
}
