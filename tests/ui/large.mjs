// SPDX-License-Identifier: MIT
// A recording of very many call stacks: node large.mjs TOTALS URL…
//
// Trees and large flame graphs are made in a worker, from a server as from a file on the disk, and hold what the
// report tells. A flame graph is sketched before it is whole, and looks the same; a search is of the whole one.

import { readFileSync } from 'node:fs';
import { check, equal, exactIn, openPage, settled, withBrowser } from './browser.mjs';

const [totalsFile, ...urls] = process.argv.slice(2);
const totals = JSON.parse(readFileSync(totalsFile, 'utf8'));

const doneBeside = (page) => page.evaluate(() => performance.getEntriesByName('heapwise-beside').length);

const doneMore = (count) => performance.getEntriesByName('heapwise-beside').length > count;

/** A search that begins while a sketch is shown finds what one finds that was there before the picture. */
async function searching(page, url) {
  const found = page.locator('.flame-found');
  const told = async () => `${await found.innerText()}, ${await found.getAttribute('title')}`;
  const shown = () => page.waitForFunction(() => (document.querySelector('.flame-found')?.textContent ?? '') !== '');
  await page.evaluate(async () => {
    const marks = () => performance.getEntriesByName('heapwise-shown').length;
    const before = marks();
    location.hash = '#/flame?cost=allocated_bytes&plumbing=shown&by=line';
    while (marks() === before) await new Promise((done) => setTimeout(done, 1));
    location.hash += '&find=Parse';
  });
  await shown();
  const afterSketch = await told();
  await page.reload();
  await shown();
  equal(afterSketch, await told(), `${url}: what a search finds`);
}

/** Bottom-up, what is sketched is the picture, as far as one has scrolled down; and the graph is as high as it was. */
async function sketching(page, url) {
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.evaluate(() => (location.hash = '#/flame?cost=allocations&plumbing=shown&by=line&tree=bottom-up'));
  await settled(page);
  for (const down of [0, 160]) {
    const before = await doneBeside(page);
    const sketch = await page.evaluate(async (top) => {
      const scroller = document.querySelector('.flame-scroller');
      scroller.scrollTop = top;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
      const high = scroller.scrollHeight;
      const marks = () => performance.getEntriesByName('heapwise-shown').length;
      const shown = marks();
      const cost = location.hash.includes('=allocations') ? 'allocated_bytes' : 'allocations';
      location.hash = location.hash.replace(/cost=[a-z_]+/, `cost=${cost}`);
      while (marks() === shown) await new Promise((done) => setTimeout(done, 1));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
      const picture = document.querySelector('.flame-canvas').toDataURL();
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      return { picture, grownBy: scrollHeight - high, top: scrollTop, hidden: scrollHeight - clientHeight };
    }, down);
    equal(await doneBeside(page), before, `${url}: pictures that were waited for`);
    check(sketch.hidden > 160, `${url}: ${sketch.hidden} pixels of the graph are out of sight`);
    equal(sketch.grownBy, 0, `${url}: what a graph has grown by while it is a sketch`);
    equal(sketch.top, down, `${url}: where one has scrolled to`);
    await page.waitForFunction(doneMore, before);
    await settled(page);
    const whole = await page.evaluate(() => document.querySelector('.flame-canvas').toDataURL());
    check(whole === sketch.picture, `${url}: the whole graph does not look like its sketch, ${down} pixels down`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Rows that are many levels in say so, and their names keep most of their column. */
async function deepRows(page, url) {
  for (const width of [1280, 640]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => (location.hash = '#/top-down'));
    await page.waitForSelector('.tree-table .tt-row');
    await settled(page);
    await page.locator('.tree-table').press('Home');
    for (let i = 0; i < 3; i++) await page.keyboard.press('e');
    const row = page.locator('.tt-row.selected');
    const level = await row.getAttribute('aria-level');
    check(Number(level) > 25, `${url}: the heaviest way goes down to level ${level}`);
    equal(await row.locator('.tt-level').innerText(), level, `${url}: the level that a deep row says`);
    const [name, column] = await row.evaluate((r) => [
      r.querySelector('.tt-name').getBoundingClientRect().left - r.getBoundingClientRect().left,
      r.querySelector('.tt-cell').clientWidth,
    ]);
    check(name < 0.45 * column, `${url}: a name begins ${name} pixels into its column of ${column}`);
    const left = await page.locator('.tt-row[aria-level="1"]').count();
    if (left > 0) equal(await page.locator('.tt-row[aria-level="1"] .tt-level').count(), 0, `${url}: levels of outer rows`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

await withBrowser(async (browser) => {
  for (const url of urls) {
    const page = await openPage(browser, url);
    page.setDefaultTimeout(60_000);
    await page.waitForSelector('.cards .card');
    await settled(page);
    equal(page.workers().length, 1, `${url}: workers`);
    check((await doneBeside(page)) > 1, `${url}: the tree of the overview was not made in the worker`);
    for (const [by, tree] of [
      ['line', ''],
      ['function', 'bottom-up'],
    ]) {
      const before = await doneBeside(page);
      await page.evaluate(
        ([grouped, direction]) => {
          location.hash = `#/flame?cost=allocated_bytes&plumbing=shown&by=${grouped}&tree=${direction}`;
        },
        [by, tree],
      );
      await page.waitForSelector('.flame-scroller');
      await settled(page);
      await page.locator('.flame-scroller').press('Home');
      const told = await page.locator('.flame-detail').innerText();
      equal(exactIn(told), totals.allocated_bytes, `${url}: the root of the flame graph by ${by}`);
      // Functions make fewer nodes, which a file may have too few of. The picture may come after a sketch of it.
      if (by === 'line') await page.waitForFunction(doneMore, before + 1);
    }
    await searching(page, url);
    await sketching(page, url);
    await deepRows(page, url);
    await page.sound(url);
    await page.context().close();
  }
});
