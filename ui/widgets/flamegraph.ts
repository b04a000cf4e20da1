// SPDX-License-Identifier: MIT
// The flame graph that one looks at: a canvas that scrolls, zooms and is searched by pointer and by keyboard.
//
// It knows boxes, not recordings: the view that owns it lays them out, names them, and says what their colours
// and figures are. The selected box is told in words in a live region, for those who do not see the canvas.

import './flamegraph.css';
import { coloursOf, type Theme } from './flamegraph_colours';
import { actionOfKey, type KeyWishes } from './flamegraph_keys';
import { LabelFitter } from './flamegraph_labels';
import { boxAt, endOf, levelOf, type Layout } from '../model/flame_layout';
import { contentHeight, levelAt, paint, paintOutlines, ROW_HEIGHT, topOfLevel, type Scene } from './flamegraph_paint';
import { nextMatch, search, type Found } from './flamegraph_search';
import { FlamePointer, type PointedGraph } from './flamegraph_pointer';
import { FlameTooltip, type BoxInWords } from './flamegraph_tooltip';
import { boxOfPath, pathOf, scaled, viewOfBox, WHOLE, ZoomHistory, type View } from './flamegraph_zoom';

const FONT = '12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const ANIMATION_MS = 140;

export interface FlamePicture {
  layout: Layout;
  grows: 'up' | 'down';
  keyCount: number;
  /** What stands in a box. */
  labelOf(box: number): string;
  /** What a search looks at. */
  nameOf(key: number): string;
  colourOf(box: number): number;
  describe(box: number): BoxInWords;
}

export interface FlameEvents {
  selected(box: number | null): void;
  zoomed(): void;
  scrolled(): void;
  searchWanted(): void;
  menuWanted(box: number, x: number, y: number): void;
  painted?(milliseconds: number, pieces: number): void;
}

