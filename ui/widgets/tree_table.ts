// SPDX-License-Identifier: MIT
// A table of rows that have rows below them: virtual, so that a million rows scroll, and a treegrid for those who
// hear it. It knows rows as the view gives them, and asks for a row's children when that is opened.
//
//   line   a row where it stands now: with its depth, open or not; `lines` are all that could be scrolled to
//
// Keys: arrows, Page Up and Down, Home, End; Right opens, Left closes or goes to the parent; Enter chooses; "e"
// opens the way to the heaviest row below.

import { h } from './dom';
import { indentOf } from './tree_indent';
import './tree_table.css';

export interface Column<R> {
  id: string;
  title: string;
  meaning?: string;
  width: string;
  align: 'left' | 'right';
  sortable: boolean;
  /** Fills the cell; the table empties it before. */
  fill(cell: HTMLElement, row: R): void;
}

export interface TreeTableOptions<R> {
  label: string;
  columns: Column<R>[];
  roots: R[];
  idOf(row: R): string;
  /** In the order in which they are to be shown. */
  childrenOf(row: R): R[];
  hasChildren(row: R): boolean;
  sort: { column: string; descending: boolean };
  sorted(column: string, descending: boolean): void;
  selected(row: R | null): void;
  chosen?(row: R): void;
  menu?(row: R, x: number, y: number): void;
}

class Line<R> {
  open = false;
  private below: boolean | null = null;

  constructor(
    private readonly table: { hasChildren(row: R): boolean },
    readonly row: R,
    readonly depth: number,
    /** How far in it stands: an only child stands where its parent does, so that long chains stay readable. */
    readonly indent: number,
  ) {}

  /** Whether it can be opened; of most lines nobody ever asks. */
  get opens(): boolean {
    this.below ??= this.table.hasChildren(this.row);
    return this.below;
  }
}

const ROW = 26; // pixels; the style sheet says the same
const AROUND = 8; // rows drawn beyond the edges, once those between them are on the screen
const STRAIGHT = 60; // at most so many single children are opened at once
let tables = 0;

export class TreeTable<R> {
  private readonly number = tables++;
  private readonly head = h('div', { class: 'tt-head', role: 'row' });
  private readonly space = h('div', { class: 'tt-space', role: 'rowgroup' });
  private readonly scroller: HTMLElement;
  private lines: Line<R>[] = [];
  private readonly opened = new Set<string>();
  private current = -1;
  private drawn = new Map<number, HTMLElement>();
  private readonly resized = new ResizeObserver(() => this.sizeChanged());
  private nameWidth = 0; // pixels of the first column
  private later = 0; // frame in which more rows are drawn
  private template = '';

  constructor(
    host: HTMLElement,
    private options: TreeTableOptions<R>,
  ) {
    this.scroller = h(
      'div',
      {
        class: 'tree-table',
        role: 'treegrid',
        tabindex: '0',
        on: { scroll: () => this.draw(), keydown: (event) => this.key(event) },
      },
      this.head,
      this.space,
    );
    this.space.addEventListener('click', (event) => this.clicked(event));
    this.space.addEventListener('dblclick', (event) => {
      const line = this.lines[this.indexAt(event.target)];
      if (line !== undefined) this.options.chosen?.(line.row);
    });
    this.space.addEventListener('contextmenu', (event) => {
      const index = this.indexAt(event.target);
      if (index < 0 || this.options.menu === undefined) return;
      event.preventDefault();
      this.select(index);
      this.options.menu(this.lines[index]!.row, event.clientX, event.clientY);
    });
    host.append(this.scroller);
    this.resized.observe(this.scroller);
    this.update(options);
  }

  /** Shows other rows or columns; what was open and selected stays so where it is still there. */
  update(options: TreeTableOptions<R>): void {
    const kept = this.current >= 0 ? this.idOf(this.lines[this.current]!.row) : null;
    this.options = options;
    this.scroller.setAttribute('aria-label', options.label);
    this.scroller.setAttribute('aria-colcount', String(options.columns.length));
    this.lines = [];
    const add = (rows: R[], depth: number, indent: number): void => {
      for (const row of rows) {
        const line = new Line(options, row, depth, indent);
        this.lines.push(line);
        line.open = this.opened.size > 0 && this.opened.has(options.idOf(row)) && line.opens;
        if (!line.open) continue;
        const children = options.childrenOf(row);
        add(children, depth + 1, children.length > 1 ? indent + 1 : indent);
      }
    };
    add(options.roots, 0, 0);
    this.current = kept === null ? -1 : this.lines.findIndex((line) => this.idOf(line.row) === kept);
    this.drawHead();
    this.redraw();
  }

