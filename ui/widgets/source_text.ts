// SPDX-License-Identifier: MIT
// The text of a source file with what its lines cost beside them.
//
// Lines stand in blocks that the browser lays out only when they come into sight, so that a file of a hundred
// thousand lines opens at once.

import './source_text.css';

export interface LineFigure {
  /** What stands in the two columns, and what is told when one points at them. */
  made: string;
  through: string;
  told: string;
  /** From 0 to 1: how much of the file's most expensive line this one is. */
  heat: number;
}

export interface SourceTextOptions {
  text: string;
  figures: ReadonlyMap<number, LineFigure>;
  columns: [made: string, through: string];
  /** The line that is shown first. */
  line: number | null;
}

const LINES_IN_BLOCK = 200;
const LINE_HEIGHT_REM = 1.25;
const TEXT_LIMIT = 2000; // letters of a line; generated files have lines of megabytes

export function sourceText(options: SourceTextOptions): HTMLElement {
  const lines = options.text.split(/\r?\n/);
  if (lines[lines.length - 1] === '') lines.pop();
  const table = document.createElement('div');
  table.className = 'source';
  table.setAttribute('role', 'table');
  table.setAttribute('aria-rowcount', String(lines.length + 1));
  table.tabIndex = 0;
  table.append(heading(options.columns));
  const digits = String(lines.length).length;
  table.style.setProperty('--source-digits', `${digits + 1}ch`);
  for (let from = 0; from < lines.length; from += LINES_IN_BLOCK) {
    const block = document.createElement('div');
    block.className = 'source-block';
    block.setAttribute('role', 'rowgroup');
    const slice = lines.slice(from, from + LINES_IN_BLOCK);
    block.style.containIntrinsicSize = `auto ${slice.length * LINE_HEIGHT_REM}rem`;
    slice.forEach((text, i) => block.append(sourceLine(text, from + i + 1, options)));
    table.append(block);
  }
  return table;
}

/** Brings a line into the middle; the element must be in the document. */
export function scrollToLine(table: HTMLElement, line: number): void {
  const block = table.querySelectorAll('.source-block')[Math.floor((line - 1) / LINES_IN_BLOCK)];
  block?.children[(line - 1) % LINES_IN_BLOCK]?.scrollIntoView({ block: 'center' });
}

function heading(columns: [string, string]): HTMLElement {
  const row = document.createElement('div');
  row.className = 'source-line source-heading';
  row.setAttribute('role', 'row');
  row.append(...[...columns, 'line', ''].map((text) => cell('columnheader', 'source-head', text)));
  return row;
}

function sourceLine(text: string, number: number, options: SourceTextOptions): HTMLElement {
  const figure = options.figures.get(number);
  const row = document.createElement('div');
  row.className = 'source-line';
  row.setAttribute('role', 'row');
  row.setAttribute('aria-rowindex', String(number + 1));
  if (number === options.line) row.classList.add('is-wanted');
  if (figure !== undefined) {
    row.classList.add('has-figures');
    row.style.setProperty('--heat', String(figure.heat));
    row.title = figure.told;
  }
  const shown = text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
  row.append(
    cell('cell', 'source-figure', figure?.made ?? ''),
    cell('cell', 'source-figure', figure?.through ?? ''),
    cell('rowheader', 'source-number', String(number)),
    cell('cell', 'source-code', shown),
  );
  return row;
}

function cell(role: string, className: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.setAttribute('role', role);
  element.className = className;
  element.textContent = text;
  return element;
}