export class FlameGraph {
  private readonly scroller = document.createElement('div');
  private readonly content = document.createElement('div');
  private readonly stage = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly overlay = document.createElement('canvas');
  private readonly tooltip = new FlameTooltip();
  private readonly spoken = document.createElement('div');
  private readonly context: CanvasRenderingContext2D;
  private readonly overlayContext: CanvasRenderingContext2D;
  private readonly labels: LabelFitter;
  private readonly zoom = new ZoomHistory();
  private readonly wishes: KeyWishes = {
    search: () => this.events.searchWanted(),
    menu: (box) => this.menuOfSelected(box),
  };
  private readonly resized = new ResizeObserver(() => this.sizeChanged());
  private picture: FlamePicture | null = null;
  private colours = coloursOf('light');
  private found: Found | null = null;
  private searched = '';
  private selectedBox: number | null = null;
  /** The path of keys to it; kept although the box may be gone, for it may come again. */
  private selectedPath: readonly number[] = [];
  private hoveredBox: number | null = null;
  private shown = { x0: 0, x1: 1 };
  private frameAsked = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly events: FlameEvents,
  ) {
    host.classList.add('flame');
    this.scroller.className = 'flame-scroller';
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute('role', 'application');
    this.scroller.setAttribute('aria-roledescription', 'flame graph');
    this.content.className = 'flame-content';
    this.canvas.className = 'flame-canvas';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.canvas.width = 0; // an opaque one is black until something is drawn
    this.overlay.className = 'flame-canvas flame-overlay';
    this.overlay.setAttribute('aria-hidden', 'true');
    this.spoken.className = 'unheard';
    this.spoken.setAttribute('aria-live', 'polite');
    this.stage.className = 'flame-stage';
    this.stage.append(this.canvas, this.overlay);
    this.content.append(this.stage);
    this.scroller.append(this.content);
    host.append(this.scroller, this.tooltip.element, this.spoken);
    this.context = this.canvas.getContext('2d', { alpha: false })!;
    this.overlayContext = this.overlay.getContext('2d')!;
    this.context.font = FONT;
    this.labels = new LabelFitter((text) => this.context.measureText(text).width);
    this.listen();
    new FlamePointer(this.scroller, this.overlay, this.pointedAt());
    this.resized.observe(this.scroller);
  }

  destroy(): void {
    this.resized.disconnect();
    cancelAnimationFrame(this.frameAsked);
    this.host.replaceChildren();
  }

  /** Shows other boxes. What was selected and zoomed to stays, as far as the same path is there. */
  show(picture: FlamePicture, label: string): void {
    const turned = this.picture === null || this.picture.grows !== picture.grows;
    const { scrollTop, scrollHeight } = this.scroller;
    const fromBottom = turned ? 0 : scrollHeight - scrollTop;
    this.picture = picture;
    this.scroller.setAttribute('aria-label', label);
    this.zoom.follow(picture.layout);
    this.shown = { ...this.zoom.view };
    this.hoveredBox = null;
    if (this.selectedBox !== null) this.selectedBox = boxOfPath(picture.layout, this.selectedPath);
    this.tooltip.hide();
    this.findAgain();
    this.sizeChanged();
    if (picture.grows === 'up') this.scroller.scrollTop = this.scroller.scrollHeight - fromBottom;
    else if (turned) this.scroller.scrollTop = 0;
  }

  setTheme(theme: Theme): void {
    this.colours = coloursOf(theme);
    this.paintSoon();
  }

  /** Gives what matches, or null for an empty text. */
  search(text: string): Found | null {
    this.searched = text;
    this.findAgain();
    this.paintSoon();
    return this.found;
  }

  selectMatch(step: 1 | -1): void {
    if (this.picture === null || this.found === null) return;
    const box = nextMatch(this.picture.layout, this.found, this.selectedBox ?? 0, step);
    if (box !== null) this.select(box);
  }

  get selected(): number | null {
    return this.selectedBox;
  }

  select(box: number | null): void {
    this.selectedBox = box;
    if (box !== null) {
      this.selectedPath = pathOf(this.picture!.layout, box);
      this.reveal(box);
      this.say(box);
    }
    this.events.selected(box);
    this.paintOutlines();
  }

  get canGoBack(): boolean {
    return this.zoom.canGoBack;
  }

  get canGoForward(): boolean {
    return this.zoom.canGoForward;
  }

  /** The path of keys that is zoomed to; empty for the whole, or when zoomed by hand. */
  get zoomPath(): readonly number[] {
    return this.zoom.view.path;
  }

  get isWhole(): boolean {
    return this.zoom.view === WHOLE;
  }

  /** How many levels from the root on can be seen, or have what was zoomed to or selected. */
  get levelsInSight(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const farthest = this.picture?.grows === 'up' ? scrollHeight - scrollTop : scrollTop + clientHeight;
    const chosen = Math.max(this.zoomPath.length, this.selectedPath.length);
    return Math.max(Math.ceil(farthest / ROW_HEIGHT), chosen + 1);
  }

  /** What share of the whole the box at the end of a path is; all where nothing is shown yet. */
  shareOf(path: readonly number[]): number {
    if (this.picture === null) return 1;
    const { layout } = this.picture;
    const widths = layout.total[0]!;
    return widths[0] === 0 ? 1 : widths[boxOfPath(layout, path)]! / widths[0]!;
  }

  zoomBack(): void {
    this.zoom.back();
    this.zoomChanged();
  }

  zoomForward(): void {
    this.zoom.forward();
    this.zoomChanged();
  }

  zoomOut(): void {
    this.zoom.go(WHOLE);
    this.zoomChanged();
  }

  zoomToPath(path: readonly number[]): void {
    if (this.picture !== null) this.zoomTo(boxOfPath(this.picture.layout, path));
  }

  zoomTo(box: number): void {
    if (this.picture === null) return;
    this.zoom.go(viewOfBox(this.picture.layout, box));
    this.zoomChanged();
  }

  /** Makes the view `factor` times as wide, around the selected box or the middle. */
  zoomBy(factor: number): void {
    const { view } = this.zoom;
    let at = (view.x0 + view.x1) / 2;
    if (this.picture !== null && this.selectedBox !== null) {
      const { layout } = this.picture;
      const middle = (layout.start[this.selectedBox]! + endOf(layout, this.selectedBox)) / 2 / layout.total[0]![0]!;
      if (middle > view.x0 && middle < view.x1) at = middle;
    }
    this.zoom.go(scaled(view, factor, at));
    this.zoomChanged();
  }

  focus(): void {
    this.scroller.focus();
  }

  private findAgain(): void {
    const { picture, searched } = this;
    const wanted = picture !== null && searched !== '';
    this.found = wanted ? search(picture.layout, picture.keyCount, (key) => picture.nameOf(key), searched) : null;
  }

  private zoomChanged(): void {
    const from = { ...this.shown };
    const to = this.zoom.view;
    this.tooltip.hide();
    this.events.zoomed();
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.shown = { x0: to.x0, x1: to.x1 };
      this.paintSoon();
      return;
    }
    const began = performance.now();
    const step = (): void => {
      if (this.zoom.view !== to) return;
      const share = Math.min(1, (performance.now() - began) / ANIMATION_MS);
      const eased = 1 - (1 - share) ** 3;
      this.shown = { x0: from.x0 + (to.x0 - from.x0) * eased, x1: from.x1 + (to.x1 - from.x1) * eased };
      if (share === 1) this.shown = { x0: to.x0, x1: to.x1 };
      this.paintNow();
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  private sizeChanged(): void {
    const ratio = window.devicePixelRatio || 1;
    const width = this.scroller.clientWidth;
    const height = this.scroller.clientHeight;
    if (this.picture === null || width === 0 || height === 0) return;
    this.content.style.height = `${contentHeight(this.picture.layout, height)}px`;
    for (const canvas of [this.canvas, this.overlay]) {
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.paintNow();
  }

  private paintSoon(): void {
    if (this.frameAsked !== 0) return;
    this.frameAsked = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    cancelAnimationFrame(this.frameAsked);
    this.frameAsked = 0;
    const scene = this.scene();
    if (scene === null) return;
    const began = performance.now();
    const pieces = paint(this.context, scene, this.labels);
    this.paintOutlines();
    this.events.painted?.(performance.now() - began, pieces);
  }

  private paintOutlines(): void {
    const scene = this.scene();
    if (scene === null) return;
    const outlined: [number, number][] = [];
    if (this.hoveredBox !== null) outlined.push([this.hoveredBox, 1]);
    if (this.selectedBox !== null) outlined.push([this.selectedBox, 2]);
    paintOutlines(this.overlayContext, scene, outlined);
  }

  private scene(): Scene | null {
    const { picture } = this;
    if (picture === null || this.canvas.width === 0) return null;
    return {
      layout: picture.layout,
      x0: this.shown.x0,
      x1: this.shown.x1,
      grows: picture.grows,
      width: this.scroller.clientWidth,
      height: this.scroller.clientHeight,
      scrollTop: this.scroller.scrollTop,
      ratio: this.canvas.width / this.scroller.clientWidth,
      font: FONT,
      colours: this.colours,
      colourOf: (box) => picture.colourOf(box),
      labelOf: (box) => picture.labelOf(box),
      found: this.found,
    };
  }

  private reveal(box: number): void {
    const { layout, grows } = this.picture!;
    const height = this.scroller.clientHeight;
    const top = topOfLevel(layout, levelOf(layout, box), grows, height);
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top - ROW_HEIGHT;
    else if (top + ROW_HEIGHT > this.scroller.scrollTop + height)
      this.scroller.scrollTop = top + 2 * ROW_HEIGHT - height;
    const whole = layout.total[0]![0]!;
    const { x0, x1 } = this.zoom.view;
    const seen = endOf(layout, box) > x0 * whole && layout.start[box]! < x1 * whole;
    if (!seen) {
      this.zoom.go(viewOfBox(layout, layout.parent[box]!));
      this.zoomChanged();
    }
  }

  private say(box: number): void {
    const { title, place, figures } = this.picture!.describe(box);
    const told = figures.map(([word, figure]) => `${word} ${figure}`).join(', ');
    const level = levelOf(this.picture!.layout, box);
    this.spoken.textContent = `${title}, level ${level}. ${told}. ${place}`;
  }

  private listen(): void {
    const { scroller } = this;
    scroller.addEventListener(
      'scroll',
      () => {
        this.events.scrolled();
        this.paintSoon();
      },
      { passive: true },
    );
    scroller.addEventListener('keydown', (event) => this.keyPressed(event));
    scroller.addEventListener('wheel', (event) => this.wheelTurned(event), { passive: false });
    scroller.addEventListener('contextmenu', (event) => {
      const box = this.boxUnder(event);
      if (box === null) return;
      event.preventDefault();
      this.tooltip.hide();
      this.select(box);
      this.events.menuWanted(box, event.clientX, event.clientY);
    });
  }

  private pointedAt(): PointedGraph {
    const { zoom } = this;
    return {
      get view(): View {
        return zoom.view;
      },
      boxUnder: (event) => this.boxUnder(event),
      hover: (box, x, y) => this.hover(box, x, y),
      click: (box) => {
        this.select(box);
        this.zoomTo(box);
      },
      adjust: (view) => this.adjustView(view),
    };
  }

  private boxUnder(event: MouseEvent): number | null {
    const { picture } = this;
    const place = this.canvas.getBoundingClientRect();
    if (picture === null || event.clientX > place.right || event.clientY > place.bottom) return null;
    const y = event.clientY - place.top + this.scroller.scrollTop;
    return boxAt(picture.layout, levelAt(picture.layout, y, picture.grows, place.height), this.widthAt(event));
  }

  /** Where the pointer is, in units of the root's width. */
  private widthAt(event: MouseEvent): number {
    const place = this.canvas.getBoundingClientRect();
    const share = (event.clientX - place.left) / place.width;
    const { x0, x1 } = this.shown;
    return (x0 + (x1 - x0) * share) * this.picture!.layout.total[0]![0]!;
  }

  private wheelTurned(event: WheelEvent): void {
    const { picture } = this;
    if (picture === null || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const at = this.widthAt(event) / picture.layout.total[0]![0]!;
    this.adjustView(scaled(this.zoom.view, Math.exp(event.deltaY / 240), at));
  }

  private adjustView(view: View): void {
    if (this.zoom.view.path.length > 0 || this.zoom.view === WHOLE) this.zoom.go(view);
    else this.zoom.adjust(view);
    this.shown = { x0: view.x0, x1: view.x1 };
    this.tooltip.hide();
    this.events.zoomed();
    this.paintSoon();
  }

  private hover(box: number | null, x: number, y: number): void {
    if (box !== this.hoveredBox) {
      this.hoveredBox = box;
      this.paintOutlines();
      this.scroller.style.cursor = box === null ? '' : 'pointer';
      if (box !== null) this.tooltip.fill(this.picture!.describe(box));
    }
    if (box === null) this.tooltip.hide();
    else this.tooltip.moveTo(x, y);
  }

  private keyPressed(event: KeyboardEvent): void {
    if (this.picture === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const { layout, grows } = this.picture;
    const act = actionOfKey(event, this, { layout, grows, view: this.zoom.view }, this.wishes);
    if (act === null) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private menuOfSelected(box: number): void {
    const { layout, grows } = this.picture!;
    const place = this.canvas.getBoundingClientRect();
    const top = topOfLevel(layout, levelOf(layout, box), grows, place.height) - this.scroller.scrollTop;
    const { x0, x1 } = this.shown;
    const share = (layout.start[box]! / layout.total[0]![0]! - x0) / (x1 - x0);
    this.events.menuWanted(box, place.left + Math.max(0, share) * place.width, place.top + top + ROW_HEIGHT);
  }
}
