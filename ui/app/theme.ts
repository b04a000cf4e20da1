// SPDX-License-Identifier: MIT
// Dark or light: as the system says, or as was chosen here last.

export type Theme = 'light' | 'dark';

const KEY = 'heapwise.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
  return chosen() ?? (dark.matches ? 'dark' : 'light');
}

export function applyTheme(): Theme {
  const theme = currentTheme();
  document.documentElement.dataset['theme'] = theme;
  return theme;
}

/** Takes the other theme; what the system says is remembered as no choice. */
export function switchTheme(): void {
  const next = currentTheme() === 'dark' ? 'light' : 'dark';
  try {
    if ((next === 'dark') === dark.matches) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    document.documentElement.dataset['chosen'] = next; // a page of a file may keep nothing
  }
  applyTheme();
}

export function onSystemTheme(listener: () => void): void {
  dark.addEventListener('change', listener);
}

function chosen(): Theme | null {
  let text: string | null | undefined;
  try {
    text = localStorage.getItem(KEY);
  } catch {
    text = document.documentElement.dataset['chosen'];
  }
  return text === 'dark' || text === 'light' ? text : null;
}