  /** Selects a row without telling so. */
  mark(id: string): void {
    this.current = this.lines.findIndex((line) => this.idOf(line.row) === id);
    this.markCurrent();
  }

  focus(): void {
    this.scroller.focus();
  }

  dispose(): void {
    cancelAnimationFrame(this.later);
    this.resized.disconnect();
    this.scroller.remove();
  }

  private idOf(row: R): string {
    return this.options.idOf(row);
  }

  private drawHead(): void {
    const { columns, sort } = this.options;
    const template = columns.map((column) => column.width).join(' ');
    const isOtherTemplate = template !== this.template;
    if (isOtherTemplate) {
      this.template = template;
      this.scroller.style.setProperty('--columns', template);
    }
    const cells = columns.map((column) => {
      const sorted = column.id === sort.column;
      const cell = h('div', {
        class: `tt-cell ${column.align}${sorted ? ' sorted' : ''}`,
        role: 'columnheader',
        title: column.meaning,
        'aria-sort': sorted ? (sort.descending ? 'descending' : 'ascending') : undefined,
      });
      if (column.sortable) {
        const arrow = sorted && h('span', { 'aria-hidden': 'true' }, sort.descending ? ' ↓' : ' ↑');
        const click = (): void => this.options.sorted(column.id, sorted ? !sort.descending : true);
        cell.append(h('button', { type: 'button', on: { click } }, column.title, arrow));
      } else cell.append(h('span', {}, column.title));
      return cell;
    });
    this.head.replaceChildren(...cells);
    if (isOtherTemplate) this.nameWidth = this.widthOfNames();
  }

  private sizeChanged(): void {
    const width = this.widthOfNames();
    if (width === this.nameWidth) this.draw();
    else {
      this.nameWidth = width;
      this.redraw();
    }
  }

  private widthOfNames(): number {
    return this.head.firstElementChild?.clientWidth ?? 0;
  }

  private redraw(): void {
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    this.space.style.height = `${this.lines.length * ROW}px`;
    this.scroller.setAttribute('aria-rowcount', String(this.lines.length + 1));
    this.draw(0);
    cancelAnimationFrame(this.later);
    this.later = requestAnimationFrame(() => {
      this.later = requestAnimationFrame(() => this.draw());
    });
  }

  private draw(around = AROUND): void {
    const top = Math.max(Math.floor(this.scroller.scrollTop / ROW) - around, 0);
    const height = this.scroller.clientHeight || 600;
    const end = Math.min(top + Math.ceil(height / ROW) + 2 * around, this.lines.length);
    for (const [index, element] of this.drawn)
      if (index < top || index >= end) {
        element.remove();
        this.drawn.delete(index);
      }
    const made: HTMLElement[] = [];
    for (let index = top; index < end; index++) {
      if (this.drawn.has(index)) continue;
      const element = this.drawLine(index);
      this.drawn.set(index, element);
      made.push(element);
    }
    this.space.append(...made);
    this.markCurrent();
  }

  private drawLine(index: number): HTMLElement {
    const line = this.lines[index]!;
    const element = h('div', {
      class: 'tt-row',
      role: 'row',
      id: `tt${this.number}-${index}`,
      'data-index': index,
      'aria-level': line.depth + 1,
      'aria-rowindex': index + 2,
      'aria-expanded': line.opens ? String(line.open) : undefined,
    });
    element.style.transform = `translateY(${index * ROW}px)`;
    this.options.columns.forEach((column, c) => {
      const cell = h('div', { class: `tt-cell ${column.align}`, role: 'gridcell' });
      if (c === 0) {
        const { pixels, isCut } = indentOf(line.indent, this.nameWidth);
        cell.style.paddingLeft = `${pixels}px`;
        cell.append(h('span', { class: line.opens ? (line.open ? 'tt-fold open' : 'tt-fold') : 'tt-fold none' }));
        if (isCut) cell.append(levelOf(line.depth + 1));
      }
      column.fill(cell, line.row);
      element.append(cell);
    });
    return element;
  }

  private markCurrent(): void {
    for (const [index, element] of this.drawn) {
      const selected = index === this.current;
      element.classList.toggle('selected', selected);
      element.setAttribute('aria-selected', String(selected));
    }
    if (this.drawn.has(this.current))
      this.scroller.setAttribute('aria-activedescendant', `tt${this.number}-${this.current}`);
    else this.scroller.removeAttribute('aria-activedescendant');
  }

