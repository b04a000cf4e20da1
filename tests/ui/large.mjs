// SPDX-License-Identifier: MIT
// A recording of very many call stacks: node large.mjs TOTALS URL…
//
// Trees and large flame graphs are made in a worker, from a server as from a file on the disk, and hold what the
// report tells.

import { readFileSync } from 'node:fs';
import { check, equal, exactIn, openPage, settled, withBrowser } from './browser.mjs';

const [totalsFile, ...urls] = process.argv.slice(2);
const totals = JSON.parse(readFileSync(totalsFile, 'utf8'));

const doneBeside = (page) => page.evaluate(() => performance.getEntriesByName('heapwise-beside').length);

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
      // Functions make fewer nodes, which a file may have too few of.
      if (by === 'line') check((await doneBeside(page)) > before + 1, `${url}: picture not made in the worker`);
    }
    await page.sound(url);
    await page.context().close();
  }
});
