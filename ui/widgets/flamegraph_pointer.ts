// SPDX-License-Identifier: MIT
// The pointer on a flame graph: what it is over, a click, and a drag that moves the picture.

import { moved, type View } from './flamegraph_zoom';

const DRAG_BEGINS = 5; // pixels

/** What the pointer does. */
export interface PointedGraph {
  /** What is shown now. */
  readonly view: View;
  /** The box that an event is over; null: none. */
  boxUnder(event: MouseEvent): number | null;
  hover(box: number | null, x: number, y: number): void;
  click(box: number): void;
  adjust(view: View): void;
}

export class FlamePointer {
  private drag: { x: number; y: number; top: number; view: View; moved: boolean } | null = null;

  /** Drags begin on the `surface` alone, not on the bars of the scroller. */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly surface: HTMLElement,
    private readonly graph: PointedGraph,
  ) {
    scroller.addEventListener('pointerdown', (event) => this.down(event));
    scroller.addEventListener('pointermove', (event) => this.move(event));
    scroller.addEventListener('pointerup', (event) => this.up(event));
    scroller.addEventListener('pointercancel', () => (this.drag = null));
    scroller.addEventListener('pointerleave', () => graph.hover(null, 0, 0));
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || event.target !== this.surface) return;
    const { view } = this.graph;
    this.drag = { x: event.clientX, y: event.clientY, top: this.scroller.scrollTop, view, moved: false };
  }

  private move(event: PointerEvent): void {
    const { drag, graph, scroller } = this;
    if (drag === null) {
      graph.hover(graph.boxUnder(event), event.clientX, event.clientY);
      return;
    }
    const right = event.clientX - drag.x;
    const down = event.clientY - drag.y;
    if (!drag.moved) {
      if (Math.abs(right) + Math.abs(down) < DRAG_BEGINS) return;
      drag.moved = true;
      scroller.setPointerCapture(event.pointerId);
      graph.hover(null, 0, 0);
    }
    scroller.scrollTop = drag.top - down;
    const width = drag.view.x1 - drag.view.x0;
    if (width < 1) graph.adjust(moved(drag.view, (-right / scroller.clientWidth) * width));
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    this.drag = null;
    if (drag === null || drag.moved) return;
    const box = this.graph.boxUnder(event);
    if (box !== null) this.graph.click(box);
  }
}
