// SPDX-License-Identifier: MIT
// node comparison.mjs URL TRUTH.json: two recordings; TRUTH.json holds the report of each: {"after", "before"}.

import { readFileSync } from 'node:fs';
import { check, counted, openPage, openView, settled, withBrowser } from './browser.mjs';

const [url, truthFile] = process.argv.slice(2);
const { after, before } = JSON.parse(readFileSync(truthFile, 'utf8'));

await withBrowser(async (browser) => {
  const page = await openPage(browser, url);
  await settled(page);
  for (const title of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts())
    await openView(page, title);
  await openView(page, 'Flame graph');
  await page.getByLabel('Cost', { exact: true }).selectOption('allocations');
  await settled(page);
  await page.locator('.flame-scroller').focus();
  await page.keyboard.press('Home');
  const text = await page.locator('.flame-detail').innerText();
  const change = after.totals.allocations - before.totals.allocations;
  const signed = `${change > 0 ? '+' : '−'}${counted(Math.abs(change))}`;
  for (const part of [counted(after.totals.allocations), counted(before.totals.allocations), signed])
    check(text.includes(part), `the root tells ${part}: ${text}`);
  for (const [name, side] of [['After', after], ['Before', before]]) {
    await page.getByRole('button', { name, exact: true }).click();
    await settled(page);
    await page.locator('.flame-scroller').focus();
    await page.keyboard.press('Home');
    const alone = await page.locator('.flame-detail').innerText();
    check(alone.includes(counted(side.totals.allocations)), `${name}: ${alone}`);
  }
  await page.sound('comparison');
});
