// SPDX-License-Identifier: MIT
// What stands where a view has nothing to show: it is being made, there is nothing, or it could not be made.

import { h } from './dom';
import { prose } from './prose';
import './status.css';

export function loading(what: string): HTMLElement {
  return h('div', { class: 'status', role: 'status' }, h('div', { class: 'spinner', 'aria-hidden': 'true' }), what);
}

export function empty(what: string, why = ''): HTMLElement {
  return h('div', { class: 'status', role: 'status' }, h('strong', {}, what), why !== '' && h('p', {}, ...prose(why)));
}

export function failed(error: unknown, retry?: () => void): HTMLElement {
  const said = error instanceof Error ? error.message : String(error);
  return h(
    'div',
    { class: 'status failed', role: 'alert' },
    h('strong', {}, 'This could not be shown'),
    h('p', {}, ...prose(said)),
    retry && h('button', { type: 'button', on: { click: retry } }, 'Try again'),
  );
}
