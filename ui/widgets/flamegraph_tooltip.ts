// SPDX-License-Identifier: MIT
// What stands beside the pointer on a flame graph: the name of the box below it, and its figures.

import { h } from './dom';

/** The title stands first; figures are a word and an amount. */
export interface BoxInWords {
  title: string;
  place: string;
  figures: [string, string][];
}

export class FlameTooltip {
  readonly element = h('div', { class: 'flame-tooltip', hidden: true, 'aria-hidden': 'true' });

  fill({ title, place, figures }: BoxInWords): void {
    this.element.replaceChildren(
      h('div', { class: 'flame-tooltip-title' }, title),
      h('div', { class: 'flame-tooltip-place' }, place),
      h('dl', {}, ...figures.flatMap(([word, figure]) => [h('dt', {}, word), h('dd', {}, figure)])),
    );
  }

  /** Beside the pointer, where there is room for it in the window. */
  moveTo(x: number, y: number): void {
    const { element } = this;
    element.hidden = false;
    const { offsetWidth, offsetHeight } = element;
    const left = x + 14 + offsetWidth > window.innerWidth ? x - offsetWidth - 10 : x + 14;
    const top = y + 18 + offsetHeight > window.innerHeight ? y - offsetHeight - 10 : y + 18;
    element.style.left = `${Math.max(4, left)}px`;
    element.style.top = `${Math.max(4, top)}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
