// SPDX-License-Identifier: MIT
// The views, in the order in which they are listed.

import { bottomUp } from './bottom_up';
import { callers } from './callers';
import { flameKind } from './flame';
import { leaks } from './leaks';
import { overview } from './overview';
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
  callers,
  sourceKind,
  leaks,
  temporary,
  sizesKind,
  threadsKind,
];
