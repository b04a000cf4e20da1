// SPDX-License-Identifier: MIT
// Draws what can be seen of a flame graph on a canvas. The work depends on the size of the canvas, not
// on the number of boxes: levels out of sight are skipped, and boxes narrower than a pixel drawn as one.

import type { Colours } from './flamegraph_colours';
import type { LabelFitter } from './flamegraph_labels';
import { depthOf, endOf, levelOf, visitLevel, type Layout } from '../model/flame_layout';
import type { Found } from './flamegraph_search';

export const ROW_HEIGHT = 20;
const NARROWEST_WITH_GAP = 3;
const HAZE = 6; // so wide, in pixels, boxes narrower than one pixel are drawn together
const TEXT_MARGIN = 4;

export interface Scene {
  layout: Layout;
  /** Fractions of the root's width at the left and the right end. */
  x0: number;
  x1: number;
  /** 'up': the root at the bottom, as flames; 'down': the root on top, as icicles. */
  grows: 'up' | 'down';
  /** In CSS pixels; `scrollTop` of a content as high as contentHeight tells. */
  width: number;
  height: number;
  scrollTop: number;
  /** Device pixels for a CSS pixel. */
  ratio: number;
  font: string;
  colours: Colours;
  colourOf: (box: number) => number;
  labelOf: (box: number) => string;
  found: Found | null;
}

export function contentHeight(layout: Layout, height: number): number {
  return Math.max(height, depthOf(layout) * ROW_HEIGHT + 1);
}

/** Where a level begins, from the top of the content. */
export function topOfLevel(layout: Layout, depth: number, grows: 'up' | 'down', height: number): number {
  return grows === 'down' ? depth * ROW_HEIGHT : contentHeight(layout, height) - (depth + 1) * ROW_HEIGHT;
}

export function levelAt(layout: Layout, y: number, grows: 'up' | 'down', height: number): number {
  return Math.floor((grows === 'down' ? y : contentHeight(layout, height) - y) / ROW_HEIGHT);
}

const FADED = 1;
const MATCHES = 2;

/** What is drawn: boxes, or runs of narrow ones, each by the number of its first. */
class Pieces {
  count = 0;
  first = new Uint32Array(4096);
  x = new Float32Array(4096);
  y = new Float32Array(4096);
  width = new Float32Array(4096);
  flags = new Uint8Array(4096);

  add(first: number, x: number, y: number, width: number, flags: number): void {
    if (this.count === this.first.length) this.grow();
    const at = this.count++;
    this.first[at] = first;
    this.x[at] = x;
    this.y[at] = y;
    this.width[at] = width;
    this.flags[at] = flags;
  }

  /** Makes the last piece reach to `right`, if it is haze of the same kind that ends where the new one begins. */
  extend(x: number, y: number, right: number, flags: number): boolean {
    const at = this.count - 1;
    if (at < 0 || this.y[at] !== y || this.flags[at] !== flags || right - this.x[at]! > HAZE) return false;
    if (this.width[at]! >= HAZE || Math.abs(this.x[at]! + this.width[at]! - x) > 0.75) return false;
    this.width[at] = right - this.x[at]!;
    return true;
  }

  private grow(): void {
    const longer = <T extends Uint32Array | Float32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const room = this.first.length * 2;
    this.first = longer(this.first, new Uint32Array(room));
    this.x = longer(this.x, new Float32Array(room));
    this.y = longer(this.y, new Float32Array(room));
    this.width = longer(this.width, new Float32Array(room));
    this.flags = longer(this.flags, new Uint8Array(room));
  }
}

/** Draws; gives the number of pieces drawn. */
export function paint(canvas: CanvasRenderingContext2D, scene: Scene, labels: LabelFitter): number {
  canvas.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  canvas.fillStyle = scene.colours.background;
  canvas.fillRect(0, 0, scene.width, scene.height);
  const pieces = visiblePieces(scene);
  fillPieces(canvas, scene, pieces);
  writeLabels(canvas, scene, pieces, labels);
  return pieces.count;
}

