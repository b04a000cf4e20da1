// SPDX-License-Identifier: MIT
// A histogram whose bars are buttons: a click chooses a bar, a click with Shift (or a drag) several.
//
// Bars are as high as the logarithm of what they hold, so that a thousand blocks can still be seen beside a
// hundred million; the lines across say what a height stands for.

import './histogram.css';

export interface Bar {
  /** What the axis says below the bar. */
  tick: string;
  /** The whole range in words, for the tooltip and for those who hear it. */
  range: string;
  amount: bigint;
  /** The amount and what belongs to it, in words. */
  told: string;
}

export interface Chosen {
  first: number;
  last: number;
}

export interface HistogramOptions {
  label: string;
  bars: readonly Bar[];
  chosen: Chosen | null;
  scale: 'logarithmic' | 'linear';
  formatAmount(amount: bigint): string;
  /** Null: nothing can be chosen, the bars only tell. */
  choose: ((chosen: Chosen | null) => void) | null;
}

export function histogram(options: HistogramOptions): HTMLElement {
  const figure = document.createElement('div');
  figure.className = 'histogram';
  figure.setAttribute('role', 'group');
  figure.setAttribute('aria-label', options.label);
  const most = options.bars.reduce((max, bar) => (bar.amount > max ? bar.amount : max), 0n);
  const plot = document.createElement('div');
  plot.className = 'histogram-plot';
  for (const line of gridLines(most, options.scale)) {
    const rule = document.createElement('div');
    rule.className = 'histogram-rule';
    rule.style.bottom = `${shareOf(line, most, options.scale) * 100}%`;
    rule.dataset.amount = options.formatAmount(line);
    plot.append(rule);
  }
  const columns = options.bars.map((bar, i) => column(options, bar, i, most));
  plot.append(...columns);
  if (options.choose !== null) dragChooses(plot, columns, options.choose);
  figure.append(plot);
  return figure;
}

function column(options: HistogramOptions, bar: Bar, i: number, most: bigint): HTMLButtonElement {
  const { chosen } = options;
  const isChosen = chosen !== null && i >= chosen.first && i <= chosen.last;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'histogram-column';
  button.classList.toggle('is-left-out', chosen !== null && !isChosen);
  button.title = `${bar.range}\n${bar.told}`;
  button.setAttribute('aria-label', `${bar.range}: ${bar.told}`);
  const { choose } = options;
  if (choose === null) button.setAttribute('aria-disabled', 'true');
  else button.setAttribute('aria-pressed', String(isChosen));
  const fill = document.createElement('span');
  fill.className = 'histogram-fill';
  fill.style.height = `${shareOf(bar.amount, most, options.scale) * 100}%`;
  const tick = document.createElement('span');
  tick.className = 'histogram-tick';
  tick.textContent = bar.tick;
  button.append(fill, tick);
  button.addEventListener('click', (event) => choose?.(afterClick(chosen, i, event.shiftKey)));
  return button;
}

/** What is chosen after a click on bar i. */
export function afterClick(chosen: Chosen | null, i: number, extend: boolean): Chosen | null {
  if (extend && chosen !== null) return { first: Math.min(chosen.first, i), last: Math.max(chosen.last, i) };
  if (chosen !== null && chosen.first === i && chosen.last === i) return null;
  return { first: i, last: i };
}

/** From 0 to 1: how high an amount stands. The smallest amount that is not 0 can always be seen. */
export function shareOf(amount: bigint, most: bigint, scale: 'logarithmic' | 'linear'): number {
  if (amount === 0n || most === 0n) return 0;
  if (scale === 'linear') return Math.max(0.01, Number(amount) / Number(most));
  return Math.log2(Number(amount) + 1) / Math.log2(Number(most) + 1);
}

/** Amounts for the lines across: powers of ten, at most five of them, or quarters of the most. */
export function gridLines(most: bigint, scale: 'logarithmic' | 'linear'): bigint[] {
  if (most < 4n) return most === 0n ? [] : [most];
  if (scale === 'linear') return [most / 4n, most / 2n, (most * 3n) / 4n, most];
  const powers = most.toString().length - 1;
  const step = Math.max(1, Math.ceil(powers / 4));
  const lines = [];
  for (let power = step; power <= powers; power += step) lines.push(10n ** BigInt(power));
  return lines;
}

function dragChooses(plot: HTMLElement, columns: HTMLButtonElement[], choose: (chosen: Chosen) => void): void {
  let from = -1;
  let to = -1;
  const columnOf = (event: PointerEvent): number =>
    columns.findIndex((button) => {
      const place = button.getBoundingClientRect();
      return event.clientX >= place.left && event.clientX < place.right;
    });
  plot.addEventListener('pointerdown', (event) => {
    from = to = event.button === 0 && !event.shiftKey ? columnOf(event) : -1;
  });
  plot.addEventListener('pointermove', (event) => {
    const at = columnOf(event);
    if (from < 0 || at < 0 || event.buttons === 0) return;
    to = at;
    columns.forEach((button, i) => {
      const within = i >= Math.min(from, to) && i <= Math.max(from, to);
      if (from !== to) button.classList.toggle('is-left-out', !within);
    });
  });
  plot.addEventListener(
    'click',
    (event) => {
      if (from < 0 || from === to) return;
      event.stopPropagation();
      choose({ first: Math.min(from, to), last: Math.max(from, to) });
      from = to = -1;
    },
    { capture: true },
  );
}
