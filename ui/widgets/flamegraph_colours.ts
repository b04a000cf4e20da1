// SPDX-License-Identifier: MIT
// The colours of a flame graph. All fills of a theme are about equally light, so that one colour of text can
// be read on each of them, and what differs is the hue.

import { oklch } from './oklch';

export type Theme = 'light' | 'dark';

/** What the colour of a box tells. */
export type ColourBy = 'module' | 'own' | 'change';

export interface Colours {
  fills: readonly string[];
  faded: readonly string[];
  text: string;
  textFaded: string;
  background: string;
  match: string;
  selected: string;
  root: number;
}

// Hues of modules in the order of what they allocate; far from one another, the first ones most.
const HUES = [60, 250, 145, 320, 195, 100, 285, 20, 220, 170, 345, 120];
const SHADES = 5;
const QUIET = HUES.length * SHADES; // the language's run time, and code without names
const HEAT = QUIET + SHADES;
const HEAT_STEPS = 9;
const CHANGE = HEAT + HEAT_STEPS;
const CHANGE_STEPS = 5; // each way from "no change", which is in the middle
const ROOT = CHANGE + 2 * CHANGE_STEPS + 1;

export function coloursOf(theme: Theme): Colours {
  const dark = theme === 'dark';
  const light = dark ? 0.42 : 0.83;
  const shade = (i: number): number => (i - (SHADES - 1) / 2) * (dark ? 0.016 : 0.019);
  const colours: [number, number, number][] = [];
  for (const hue of HUES)
    for (let i = 0; i < SHADES; i++) colours.push([light + shade(i), dark ? 0.085 : 0.09, hue + 4 * (i - 2)]);
  for (let i = 0; i < SHADES; i++) colours.push([light + shade(i), 0.012, 250]);
  for (let i = 0; i < HEAT_STEPS; i++) {
    const heat = i / (HEAT_STEPS - 1);
    colours.push([light + (dark ? 0.06 * heat : -0.1 * heat), 0.01 + (dark ? 0.13 : 0.15) * heat, 95 - 65 * heat]);
  }
  for (let i = -CHANGE_STEPS; i <= CHANGE_STEPS; i++) {
    const much = Math.abs(i) / CHANGE_STEPS;
    colours.push([light + (dark ? 0.05 : -0.09) * much, 0.008 + 0.125 * much, i > 0 ? 45 : 250]);
  }
  colours.push([dark ? 0.36 : 0.88, 0.008, 250]);
  const whiter = (lightness: number): number => (dark ? 0.3 : 0.935) * 0.75 + lightness * 0.25;
  return {
    fills: colours.map(([l, c, h]) => oklch(l, c, h)),
    faded: colours.map(([l, c, h]) => oklch(whiter(l), c * 0.3, h)),
    text: dark ? '#f4f4f6' : '#16181d',
    textFaded: dark ? '#b9bcc6' : '#565b66',
    background: dark ? '#16181d' : '#ffffff',
    match: dark ? '#ff7ad9' : '#b0107f',
    selected: dark ? '#ffffff' : '#000000',
    root: ROOT,
  };
}

/** The colours of functions by their modules: `rank` is the module's place among all, by what it allocates. */
export function colourOfModule(rank: number, name: string, quiet: boolean): number {
  const shade = hashOf(name) % SHADES;
  return quiet ? QUIET + shade : (rank % HUES.length) * SHADES + shade;
}

/** The colour for what a box allocates itself: from 0 to 1 of the most that any one does. */
export function colourOfShare(share: number): number {
  return HEAT + Math.min(HEAT_STEPS - 1, Math.round(Math.sqrt(Math.max(0, share)) * (HEAT_STEPS - 1)));
}

/** Grown is warm and shrunk is cold; the more of it is change, the stronger. */
export function colourOfChange(before: number, after: number): number {
  const most = Math.max(before, after);
  if (most === 0 || before === after) return CHANGE + CHANGE_STEPS;
  const share = (after - before) / most;
  const steps = Math.max(1, Math.round(Math.abs(share) * CHANGE_STEPS));
  return CHANGE + CHANGE_STEPS + (share > 0 ? steps : -steps);
}

/** The fill of a module or of a change, for legends. */
export function changeSteps(): number[] {
  return Array.from({ length: 2 * CHANGE_STEPS + 1 }, (_, i) => CHANGE + i);
}

export function shareSteps(): number[] {
  return Array.from({ length: HEAT_STEPS }, (_, i) => HEAT + i);
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash >>> 1;
}