function visiblePieces(scene: Scene): Pieces {
  const { layout, found } = scene;
  const pieces = new Pieces();
  const whole = layout.total[0]![0]!;
  if (whole === 0) return pieces;
  const from = scene.x0 * whole;
  const to = scene.x1 * whole;
  const perPixel = (to - from) / scene.width;
  const one = levelAt(layout, scene.scrollTop, scene.grows, scene.height);
  const other = levelAt(layout, scene.scrollTop + scene.height, scene.grows, scene.height);
  const last = Math.min(depthOf(layout) - 1, Math.max(one, other));
  for (let depth = Math.max(0, Math.min(one, other)); depth <= last; depth++) {
    const y = topOfLevel(layout, depth, scene.grows, scene.height) - scene.scrollTop;
    let wasHaze = false;
    visitLevel(layout, depth, from, to, perPixel, (first, end, start, stop) => {
      const x = Math.max(0, (start - from) / perPixel);
      const right = Math.max(x + 1, Math.min(scene.width, (stop - from) / perPixel));
      const matches = found !== null && anyMatches(layout, found, first, end);
      const isAround = start < from - perPixel || stop > to + perPixel;
      const faded = found === null ? isAround : !matches;
      const flags = (faded ? FADED : 0) | (matches ? MATCHES : 0);
      const isHaze = layout.total[0]![first]! < perPixel;
      if (!(isHaze && wasHaze && pieces.extend(x, y, right, flags))) pieces.add(first, x, y, right - x, flags);
      wasHaze = isHaze;
    });
  }
  return pieces;
}

const LOOKED_AT = 100; // of the boxes in one pixel; more would cost time and change nothing to be seen

function anyMatches(layout: Layout, found: Found, first: number, last: number): boolean {
  const end = Math.min(last, first + LOOKED_AT);
  for (let box = first; box <= end; box++) if (found.keys[layout.key[box]!] === 1) return true;
  return false;
}

/** Fills in the order of the colours, for changing the colour costs more than filling. */
function fillPieces(canvas: CanvasRenderingContext2D, scene: Scene, pieces: Pieces): void {
  const { fills, faded, root } = scene.colours;
  const byColour: number[][] = Array.from({ length: 2 * fills.length }, () => []);
  for (let i = 0; i < pieces.count; i++) {
    const colour = pieces.first[i] === 0 ? root : scene.colourOf(pieces.first[i]!);
    byColour[pieces.flags[i]! & FADED ? fills.length + colour : colour]!.push(i);
  }
  const fill = (i: number, y: number, height: number): void => {
    const width = pieces.width[i]!;
    canvas.fillRect(pieces.x[i]!, y, width >= NARROWEST_WITH_GAP ? width - 1 : width, height);
  };
  byColour.forEach((same, colour) => {
    if (same.length === 0) return;
    canvas.fillStyle = colour < fills.length ? fills[colour]! : faded[colour - fills.length]!;
    for (const i of same) fill(i, pieces.y[i]!, ROW_HEIGHT - 1);
  });
  canvas.fillStyle = scene.colours.match;
  for (let i = 0; i < pieces.count; i++) if (pieces.flags[i]! & MATCHES) fill(i, pieces.y[i]! + ROW_HEIGHT - 4, 3);
}

function writeLabels(canvas: CanvasRenderingContext2D, scene: Scene, pieces: Pieces, labels: LabelFitter): void {
  canvas.font = scene.font;
  canvas.textBaseline = 'middle';
  for (const faded of [0, FADED]) {
    canvas.fillStyle = faded ? scene.colours.textFaded : scene.colours.text;
    for (let i = 0; i < pieces.count; i++) {
      if ((pieces.flags[i]! & FADED) !== faded || pieces.width[i]! < ROW_HEIGHT) continue;
      const text = labels.fit(scene.labelOf(pieces.first[i]!), pieces.width[i]! - 2 * TEXT_MARGIN);
      if (text !== '') canvas.fillText(text, pieces.x[i]! + TEXT_MARGIN, pieces.y[i]! + ROW_HEIGHT / 2);
    }
  }
}

/** Outlines boxes on a canvas of their own, so that moving the pointer does not draw all again. */
export function paintOutlines(
  canvas: CanvasRenderingContext2D,
  scene: Scene,
  boxes: readonly [box: number, line: number][],
): void {
  canvas.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  canvas.clearRect(0, 0, scene.width, scene.height);
  const { layout, x0, x1 } = scene;
  const whole = layout.total[0]![0]!;
  const scale = scene.width / ((x1 - x0) * whole);
  canvas.strokeStyle = scene.colours.selected;
  for (const [box, line] of boxes) {
    const left = Math.max(-2, (layout.start[box]! - x0 * whole) * scale);
    const right = Math.min(scene.width + 2, (endOf(layout, box) - x0 * whole) * scale);
    if (right < 0 || left > scene.width || whole === 0) continue;
    const y = topOfLevel(layout, levelOf(layout, box), scene.grows, scene.height) - scene.scrollTop;
    canvas.lineWidth = line;
    canvas.strokeRect(left + line / 2, y + line / 2, Math.max(2, right - left - 1 - line), ROW_HEIGHT - 1 - line);
  }
}
