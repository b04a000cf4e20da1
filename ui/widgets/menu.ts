// SPDX-License-Identifier: MIT
// A menu at a place of the page: by pointer and by keyboard, gone when something else is wanted.

import { h } from './dom';
import './menu.css';

export interface MenuItem {
  label: string;
  hint?: string;
  checked?: boolean;
  disabled?: boolean;
  run(): void;
}

let open: { close(): void } | null = null;

/** Opens at x, y of the window; `null` between items is a line. */
export function showMenu(label: string, x: number, y: number, items: (MenuItem | null)[]): void {
  open?.close();
  const before = document.activeElement;
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label });
  const buttons: HTMLButtonElement[] = [];
  const close = (): void => {
    menu.remove();
    document.removeEventListener('pointerdown', outside, true);
    window.removeEventListener('blur', close);
    window.removeEventListener('resize', close);
    open = null;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  const outside = (event: Event): void => {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  };
  for (const item of items) {
    if (item === null) {
      menu.append(h('div', { class: 'menu-line', role: 'separator' }));
      continue;
    }
    const choose = (): void => {
      close();
      item.run();
    };
    const button = h(
      'button',
      {
        type: 'button',
        role: item.checked === undefined ? 'menuitem' : 'menuitemcheckbox',
        'aria-checked': item.checked === undefined ? undefined : String(item.checked),
        tabindex: '-1',
        disabled: item.disabled,
        on: { click: choose },
      },
      item.checked !== undefined && h('span', { class: 'menu-check' }, item.checked ? '✓' : ''),
      h('span', {}, item.label),
      item.hint !== undefined && h('span', { class: 'menu-hint' }, item.hint),
    );
    buttons.push(button);
    menu.append(button);
  }
  menu.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons[(to + buttons.length) % buttons.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(x, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, innerHeight - box.height - 8))}px`;
  document.addEventListener('pointerdown', outside, true);
  window.addEventListener('blur', close);
  window.addEventListener('resize', close);
  open = { close };
  buttons.find((button) => !button.disabled)?.focus();
}

/** Opens below a button. */
export function showMenuBelow(label: string, button: HTMLElement, items: (MenuItem | null)[]): void {
  const box = button.getBoundingClientRect();
  showMenu(label, box.left, box.bottom + 4, items);
}
