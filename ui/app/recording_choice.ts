// SPDX-License-Identifier: MIT
// Where two recordings are compared: which of them the views show, or what changed between them.

import { COMPARISON } from '../model/diff_session';
import { h } from '../widgets/dom';
import type { App } from '../views/view';

export class RecordingChoice {
  readonly element = h('span', { class: 'segments', role: 'group', 'aria-label': 'Recording' });
  private readonly buttons = new Map<number, HTMLButtonElement>();

  constructor(private readonly app: App) {}

  show(): void {
    if (this.buttons.size === 0) this.build();
    for (const [id, button] of this.buttons)
      button.setAttribute('aria-pressed', String(id === this.app.state.recording));
  }

  private build(): void {
    const path = (id: number): string => this.app.recordings.recordings.find((r) => r.id === id)?.path ?? '';
    const choices: [number, string, string][] = [
      [COMPARISON, 'Change', `From ${path(1)} to ${path(0)}`],
      [0, 'After', path(0)],
      [1, 'Before', path(1)],
    ];
    for (const [id, label, title] of choices) {
      const on = { click: () => this.app.go({ recording: id }) };
      const button = h('button', { type: 'button', title, on }, label);
      this.buttons.set(id, button);
      this.element.append(button);
    }
  }
}
