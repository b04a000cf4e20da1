// SPDX-License-Identifier: MIT
// node last_millisecond.mjs TRUTH.json URL…: pages of a recording that allocates and frees in its last millisecond.
// Charts end with what that left, and what is asked "to the end" counts it. TRUTH.json holds {"report"}.

import { readFileSync } from 'node:fs';
import { check, counted, equal, exactIn, openPage, openView, settled, withBrowser } from './browser.mjs';

const [truthFile, ...urls] = process.argv.slice(2);
const { totals } = JSON.parse(readFileSync(truthFile, 'utf8')).report;
const LEFT = `Live heap ${(totals.leaked_bytes / 1024).toFixed(2)} KiB`;
const MARK = 4; // ms

await withBrowser(async (browser) => {
  for (const url of urls) {
    const page = await openPage(browser, url);
    await settled(page);
    await charts(page);
    await generations(page);
    await toTheEnd(page);
    await openView(page, 'Bottom-up');
    check((await toldAtEnd(page, 'Live heap over the run')).includes(LEFT), `the strip of ${url}`);
    await page.sound(url);
    await page.context().close();
  }
});

function words(page) {
  return new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '');
}

async function focusChart(page, name) {
  const chart = page.getByRole('slider', { name });
  await chart.focus();
  await page.keyboard.press('End');
  return chart;
}

async function toldAtEnd(page, name) {
  return (await focusChart(page, name)).getAttribute('aria-valuetext');
}

async function charts(page) {
  const memory = await toldAtEnd(page, 'Live heap and resident memory over time');
  check(memory.includes(LEFT), `${memory}, but it must end with ${LEFT}`);
  const rates = await toldAtEnd(page, 'Allocations a second, and blocks alive, over time');
  check(rates.endsWith(`Blocks alive ${counted(totals.leaked_blocks)}`), rates);
  const holders = await toldAtEnd(page, 'Bytes alive over time, by the functions that allocated them');
  const held = [...holders.matchAll(/ ([\d.]+) (B|KiB)\b/g)].map(([, figure, unit]) => figure * (unit === 'B' ? 1 : 1024));
  const sum = held.reduce((all, bytes) => all + bytes, 0);
  check(Math.abs(sum - totals.leaked_bytes) < 0.01 * 1024 * held.length, `${holders}: ${sum} bytes together`);
}

async function generations(page) {
  await page.evaluate((mark) => (location.hash = `#/overview?marks=${mark}`), MARK);
  await page.waitForSelector('section[aria-label=Generations] tbody tr');
  await settled(page);
  const sums = await page.locator('section[aria-label=Generations] tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].slice(2).map(({ title }) => Number(title.replace(/\D/g, '')))),
  );
  equal(sums.length, 2, 'generations');
  equal(sums[0][0] + sums[1][0], totals.allocated_bytes, 'allocated in all generations');
  if (page.url().startsWith('file:')) return; // which does not know what of a range is alive later
  equal(sums[0][2] + sums[1][2], totals.leaked_bytes, 'alive at the end, of all generations');
  equal(sums[1][1], sums[1][2], 'the end of the last generation is the end of the run');
}

/** A range from the mark to the end, and the moment at the end: by keyboard. */
async function toTheEnd(page) {
  const allocated = async () => {
    const card = page.locator('.card', { has: page.locator('.card-title', { hasText: 'Allocated' }) }).first();
    return exactIn(await card.getAttribute('title'));
  };
  const chosen = async (from, to) => {
    await page.evaluate(([a, b]) => (location.hash = `#/overview?from=${a}&to=${b}`), [from, to]);
    await page.waitForFunction((text) => document.querySelector('.chart-bar h2')?.textContent.includes(text), `${to} ms`);
    await settled(page);
    return allocated();
  };
  const first = await chosen(0, MARK);
  await page.getByRole('button', { name: 'The whole run' }).click();
  await page.waitForFunction(() => !location.hash.includes('to='));
  await settled(page);
  await focusChart(page, 'Live heap and resident memory over time');
  await page.keyboard.press('Home');
  for (let i = 0; i < MARK; i++) await page.keyboard.press('Control+ArrowRight');
  await page.keyboard.press('Shift+End');
  await page.waitForFunction(() => location.hash.includes('from='));
  await settled(page);
  equal(words(page).get('from'), String(MARK), 'the beginning of the range');
  equal(first + (await allocated()), totals.allocated_bytes, 'allocated before and after the mark');
  await page.getByRole('button', { name: 'The whole run' }).click();
  await page.waitForFunction(() => !location.hash.includes('from='));
  await settled(page);

  await focusChart(page, 'Live heap and resident memory over time');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('at='));
  await settled(page);
  const alive = await page.locator('.card', { hasText: 'Alive at' }).first().getAttribute('title');
  equal(exactIn(alive), totals.leaked_bytes, 'alive at the end');
}
