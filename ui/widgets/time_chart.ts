// SPDX-License-Identifier: MIT
// A chart over the time of the run, drawn by uPlot: lines, areas or stacked areas, with a range to drag, moments to
// click, marks, and a line of text that tells the figures under the pointer. Its keys are those of time_keys.ts.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { amountText, durationText, momentText } from '../model/format';
import { chartInWords, momentInWords } from './chart_words';
import { h } from './dom';
import { TimeKeys } from './time_keys';
import { drawTimeMarks, faded, type NamedMoment } from './time_marks';
import './time_chart.css';

export interface ChartSeries {
  label: string;
  /** A custom property of the style sheet. */
  colour: string;
  values: readonly (number | null)[];
  kind: 'line' | 'area' | 'stacked';
  unit: 'bytes' | 'count';
  /** After the figure: "/s". */
  per?: string;
  /** Drawn against an axis of its own, at the right. */
  right?: boolean;
  /** Drawn as a broken line: what others are compared with. */
  dashed?: boolean;
  /** Where its name leads to. Without it, its name shows and hides the series. */
  href?: string;
  title?: string;
}

export interface ChartOptions {
  label: string;
  /** Of the page; another one draws all anew. */
  theme: string;
  height: number;
  axes: boolean;
  /** These and the values of the series are never changed in place: the same ones are drawn as they were. */
  times: readonly number[];
  series: ChartSeries[];
  from: number;
  to: number;
  range: { from: number; to: number } | null;
  moment: number | null;
  peak: number | null;
  /** A, B, … */
  marks: number[];
  /** What the program named itself. */
  named: readonly NamedMoment[];
  /** The only moments that can be asked about; null: all. */
  stops: readonly number[] | null;
  rangeChosen(from: number, to: number): void;
  /** The pointer rests on its way: this may well be the range that will be chosen. */
  rangeLikely(from: number, to: number): void;
  momentChosen(time: number): void;
  menu(time: number, x: number, y: number): void;
}

const RIGHT = 62; // pixels beside the plot, so that charts below each other agree on their times
const DASHES = [6, 4]; // pixels drawn, and left out
const CLICK = 4; // pixels that a pointer may move in a click
const REST_AFTER = 30; // ms without a move of the pointer

export class TimeChart {
  readonly element = h('figure', { class: 'time-chart' });
  private readonly readout = h('figcaption', { class: 'chart-readout' });
  private readonly stage = h('div', { class: 'chart-stage' });
  private readonly keys: TimeKeys;
  private readonly hidden = new Set<string>();
  private plot: uPlot | null = null;
  private rest = 0; // timer: the pointer rests, with the button held
  private options!: ChartOptions;
  private readonly resized = new ResizeObserver(() => {
    const width = this.stage.clientWidth;
    if (this.plot !== null && width > 0) this.plot.setSize({ width, height: this.options.height });
  });

  constructor(host: HTMLElement) {
    this.element.append(this.readout, this.stage);
    host.append(this.element);
    this.keys = new TimeKeys(this.stage, {
      span: () => this.options,
      pointAt: (time) => this.pointAt(time),
      outline: (range) => this.outline(range),
      inWords: (time) => momentInWords(time, this.plot?.valToIdx(time) ?? 0, this.options.series),
      chooseRange: (from, to) => this.options.rangeChosen(from, to),
      chooseMoment: (time) => this.options.momentChosen(time),
      menu: (time) => this.menuAt(time),
    });
    this.resized.observe(this.stage);
  }

  /** Draws anew; where only what is marked on the chart has changed, over the curves as they are. */
  show(options: ChartOptions): void {
    const before = this.plot === null ? null : this.options;
    this.options = options;
    if (before !== null && sameCurves(before, options)) {
      this.plot!.redraw(false);
      this.tell(null);
    } else this.drawAnew();
  }

