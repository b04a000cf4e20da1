// SPDX-License-Identifier: MIT
// node figures.mjs URL TRUTH.json: goes through every view of a recording and holds its figures against `heapwise report --json`.
// TRUTH.json: {"report": …, "source": {"file", "text", "line"} or null, "ranges": whether any range can be asked}

import { readFileSync } from 'node:fs';
import { check, counted, equal, exactIn, openPage, openView, settled, withBrowser } from './browser.mjs';

const [url, truthFile] = process.argv.slice(2);
const { report, source, ranges } = JSON.parse(readFileSync(truthFile, 'utf8'));
const { totals } = report;

const FLAME_COSTS = [
  ['peak_bytes', totals.peak_bytes],
  ['leaked_bytes', totals.leaked_bytes],
  ['allocated_bytes', totals.allocated_bytes],
  ['allocations', totals.allocations],
  ['temporary', totals.temporary],
];

await withBrowser(async (browser) => {
  const page = await openPage(browser, url);
  await settled(page);
  await page.sound('the first view');
  for (const title of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts())
    await openView(page, title);
  await flame(page);
  await searching(page);
  await threads(page);
  await sizes(page);
  if (source !== null) await sourceText(page);
  if (ranges) await historyOfTheBrowser(page);
});

/** What the selected box says. */
async function selected(page) {
  return page.locator('.flame-detail').innerText();
}

async function flame(page) {
  await openView(page, 'Flame graph');
  for (const [cost, expected] of FLAME_COSTS) {
    if (expected === 0) continue;
    await page.getByLabel('Cost', { exact: true }).selectOption(cost);
    for (const direction of ['Bottom-up', 'Top-down']) {
      await page.getByRole('button', { name: direction, exact: true }).click();
      await settled(page);
      await page.locator('.flame-scroller').focus();
      await page.keyboard.press('Home');
      const text = await selected(page);
      const figure = cost.endsWith('bytes') ? exactIn(text) : Number(/[\d,]{1,}/.exec(text)[0].replaceAll(',', ''));
      equal(figure ?? Number(/(\d+) B/.exec(text)?.[1]), expected, `${cost}, ${direction}`);
    }
  }
  await page.sound('flame graph');
}

async function searching(page) {
  await page.getByLabel('Cost', { exact: true }).selectOption('allocations');
  await settled(page);
  const [site] = [...report.sites].sort((a, b) => b.allocations - a.allocations);
  const name = site.stack.map((frame) => frame.function).find((f) => f !== null && /^\w+$/.test(f) && f !== 'main');
  await page.keyboard.press('/');
  await page.getByLabel('Search functions').fill(`^${name}$`);
  const inStack = (s) => s.stack.some((frame) => frame.function === name);
  const expected = report.sites.filter(inStack).reduce((sum, s) => sum + s.allocations, 0);
  await page.getByLabel('Library frames').check();
  await settled(page);
  const found = await page.locator('.flame-found').innerText();
  check(found.startsWith(counted(expected)), `searching for ${name} finds ${found}, but it must be ${counted(expected)}`);
  await page.getByLabel('Search functions').press('Enter');
  check((await selected(page)).includes(name), `Enter in the search selects ${name}`);
  await page.getByLabel('Search functions').press('Escape');
  await page.getByLabel('Library frames').uncheck();
  await page.sound('search');
}

async function threads(page) {
  await openView(page, 'Threads');
  const rows = await page.locator('table.threads tbody tr').count();
  equal(rows, report.threads.length, 'rows of threads');
  const sums = await page.locator('table.threads').evaluate((table) => {
    const titles = [...table.querySelectorAll('tbody tr')].map((row) => row.querySelectorAll('td')[3].title);
    return titles.map((title) => Number(title.replace(/\D/g, '')));
  });
  equal(sums.reduce((a, b) => a + b, 0), totals.allocated_bytes, 'bytes allocated by all threads');
}

async function sizes(page) {
  await openView(page, 'Sizes & lifetimes');
  const panel = page.locator('.sizes-panel').first();
  const sum = async (which) => page.locator('.sizes-sum').nth(which).innerText();
  check((await sum(0)).startsWith(`${counted(totals.allocations)} blocks`), `sizes: ${await sum(0)}`);
  equal(exactIn(await page.locator('.sizes-sum').first().getAttribute('title')), totals.allocated_bytes, 'bytes of all sizes');
  if (!ranges) return;
  const bars = panel.locator('.histogram-column');
  const told = await bars.first().getAttribute('aria-label');
  const blocks = /: ([\d,]+) block/.exec(told)[1];
  await bars.first().click();
  await settled(page);
  check(page.url().includes('size='), 'a bar that is clicked is a filter');
  await page.waitForFunction((text) => document.querySelectorAll('.sizes-sum')[1]?.textContent.startsWith(text), `${blocks} block`);
  await page.locator('.histogram-column').first().click();
  await page.waitForFunction(() => !location.hash.includes('size='));
  await page.sound('sizes');
}

async function sourceText(page) {
  await openView(page, 'Source');
  await page.locator('.source-files a', { hasText: source.file }).first().click();
  await settled(page);
  const line = page.locator(`.source-line[aria-rowindex="${source.line + 1}"]`);
  equal(await line.locator('.source-code').innerText(), source.text, `line ${source.line}`);
  check((await line.getAttribute('class')).includes('has-figures'), `line ${source.line} has figures`);
  await page.sound('source');
}

async function historyOfTheBrowser(page) {
  const before = page.url();
  await openView(page, 'Flame graph');
  await page.getByRole('button', { name: 'Flame', exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('grows=up'));
  await page.goBack();
  await page.goBack();
  equal(page.url(), before, 'the address after going back');
  await settled(page);
  await page.reload();
  await settled(page);
  await page.sound('after a reload');
}
