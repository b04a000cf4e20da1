// SPDX-License-Identifier: MIT
// node states.mjs KIND URL [SENTENCES.json]: what the views show where there is nothing, or not everything, to show.
//   nothing   a recording without allocations
//   damaged   a recording that ends in the middle
//   file      an HTML file; SENTENCES.json has what `heapwise html` printed that it can answer
//   gone      a server that does not answer any more (the test lets no answer through)
//   late      a server that takes long (the test keeps its answers back)

import { readFileSync } from 'node:fs';
import { check, equal, openPage, openView, settled, withBrowser } from './browser.mjs';

const [kind, url, sentences] = process.argv.slice(2);

await withBrowser(async (browser) => {
  const page = await openPage(browser, url);
  await settled(page);
  await { nothing, damaged, file, gone, late }[kind](page);
});

function said(page) {
  return page.locator('main .status').first().innerText();
}

async function everyView(page) {
  for (const title of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts())
    await openView(page, title);
}

async function nothing(page) {
  await everyView(page);
  const words = [
    ['Flame graph', /nothing/],
    ['Bottom-up', /Nothing was allocated/],
    ['Top-down', /Nothing was allocated/],
    ['Caller / callee', /Nothing was allocated/],
    ['Leaks', /Everything was freed: there are no leaks/],
    ['Temporary', /No .*temporary|nothing/i],
    ['Sizes & lifetimes', /No blocks/],
  ];
  for (const [title, expected] of words) {
    await openView(page, title);
    check(expected.test(await said(page)), `${title} of nothing: ${await said(page)}`);
  }
}

async function damaged(page) {
  const told = page.getByText('The recording is damaged');
  check((await told.count()) > 0, 'the overview says that the recording is damaged');
  await everyView(page);
}

async function file(page) {
  for (const written of JSON.parse(readFileSync(sentences, 'utf8'))) {
    const sentence = written.replaceAll('`', ''); // whose commands are shown as code
    await page.locator('#file-limits').getByText(sentence, { exact: true }).waitFor();
    const note = page.getByRole('button', { name: 'What this file can answer' });
    check((await note.getAttribute('title')).includes(sentence), `the header's note has it, too: ${sentence}`);
  }
  // A range goes from border to border, by keyboard too; what it cannot tell is said and is no error.
  const chart = page.getByRole('slider', { name: 'Live heap and resident memory over time' });
  await chart.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  const border = await chart.getAttribute('aria-valuenow');
  await page.keyboard.press('Shift+End');
  await page.waitForFunction(() => location.hash.includes('from='));
  await settled(page);
  check(page.url().includes(`from=${border}`), `the range begins at the border ${border}: ${page.url()}`);
  await openView(page, 'Sizes & lifetimes');
  check(/whole run only/.test(await said(page)), `sizes of a range: ${await said(page)}`);
  equal(await page.getByRole('button', { name: 'Try again' }).count(), 0, 'trying again is not offered');
  await page.getByRole('button', { name: /^Remove: range/ }).click();
  await settled(page);
  await page.locator('.histogram-column').first().click({ force: true });
  check(!page.url().includes('size='), 'a bar of a file filters nothing');
  const kinds = await page.getByLabel('Kind of filter').locator('option').allInnerTexts();
  check(!kinds.some((text) => /size|lived/.test(text)), `filters that a file cannot answer are not offered: ${kinds}`);
  await page.sound('a file');
}

async function gone(page) {
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Threads', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const text = await alert.innerText();
  check(/heapwise does not answer: has heapwise view ended/.test(text), `what is said: ${text}`);
  await page.unroute('**/api/**');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.locator('table.threads').waitFor();
}

async function late(page) {
  let kept = [];
  await page.route('**/profile?**', (route) => void (kept === null ? route.continue() : kept.push(route)));
  await page.goto('about:blank'); // forgets what was answered
  await page.goto(`${url}#/flame`);
  await page.locator('main .spinner').waitFor();
  const canvas = page.locator('canvas.flame-canvas').first();
  equal(await canvas.evaluate((element) => element.getBoundingClientRect().width), 0, 'the width of what is not drawn yet');
  const answers = kept;
  kept = null;
  for (const route of answers) await route.continue();
  await settled(page);
  check((await canvas.boundingBox()).width > 100, 'the flame graph is drawn');
}