  private drawAnew(): void {
    const { options } = this;
    const series = options.series.filter((s) => !this.hidden.has(s.label));
    clearTimeout(this.rest);
    this.plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const stacked = series.filter((s) => s.kind === 'stacked');
    // uPlot stacks nothing itself: each series is drawn as the sum of it and those before, the last one first.
    const sums = stackSums(stacked, options.times.length);
    const lines = series.filter((s) => s.kind !== 'stacked');
    const drawn: { series: ChartSeries; values: readonly (number | null)[] }[] = [...stacked]
      .reverse()
      .map((series, i) => ({ series, values: sums[stacked.length - 1 - i]! }));
    drawn.push(...lines.map((series) => ({ series, values: series.values })));
    const axis = {
      stroke: colour('--muted'),
      font: `11px ${colour('--font')}`,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      gap: 4,
    };
    const unitAxis = (scale: string, side: number, unit: 'bytes' | 'count'): uPlot.Axis => ({
      ...axis,
      scale,
      side,
      size: RIGHT,
      grid: side === 3 ? axis.grid : { show: false },
      values: (_u, ticks) => ticks.map((tick) => amountText(tick, unit)),
      incrs: unit === 'bytes' ? BYTE_STEPS : undefined,
    });
    const left = series.find((s) => !s.right);
    const right = series.find((s) => s.right);
    const fromZero: uPlot.Scale.Range = (_u, _min, max) => [0, max > 0 ? max * 1.06 : 1];
    this.plot = new uPlot(
      {
        width: Math.max(this.stage.clientWidth, 200),
        height: options.height,
        padding: options.axes ? [8, right ? 0 : RIGHT, 0, 0] : [4, 0, 4, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false },
          sync: {
            key: 'heapwise-time',
            setSeries: false,
            filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
          } as uPlot.Cursor.Sync,
          points: { show: options.axes, size: 6 },
        },
        scales: {
          x: { time: false, range: () => [options.from, Math.max(options.to, options.from + 1)] },
          y: { range: fromZero },
          right: { range: fromZero },
        },
        axes: options.axes
          ? [
              { ...axis, size: 26, values: (_u, ticks) => ticks.map(durationText), space: 90 },
              unitAxis('y', 3, left?.unit ?? 'bytes'),
              ...(right ? [unitAxis('right', 1, right.unit)] : []),
            ]
          : [{ show: false }, { show: false }],
        series: [
          {},
          ...drawn.map(({ series }): uPlot.Series => {
            const stroke = colour(series.colour);
            const fill = series.kind === 'line' ? undefined : faded(stroke, series.kind === 'area' ? 0.18 : 1);
            return {
              label: series.label,
              scale: series.right ? 'right' : 'y',
              stroke,
              width: series.kind === 'stacked' ? 0.5 : 1.5,
              dash: series.dashed ? DASHES : undefined,
              fill,
              points: { show: false },
            };
          }),
        ],
        hooks: {
          setSelect: [(u) => this.rangeDragged(u)],
          setCursor: [(u) => this.tell(u.cursor.idx ?? null)],
          draw: [(u) => drawTimeMarks(u, this.options, colour)],
          ready: [() => this.keys.update(options.label, chartInWords(options.times, options.series))],
        },
      },
      [options.times, ...drawn.map(({ values }) => values)] as uPlot.AlignedData,
      this.stage,
    );
    this.listen(this.plot);
    this.tell(null);
  }

  dispose(): void {
    this.resized.disconnect();
    clearTimeout(this.rest);
    this.plot?.destroy();
    this.element.remove();
  }

  private listen(plot: uPlot): void {
    let downAt = -1;
    const timeAt = (event: MouseEvent): number => {
      const x = event.clientX - plot.over.getBoundingClientRect().left;
      return Math.round(Math.min(Math.max(plot.posToVal(x, 'x'), this.options.from), this.options.to));
    };
    plot.over.addEventListener('mousedown', (event) => (downAt = event.button === 0 ? event.clientX : -1));
    plot.over.addEventListener('mousemove', (event) => {
      clearTimeout(this.rest);
      if ((event.buttons & 1) !== 0) this.rest = window.setTimeout(() => this.rested(plot), REST_AFTER);
    });
    plot.over.addEventListener('mouseup', (event) => {
      if (event.button === 0 && downAt >= 0 && Math.abs(event.clientX - downAt) < CLICK)
        this.options.momentChosen(timeAt(event));
      downAt = -1;
    });
    plot.over.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.options.menu(timeAt(event), event.clientX, event.clientY);
    });
  }

  private pointAt(time: number): void {
    const { plot } = this;
    if (plot !== null) plot.setCursor({ left: plot.valToPos(time, 'x'), top: plot.over.clientHeight / 2 });
  }

  private outline(range: { from: number; to: number } | null): void {
    const { plot } = this;
    if (plot === null) return;
    const left = range === null ? 0 : plot.valToPos(range.from, 'x');
    const width = range === null ? 0 : plot.valToPos(range.to, 'x') - left;
    plot.setSelect({ left, width, top: 0, height: range === null ? 0 : plot.over.clientHeight }, false);
  }

  private menuAt(time: number): void {
    const { plot } = this;
    if (plot === null) return;
    const box = plot.over.getBoundingClientRect();
    this.options.menu(time, box.left + plot.valToPos(time, 'x'), box.top + box.height / 2);
  }

  private rangeDragged(u: uPlot): void {
    clearTimeout(this.rest);
    const range = this.selected(u);
    if (u.select.width >= CLICK) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (range !== null) this.options.rangeChosen(range.from, range.to);
  }

  private rested(u: uPlot): void {
    const range = this.selected(u);
    if (range !== null) this.options.rangeLikely(range.from, range.to);
  }

  private selected(u: uPlot): { from: number; to: number } | null {
    const { left, width } = u.select;
    const from = Math.max(Math.floor(u.posToVal(left, 'x')), this.options.from);
    const to = Math.min(Math.ceil(u.posToVal(left + width, 'x')), this.options.to);
    return width >= CLICK && to > from ? { from, to } : null;
  }

  private tell(index: number | null): void {
    const { series, times } = this.options;
    const parts = series.map((s) => {
      const value = index === null ? null : s.values[index];
      const swatch = h('span', { class: 'swatch' });
      swatch.style.background = `var(${s.colour})`;
      const figure = value === null || value === undefined ? '' : ` ${amountText(value, s.unit)}${s.per ?? ''}`;
      return h('span', { class: 'chart-key' }, swatch, this.nameOf(s), figure !== '' && h('b', {}, figure));
    });
    const time = index === null ? null : times[index];
    if (time !== null && time !== undefined) parts.push(h('span', { class: 'chart-time' }, momentText(time)));
    this.readout.replaceChildren(...parts);
  }

  private nameOf(series: ChartSeries): HTMLElement {
    const { label, href, title } = series;
    if (href !== undefined) return h('a', { href, title }, label);
    const shown = !this.hidden.has(label);
    const click = (): void => {
      if (shown) this.hidden.add(label);
      else this.hidden.delete(label);
      this.drawAnew();
    };
    return h('button', { type: 'button', title: 'Show or hide', 'aria-pressed': String(shown), on: { click } }, label);
  }
}

/** Whether two charts differ in nothing but what is marked on them and where names lead. */
function sameCurves(a: ChartOptions, b: ChartOptions): boolean {
  return (
    a.label === b.label &&
    a.theme === b.theme &&
    a.height === b.height &&
    a.axes === b.axes &&
    a.from === b.from &&
    a.to === b.to &&
    a.times === b.times &&
    a.series.length === b.series.length &&
    a.series.every((series, i) => sameCurve(series, b.series[i]!))
  );
}

function sameCurve(a: ChartSeries, b: ChartSeries): boolean {
  const { label, colour, values, kind, unit, per, right, dashed } = a;
  return (
    values === b.values &&
    label === b.label &&
    colour === b.colour &&
    kind === b.kind &&
    unit === b.unit &&
    per === b.per &&
    right === b.right &&
    dashed === b.dashed
  );
}

function stackSums(series: ChartSeries[], count: number): number[][] {
  const sums: number[][] = [];
  series.forEach(({ values }, s) => {
    sums.push(Array.from({ length: count }, (_, i) => (values[i] ?? 0) + (s === 0 ? 0 : sums[s - 1]![i]!)));
  });
  return sums;
}

const BYTE_STEPS = Array.from({ length: 61 }, (_, power) => 2 ** power);
