// SPDX-License-Identifier: MIT
// Bottom-up: which functions allocate, and who calls them.

import { StackView } from './stack_view';
import type { ViewKind } from './view';

export const bottomUp: ViewKind = {
  id: 'bottom-up',
  title: 'Bottom-up',
  icon: 'M8 13V3M4 7l4-4 4 4',
  group: 'stacks',
  create: (host, app) =>
    new StackView(host, app, {
      title: 'Bottom-up',
      direction: 'bottom-up',
      nothing: 'Nothing was allocated',
    }),
};
