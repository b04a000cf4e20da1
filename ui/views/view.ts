// SPDX-License-Identifier: MIT
// What a view is, and what it may ask of the app around it.

import type { Recordings } from '../api/types';
import type { Answer } from '../model/answer';
import type { GroupBy } from '../model/call_tree';
import type { Session } from '../model/session';
import type { State } from '../model/state';

export interface App {
  readonly state: State;
  readonly session: Session;
  readonly recordings: Recordings;
  readonly theme: 'light' | 'dark';
  /** Goes to a changed state. `replace` leaves no entry for the back button: for what changes many times. */
  go(change: Partial<State>, how?: 'push' | 'replace'): void;
  /** The state may well change so: what that asks is asked ahead. */
  expect(change: Partial<State>): void;
  /** The URL of a changed state, for links. */
  url(change: Partial<State>): string;
  /** The answer to the current state's question; the view's call tree is made with it. Rejected with an AbortError
   *  when the question changes before. */
  answer(): Promise<Answer>;
  /** Ends when the question changes: for what a view asks of the source itself. */
  readonly signal: AbortSignal;
}

export interface View {
  /** The state has changed, or the theme: draws it. Rejections are shown in the view's place. */
  show(state: State): void | Promise<void>;
  dispose(): void;
}

export interface ViewKind {
  id: string;
  title: string;
  /** An icon: strokes of an SVG path, 16 by 16. */
  icon: string;
  group: 'run' | 'stacks' | 'blocks';
  /** How the call tree that it shows is grouped: as the state says unless told here; null: it shows none. */
  tree?: GroupBy | null;
  /** It shows the time line itself, so that the strip above the views is left out. */
  ownTimeline?: boolean;
  create(host: HTMLElement, app: App): View;
}
