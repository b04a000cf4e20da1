// SPDX-License-Identifier: MIT
// The keys of a flame graph: arrows go from box to box, Enter zooms, Escape zooms out, Backspace and the brackets go
// through the zooms, "+" and "-" zoom by hand, slash searches, "n" goes through what was found.

import { endOf, isWithin, levelOf, type Layout } from '../model/flame_layout';
import { boxOfPath, type View } from './flamegraph_zoom';

/** What the keys do. */
export interface KeyedGraph {
  readonly selected: number | null;
  readonly isWhole: boolean;
  select(box: number): void;
  selectMatch(step: 1 | -1): void;
  zoomTo(box: number): void;
  zoomBy(factor: number): void;
  zoomBack(): void;
  zoomForward(): void;
  zoomOut(): void;
}

/** What is shown. */
export interface KeyedPicture {
  layout: Layout;
  grows: 'up' | 'down';
  view: View;
}

/** Where a key leads that is not about boxes and zooms. */
export interface KeyWishes {
  search(): void;
  menu(box: number): void;
}

export function actionOfKey(
  event: KeyboardEvent,
  graph: KeyedGraph,
  picture: KeyedPicture,
  wishes: KeyWishes,
): (() => void) | null {
  const { layout, grows, view } = picture;
  const box = graph.selected ?? boxOfPath(layout, view.path);
  const inwards = grows === 'up' ? 'ArrowUp' : 'ArrowDown';
  switch (event.key) {
    case 'ArrowUp':
    case 'ArrowDown':
      if (graph.selected === null) return () => graph.select(box);
      if (event.key === inwards) return () => graph.select(childInView(picture, box));
      return () => graph.select(layout.parent[box]!);
    case 'ArrowLeft':
      return () => graph.select(neighbour(picture, box, -1));
    case 'ArrowRight':
      return () => graph.select(neighbour(picture, box, 1));
    case 'Home':
      return () => graph.select(0);
    case 'Enter':
    case ' ':
      return () => graph.zoomTo(box);
    case 'Escape':
      return graph.isWhole ? null : () => graph.zoomOut();
    case 'Backspace':
      return event.shiftKey ? () => graph.zoomForward() : () => graph.zoomBack();
    case '[':
      return () => graph.zoomBack();
    case ']':
      return () => graph.zoomForward();
    case '+':
    case '=':
      return () => graph.zoomBy(1 / 2);
    case '-':
      return () => graph.zoomBy(2);
    case '/':
      return () => wishes.search();
    case 'n':
      return () => graph.selectMatch(1);
    case 'N':
      return () => graph.selectMatch(-1);
    case 'ContextMenu':
      return () => wishes.menu(box);
    default:
      return null;
  }
}

/** The widest child that lies in the view, or the box itself where there is none. */
function childInView({ layout, view }: KeyedPicture, box: number): number {
  const from = view.x0 * layout.total[0]![0]!;
  for (let child = layout.firstChild[box]!; child < layout.firstChild[box + 1]!; child++)
    if (endOf(layout, child) > from) return child;
  return box;
}

/** The box beside this one in its level, if it lies in what is zoomed to. */
function neighbour({ layout, view }: KeyedPicture, box: number, step: 1 | -1): number {
  const depth = levelOf(layout, box);
  const beside = box + step;
  if (beside < layout.level[depth]! || beside >= layout.level[depth + 1]!) return box;
  const around = boxOfPath(layout, view.path);
  return levelOf(layout, around) >= depth || isWithin(layout, beside, around) ? beside : box;
}
