// SPDX-License-Identifier: MIT
// node comparison.mjs URL TRUTH.json: two recordings; TRUTH.json holds the report of each: {"after", "before"}.

import { readFileSync } from 'node:fs';
import { check, counted, equal, openPage, openView, settled, withBrowser } from './browser.mjs';

const [url, truthFile] = process.argv.slice(2);
const { after, before } = JSON.parse(readFileSync(truthFile, 'utf8'));

await withBrowser(async (browser) => {
  const page = await openPage(browser, url);
  await settled(page);
  for (const title of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts())
    await openView(page, title);
  await openView(page, 'Overview');
  for (const [title, cost] of [['Allocated', 'allocated_bytes'], ['Leaked', 'leaked_bytes'], ['Calls', 'allocations']]) {
    const card = page.locator('.card', { has: page.locator('.card-title', { hasText: title }) });
    const unit = cost.endsWith('bytes') ? ' bytes' : '';
    const [from, to] = [before, after].map(({ totals }) => `${counted(totals[cost])}${unit}`);
    equal(await card.getAttribute('title'), `from ${from} to ${to}`, `${title} of both`);
    const sign = after.totals[cost] > before.totals[cost] ? '+' : '−';
    check((await card.locator('.card-figure').innerText()).startsWith(sign), `${title} changed by ${sign}`);
  }
  const chart = page.getByRole('slider', { name: 'Live heap and resident memory over time' });
  await chart.focus();
  await page.keyboard.press('End');
  const [, told] = /^.*: (.*)$/.exec(await chart.getAttribute('aria-valuetext'));
  check(/^Live heap .*, Resident \(RSS\) .*, Live heap before /.test(told), `both runs are in the chart: ${told}`);
  const words = await page.locator(`#${await chart.getAttribute('aria-describedby')}`).innerText();
  const most = /Live heap before: .*?at most ([\d.]+) ([KM]?i?B)/.exec(words);
  const end = after.totals.duration_ms + 1; // the run before is drawn over the time of the run after
  const levels = await page.evaluate(async (query) => {
    return (await (await fetch(`api/1/timeline?${query}`)).json()).live_bytes.map(Number);
  }, `from=0&to=${end}&points=800`);
  const shown = Number(most?.[1]) * { B: 1, KiB: 1024, MiB: 1024 ** 2 }[most?.[2]];
  const most200th = Math.max(...levels) / 200; // three digits are shown
  check(Math.abs(shown - 200 * most200th) <= most200th, `the most of the run before: ${most?.[0]}, not ${200 * most200th}`);
  await openView(page, 'Bottom-up');
  const bars = await page.locator('.tt-bar').evaluateAll((all) => all.map(({ className }) => className));
  check(bars.length > 0 && bars.every((name) => / (grown|shrunk)$/.test(name)), `bars tell what grew: ${bars}`);
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
