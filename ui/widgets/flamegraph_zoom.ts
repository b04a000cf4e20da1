// SPDX-License-Identifier: MIT
// What part of a flame graph's width is shown, and how one came there.
//
// A view is a range of the root's width as fractions, 0 <= x0 < x1 <= 1, and the path of keys of the box that
// was zoomed to. A view with a path follows its box when the amounts change; one without (zoomed by hand) keeps
// its fractions.

import { endOf, type Layout } from '../model/flame_layout';

export interface View {
  path: readonly number[];
  x0: number;
  x1: number;
}

export const WHOLE: View = { path: [], x0: 0, x1: 1 };

const NARROWEST = 1e-7;

export class ZoomHistory {
  private past: View[] = [];
  private future: View[] = [];
  private now: View = WHOLE;

  get view(): View {
    return this.now;
  }

  get canGoBack(): boolean {
    return this.past.length > 0;
  }

  get canGoForward(): boolean {
    return this.future.length > 0;
  }

  go(view: View): void {
    if (view.x0 === this.now.x0 && view.x1 === this.now.x1) return;
    this.past.push(this.now);
    this.future = [];
    this.now = view;
  }

  /** Goes on from the current view without a new step: a notch of the wheel is none. */
  adjust(view: View): void {
    this.now = view;
  }

  back(): void {
    const view = this.past.pop();
    if (view === undefined) return;
    this.future.push(this.now);
    this.now = view;
  }

  forward(): void {
    const view = this.future.pop();
    if (view === undefined) return;
    this.past.push(this.now);
    this.now = view;
  }

  /** The layout has changed: finds the boxes of all views again. */
  follow(layout: Layout): void {
    const followed = (view: View): View => (view.path.length > 0 ? viewOfPath(layout, view.path) : view);
    this.past = this.past.map(followed);
    this.future = this.future.map(followed);
    this.now = followed(this.now);
  }
}

export function pathOf(layout: Layout, box: number): number[] {
  const path = [];
  for (; box !== 0; box = layout.parent[box]!) path.push(layout.key[box]!);
  return path.reverse();
}

/** The box at the end of a path of keys, or the last one of the path that there is. */
export function boxOfPath(layout: Layout, path: readonly number[]): number {
  let box = 0;
  for (const key of path) {
    let child = layout.firstChild[box]!;
    const end = layout.firstChild[box + 1]!;
    while (child < end && layout.key[child] !== key) child++;
    if (child === end) return box;
    box = child;
  }
  return box;
}

export function viewOfBox(layout: Layout, box: number): View {
  if (box === 0) return WHOLE;
  const whole = layout.total[0]![0]!;
  return { path: pathOf(layout, box), x0: layout.start[box]! / whole, x1: endOf(layout, box) / whole };
}

/** The view of the box at the end of a path; the path is kept although the box may be gone, for it may come again. */
function viewOfPath(layout: Layout, path: readonly number[]): View {
  return { ...viewOfBox(layout, boxOfPath(layout, path)), path };
}

/** The view made `factor` times as wide, where `at` (a fraction of the root's width) stays in its place. */
export function scaled(view: View, factor: number, at: number): View {
  const width = Math.max(NARROWEST, Math.min(1, (view.x1 - view.x0) * factor));
  const share = (at - view.x0) / (view.x1 - view.x0);
  const x0 = Math.max(0, Math.min(1 - width, at - width * share));
  return width === 1 ? WHOLE : { path: [], x0, x1: x0 + width };
}

export function moved(view: View, by: number): View {
  const width = view.x1 - view.x0;
  const x0 = Math.max(0, Math.min(1 - width, view.x0 + by));
  return width === 1 ? WHOLE : { path: [], x0, x1: x0 + width };
}
