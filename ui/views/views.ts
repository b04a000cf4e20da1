// SPDX-License-Identifier: MIT
// The views, in the order in which they are listed.

import { flameKind } from './flame';
import { placeholder } from './placeholder';
import { sizesKind } from './sizes';
import { sourceKind } from './source';
import { threadsKind } from './threads';
import type { ViewKind } from './view';

export const VIEWS: readonly ViewKind[] = [
  placeholder('overview', 'Overview', 'run', 'M2 13V3M2 13h12M4.5 10.5l3-4 2.5 2 3.5-5'),
  flameKind,
  placeholder('bottom-up', 'Bottom-up', 'stacks', 'M8 13V3M4 7l4-4 4 4'),
  placeholder('top-down', 'Top-down', 'stacks', 'M8 3v10M4 9l4 4 4-4'),
  placeholder('callers', 'Caller / callee', 'stacks', 'M2 8h12M5 5L2 8l3 3M11 5l3 3-3 3'),
  sourceKind,
  placeholder('leaks', 'Leaks', 'blocks', 'M8 2c2.5 3.5 4 5.5 4 7.5a4 4 0 0 1-8 0C4 7.5 5.5 5.5 8 2z'),
  placeholder(
    'temporary',
    'Temporary',
    'blocks',
    'M4 2h8M4 14h8M5 2c0 3 2 4.5 3 6 1-1.5 3-3 3-6M5 14c0-3 2-4.5 3-6 1 1.5 3 3 3 6',
  ),
  sizesKind,
  threadsKind,
];
