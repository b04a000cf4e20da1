// SPDX-License-Identifier: MIT
// A menu at a place of the window: arrows, Enter and Esc work, and so does a click beside it.

import { h } from './dom';
import './popup.css';

export interface PopupItem {
  label: string;
  run: () => void;
}

export function popup(x: number, y: number, items: readonly PopupItem[], closed: () => void): void {
  const menu = h('div', { class: 'popup', role: 'menu' });
  const close = (): void => {
    menu.remove();
    document.removeEventListener('pointerdown', outside, true);
    closed();
  };
  const outside = (event: Event): void => {
    if (!menu.contains(event.target as Node)) close();
  };
  for (const { label, run } of items) {
    const click = (): void => {
      close();
      run();
    };
    menu.append(h('button', { type: 'button', role: 'menuitem', on: { click } }, label));
  }
  menu.addEventListener('keydown', (event) => {
    const buttons = [...menu.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
    const to = steps[event.key];
    if (to !== undefined) buttons[(to + buttons.length) % buttons.length]!.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  menu.style.left = `${Math.max(4, Math.min(x, window.innerWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, window.innerHeight - menu.offsetHeight - 4))}px`;
  menu.querySelector('button')!.focus();
  document.addEventListener('pointerdown', outside, true);
}
