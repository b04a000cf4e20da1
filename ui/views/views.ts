// SPDX-License-Identifier: MIT
// The views, in the order in which they are listed.

import { bottomUp } from './bottom_up';
import { flameKind } from './flame';
import { overview } from './overview';
import { placeholder } from './placeholder';
import { sizesKind } from './sizes';
import { sourceKind } from './source';
import { temporary } from './temporary';
import { threadsKind } from './threads';
import { topDown } from './top_down';
import type { ViewKind } from './view';

export const VIEWS: readonly ViewKind[] = [
  overview,
  flameKind,
  bottomUp,
  topDown,
  placeholder('callers', 'Caller / callee', 'stacks', 'M2 8h12M5 5L2 8l3 3M11 5l3 3-3 3'),
  sourceKind,
  placeholder('leaks', 'Leaks', 'blocks', 'M8 2c2.5 3.5 4 5.5 4 7.5a4 4 0 0 1-8 0C4 7.5 5.5 5.5 8 2z'),
  temporary,
  sizesKind,
  threadsKind,
];
