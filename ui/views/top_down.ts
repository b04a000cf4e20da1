// SPDX-License-Identifier: MIT
// Top-down: from main to what allocates.

import { StackView } from './stack_view';
import type { ViewKind } from './view';

export const topDown: ViewKind = {
  id: 'top-down',
  title: 'Top-down',
  icon: 'M8 3v10M4 9l4 4 4-4',
  group: 'stacks',
  create: (host, app) =>
    new StackView(host, app, { title: 'Top-down', direction: 'top-down', nothing: 'Nothing was allocated' }),
};
