// SPDX-License-Identifier: MIT
// Temporary allocations: blocks whose end was the very next thing that their thread did with the heap. Often they
// are work that need not be done: a buffer or a string that could be kept, or never be made.

import { countText, shareText } from '../model/format';
import { StackView } from './stack_view';
import type { ViewKind } from './view';

export const temporary: ViewKind = {
  id: 'temporary',
  title: 'Temporary',
  icon: 'M4 2h8M4 14h8M5 2c0 3 2 4.5 3 6 1-1.5 3-3 3-6M5 14c0-3 2-4.5 3-6 1 1.5 3 3 3 6',
  group: 'blocks',
  create: (host, app) =>
    new StackView(host, app, {
      title: 'Temporary allocations',
      direction: 'bottom-up',
      cost: 'temporary',
      columns: ['temporary', 'temporary_bytes', 'allocations', 'allocated_bytes'],
      nothing: 'There were no temporary allocations',
      note(answer) {
        if (!answer.knows('temporary')) return 'This recording does not tell which blocks were temporary.';
        const part = answer.total('temporary');
        const whole = answer.total('allocations');
        const share = shareText(Number(part), Number(whole));
        return `${countText(part)} of ${countText(whole)} allocations (${share}) ended at once`;
      },
    }),
};
