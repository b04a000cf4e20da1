// SPDX-License-Identifier: MIT
// What can be done with a function, file or module of a call stack: the items of its menu.

import type { GroupBy } from '../model/call_tree';
import { functionOfKey, nameOfKey } from '../model/key_names';
import { exactly, OF_MODULE, type StackFilter, type Subject } from '../model/stack_filter';
import { baseName } from '../model/tables';
import type { MenuItem } from '../widgets/menu';
import type { App } from './view';

export function actionsFor(app: App, by: GroupBy, key: number, line = 0): (MenuItem | null)[] {
  const { tables } = app.session;
  const f = functionOfKey(tables, by, key);
  const { name, full } = nameOfKey(tables, by, key);
  const items: (MenuItem | null)[] = [];
  const filter = (subject: Subject, pattern: string, negated: boolean): void => {
    const filters: StackFilter[] = app.state.filters.concat({ subject, negated, pattern });
    app.go({ filters });
  };
  const add = (subject: Subject, text: string, label: string): void => {
    if (text === '') return;
    items.push(
      { label: `Only stacks through ${label}`, run: () => filter(subject, exactly(text), false) },
      { label: `Without stacks through ${label}`, run: () => filter(subject, exactly(text), true) },
    );
  };
  if (f !== null) {
    items.push({
      label: 'Callers and callees',
      hint: 'Enter',
      run: () => app.go({ view: 'callers', selected: full, sort: null }),
    });
    const frameLine = by === 'line' ? tables.frames.line[key]! : line;
    if (tables.file(f) !== '') items.push({ label: 'Source', run: () => app.go(sourceOf(app, f, frameLine)) });
    items.push(null);
    add('function', full, 'this function');
    items.push({
      label: 'Leave out its frames',
      run: () => app.go({ hide: app.state.hide.concat(exactly(full)) }),
    });
    items.push(null);
    add('file', tables.file(f), baseName(tables.file(f)));
    const module = tables.moduleOf(f);
    add('module', module, baseName(module));
    if (module !== '')
      items.push({
        label: `Leave out the frames of ${baseName(module)}`,
        run: () => app.go({ hide: app.state.hide.concat(OF_MODULE + exactly(module)) }),
      });
    items.push(null);
  } else {
    add(by === 'module' ? 'module' : 'file', full, name);
    items.push(null);
  }
  items.push({ label: 'Copy the name', run: () => void navigator.clipboard?.writeText(full) });
  return items;
}

export function sourceOf(app: App, f: number, line: number): { view: string; own: Record<string, string> } {
  const own: Record<string, string> = { ...app.state.own, path: app.session.tables.file(f) };
  if (line !== 0) own['line'] = String(line);
  else delete own['line'];
  return { view: 'source', own };
}
