// SPDX-License-Identifier: MIT
// Text can be read on every colour of a flame graph, in both themes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changeSteps,
  colourOfChange,
  colourOfModule,
  colourOfShare,
  coloursOf,
  shareSteps,
} from './flamegraph_colours';
import { contrast, oklch } from './oklch';

test('known colours', () => {
  assert.equal(oklch(1, 0, 0), '#ffffff');
  assert.equal(oklch(0, 0, 0), '#000000');
  assert.equal(oklch(0.627955, 0.257683, 29.2339), '#ff0000');
  assert.equal(contrast('#000000', '#ffffff'), 21);
});

for (const theme of ['light', 'dark'] as const) {
  test(`text has a contrast of 4.5 and more on each fill, ${theme}`, () => {
    const { fills, faded, text, textFaded } = coloursOf(theme);
    for (const fill of fills) assert.ok(contrast(fill, text) >= 4.5, `${fill}: ${contrast(fill, text)}`);
    for (const fill of faded) assert.ok(contrast(fill, textFaded) >= 4.5, `${fill}: ${contrast(fill, textFaded)}`);
  });
}

test('growth and shrinking go to opposite ends, and no change to the middle', () => {
  const steps = changeSteps();
  assert.equal(colourOfChange(5, 5), steps[5]);
  assert.equal(colourOfChange(0, 0), steps[5]);
  assert.equal(colourOfChange(0, 7), steps[10]);
  assert.equal(colourOfChange(7, 0), steps[0]);
  assert.equal(colourOfChange(1000, 1001), steps[6]);
  assert.equal(colourOfChange(1001, 1000), steps[4]);
});

test('a share, a module and the root have colours', () => {
  const { fills, root } = coloursOf('light');
  for (const share of [-1, 0, 0.5, 1, 2]) assert.ok(shareSteps().includes(colourOfShare(share)));
  for (const rank of [0, 5, 99]) assert.ok(fills[colourOfModule(rank, 'main', false)]);
  assert.ok(fills[root]);
  assert.notEqual(colourOfModule(0, 'main', true), colourOfModule(0, 'main', false));
});
