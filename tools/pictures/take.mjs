// SPDX-License-Identifier: MIT
// node take.mjs FOLDER RECORDING URL [NAMES…]: takes the pictures of the documentation that are of one recording.
//
// A picture is an address of the UI, and what is done there before it is taken. All of them are in the list below.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPage, settled, withBrowser } from '../../tests/ui/browser.mjs';
import { smallPng } from './small_png.mjs';

const [folder, recording, url, ...names] = process.argv.slice(2);
const SIZE = { width: 1200, height: 720 };

const select = (page, row) => page.locator('.tt-row .tt-name').nth(row).click();
const keys = async (page, ...pressed) => {
  for (const key of pressed) await page.keyboard.press(key);
};
const chart = (page) => page.locator('.u-over').first();
const drag = async (page, from, to) => {
  const box = await chart(page).boundingBox();
  await page.mouse.move(box.x + box.width * from, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + 90, { steps: 6 });
  await page.mouse.up();
};

const PICTURES = {
  clang: [
    { name: 'overview', at: 'overview' },
    { name: 'overview-dark', at: 'overview', colorScheme: 'dark' },
    {
      name: 'range',
      at: 'overview',
      act: async (page) => {
        await drag(page, 0.1, 0.25);
        await calm(page);
        const box = await chart(page).boundingBox();
        await page.mouse.click(box.x + box.width * 0.22, box.y + 150, { button: 'right' });
      },
    },
    { name: 'flame', at: 'flame?cost=peak_bytes' },
    { name: 'bottom-up', at: 'bottom-up', act: (page) => select(page, 2) },
    {
      name: 'top-down',
      at: 'top-down',
      act: async (page) => {
        await select(page, 0);
        for (let i = 0; i < 15; i++) await keys(page, 'ArrowRight');
        await page.getByRole('button', { name: 'Close' }).click();
      },
    },
    { name: 'callers', at: 'callers?selected=clang%3A%3ACodeGenAction%3A%3AExecuteAction()' },
    { name: 'leaks', at: 'leaks', act: (page) => select(page, 0) },
    { name: 'temporary', at: 'temporary' },
    { name: 'sizes', at: 'sizes' },
  ],
  threads: [{ name: 'threads', at: 'threads', height: 420 }],
  moments: [{ name: 'moments', at: 'overview', act: (page) => page.locator('.named').scrollIntoViewIfNeeded() }],
  csv: [
    { name: 'csv-overview', at: 'overview' },
    { name: 'csv-icicle', at: 'flame?cost=peak_bytes&colour=own', height: 420 },
    { name: 'flame-bottom-up', at: 'flame?cost=peak_bytes&tree=bottom-up&grows=up&colour=own', height: 480 },
    { name: 'csv-bottom-up', at: 'bottom-up?cost=peak_bytes', height: 520, act: (page) => select(page, 0) },
    { name: 'csv-source', at: 'source?cost=peak_bytes', height: 560 },
    { name: 'csv-sizes', at: 'sizes', height: 540 },
  ],
  'csv-change': [
    { name: 'csv-change', at: 'overview?recording=2' },
    { name: 'csv-change-table', at: 'bottom-up?recording=2&cost=peak_bytes', height: 440 },
  ],
  formula: [
    { name: 'formula-calls', at: 'bottom-up?cost=allocations', height: 560, act: (page) => select(page, 0) },
    { name: 'formula-top-down', at: 'top-down?cost=allocations', height: 460, act: (page) => unfold(page) },
    { name: 'formula-sizes', at: 'sizes', height: 860 },
  ],
  'formula-change': [
    { name: 'formula-change', at: 'flame?recording=2&cost=allocations', height: 560, act: (page) => root(page) },
    { name: 'formula-change-overview', at: 'overview?recording=2' },
  ],
};

/** Charts and sparklines come after the first picture, by questions of their own. */
async function calm(page) {
  await settled(page);
  await page.waitForLoadState('networkidle');
  await settled(page);
}

async function unfold(page) {
  await select(page, 0);
  await keys(page, 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await page.getByRole('button', { name: 'Close' }).click();
}

async function root(page) {
  await page.locator('.flame-scroller').focus();
  await keys(page, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
}

await withBrowser(async (browser) => {
  for (const { name, at, act, colorScheme, height } of PICTURES[recording] ?? []) {
    if (names.length > 0 && !names.includes(name)) continue;
    const viewport = { ...SIZE, height: height ?? SIZE.height };
    const page = await openPage(browser, `${url}#/${at}`, { viewport, colorScheme: colorScheme ?? 'light' });
    await calm(page);
    await act?.(page);
    await calm(page);
    await page.sound(name);
    const picture = smallPng(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    writeFileSync(join(folder, `${name}.png`), picture);
    console.log(`${name}.png ${Math.round(picture.length / 1024)} KiB`);
    await page.context().close();
  }
});