  private indexAt(target: EventTarget | null): number {
    const element = target instanceof Element ? target.closest<HTMLElement>('.tt-row') : null;
    return element === null ? -1 : Number(element.dataset['index']);
  }

  private clicked(event: MouseEvent): void {
    const index = this.indexAt(event.target);
    if (index < 0) return;
    if (event.target instanceof Element && event.target.classList.contains('tt-fold')) this.toggle(index);
    this.select(index);
  }

  private select(index: number): void {
    if (index < 0 || index >= this.lines.length) return;
    const changed = index !== this.current;
    this.current = index;
    const above = this.scroller.scrollTop;
    const room = this.scroller.clientHeight - this.head.offsetHeight;
    if (index * ROW < above) this.scroller.scrollTop = index * ROW;
    else if ((index + 1) * ROW > above + room) this.scroller.scrollTop = (index + 1) * ROW - room;
    this.draw();
    if (changed) this.options.selected(this.lines[index]!.row);
  }

  private toggle(index: number): void {
    const line = this.lines[index];
    if (line === undefined || !line.opens) return;
    if (line.open) this.close(index);
    else {
      // What has a single child is opened with it: there is nothing to choose on the way.
      let at = index;
      for (let i = 0; i < STRAIGHT && this.open(at) === 1 && this.lines[at + 1]!.opens; i++) at++;
    }
    this.redraw();
  }

  /** Opens a line and returns how many children it has. */
  private open(index: number): number {
    const line = this.lines[index]!;
    line.open = true;
    this.opened.add(this.idOf(line.row));
    const rows = this.options.childrenOf(line.row);
    const indent = rows.length > 1 ? line.indent + 1 : line.indent;
    const children = rows.map((row) => new Line(this.options, row, line.depth + 1, indent));
    this.lines = this.lines.slice(0, index + 1).concat(children, this.lines.slice(index + 1));
    if (this.current > index) this.current += children.length;
    return children.length;
  }

  private close(index: number): void {
    const line = this.lines[index]!;
    line.open = false;
    this.opened.delete(this.idOf(line.row));
    let end = index + 1;
    while (end < this.lines.length && this.lines[end]!.depth > line.depth) end++;
    if (this.current >= end) this.current -= end - index - 1;
    else if (this.current > index) this.current = index;
    this.lines.splice(index + 1, end - index - 1);
  }

  private openHeaviest(): void {
    let at = this.current;
    for (let i = 0; i < STRAIGHT * 4 && this.lines[at]?.opens; i++) {
      if (!this.lines[at]!.open && this.open(at) === 0) break;
      at++;
    }
    this.redraw();
    this.select(at);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(Math.floor(this.scroller.clientHeight / ROW) - 2, 1);
    const line = this.lines[this.current];
    switch (event.key) {
      case 'ArrowDown':
        this.select(Math.min(this.current + 1, this.lines.length - 1));
        break;
      case 'ArrowUp':
        this.select(Math.max(this.current - 1, 0));
        break;
      case 'PageDown':
        this.select(Math.min(this.current + page, this.lines.length - 1));
        break;
      case 'PageUp':
        this.select(Math.max(this.current - page, 0));
        break;
      case 'Home':
        this.select(0);
        break;
      case 'End':
        this.select(this.lines.length - 1);
        break;
      case 'ArrowRight':
        if (line?.opens && !line.open) this.toggle(this.current);
        else this.select(Math.min(this.current + 1, this.lines.length - 1));
        break;
      case 'ArrowLeft':
        if (line?.open) this.toggle(this.current);
        else if (line !== undefined) {
          let above = this.current;
          while (above > 0 && this.lines[above]!.depth >= line.depth) above--;
          this.select(above);
        }
        break;
      case 'Enter':
        if (event.target !== this.scroller) return;
        if (line !== undefined) this.options.chosen?.(line.row);
        break;
      case 'e':
        this.openHeaviest();
        break;
      case 'F10':
      case 'ContextMenu': {
        const element = this.drawn.get(this.current);
        if ((event.key === 'F10' && !event.shiftKey) || line === undefined || element === undefined) return;
        const box = element.getBoundingClientRect();
        this.options.menu?.(line.row, box.left + 60, box.bottom);
        break;
      }
      default:
        return;
    }
    event.preventDefault();
  }
}

/** What is heard of the level is in the row itself. */
function levelOf(level: number): HTMLElement {
  const title = `Level ${level}: too deep to stand further in`;
  return h('span', { class: 'tt-level', title, 'aria-hidden': 'true' }, `${level}`);
}
