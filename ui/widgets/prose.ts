// SPDX-License-Identifier: MIT
// Sentences in which `commands` stand between backticks, as they are written for a terminal, too.

import { h } from './dom';

/** With the commands as code. */
export function prose(text: string): (string | HTMLElement)[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : h('code', {}, part)));
}

/** For a title, which has no markup. */
export function plainProse(text: string): string {
  return text.replaceAll('`', '');
}
