// SPDX-License-Identifier: MIT
// node charts.mjs URL FILE HEAPWISE: the charts by keyboard alone, and the moments that the program named; what is
// chosen is held against `HEAPWISE report --json` of FILE with the same range.

import { execFileSync } from 'node:child_process';
import { check, counted, equal, exactIn, openPage, openView, settled, withBrowser } from './browser.mjs';

const [url, file, heapwise] = process.argv.slice(2);

function report(...question) {
  return JSON.parse(execFileSync(heapwise, ['report', '--json', ...question, file], { encoding: 'utf8' }));
}

await withBrowser(async (browser) => {
  const page = await openPage(browser, url);
  await settled(page);
  await rangeByKeyboard(page);
  await momentByKeyboard(page);
  await menuByKeyboard(page);
  await namedMoments(page);
  await stripByKeyboard(page);
  await askedAhead(page);
});

function words(page) {
  return new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '');
}

function chart(page, name) {
  return page.getByRole('slider', { name });
}

function memory(page) {
  return chart(page, 'Live heap and resident memory over time');
}

async function card(page, title) {
  const card = page.locator('.card', { has: page.locator('.card-title', { hasText: title }) }).first();
  return exactIn(await card.getAttribute('title'));
}

async function rangeByKeyboard(page) {
  const { totals } = report();
  await memory(page).focus();
  const at = async () => Number(await memory(page).getAttribute('aria-valuenow'));
  await page.keyboard.press('End');
  equal(await at(), totals.duration_ms + 1, 'End goes to the end of the run, behind its last millisecond');
  await page.keyboard.press('Home');
  equal(await at(), 0, 'Home goes to its beginning');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('Control+ArrowRight');
  const begin = Math.max(Math.round((totals.duration_ms + 1) / 10), 1) + 1;
  equal(await at(), begin, 'a page is a tenth of the run, an arrow with Ctrl a millisecond');
  const told = await memory(page).getAttribute('aria-valuetext');
  check(/^\d+ ms: Live heap [\d.]+ [KM]?i?B, Resident/.test(told), `the moment in words: ${told}`);

  await page.keyboard.down('Shift');
  await page.keyboard.press('End');
  await page.keyboard.press('Escape');
  await page.keyboard.up('Shift');
  check(!words(page).has('from'), 'Escape gives the range up');

  await page.keyboard.press('Home');
  await page.keyboard.down('Shift');
  for (let i = 0; i < 7; i++) await page.keyboard.press('PageUp');
  check(!words(page).has('to'), 'nothing is chosen while Shift is held');
  const outline = await page.locator('.time-chart .u-select').first().boundingBox();
  check(outline.width > 100, `the range that is being chosen can be seen: ${outline.width} pixels`);
  await page.keyboard.up('Shift');
  await page.waitForFunction(() => location.hash.includes('to='));
  await settled(page);
  const said = await page.locator('.time-chart [role=status]').first().innerText();
  check(/is chosen$/.test(said), `the choice is said: ${said}`);
  const [from, to] = [words(page).get('from') ?? '0', words(page).get('to')];
  const inRange = report('--from', from, '--until', to).totals;
  equal(await card(page, 'Allocated'), inRange.allocated_bytes, `allocated from ${from} to ${to}`);
  equal(await card(page, 'Growth'), inRange.leaked_bytes, `growth from ${from} to ${to}`);
  equal(await card(page, 'Peak'), inRange.peak_bytes, `peak from ${from} to ${to}`);

  // The chart still has the keyboard, and the range goes on from where it began.
  await page.keyboard.press('Shift+PageUp');
  await page.waitForFunction((before) => !location.hash.includes(`to=${before}`), to);
  equal(words(page).get('from') ?? '0', from, 'the range keeps its beginning');
  await page.getByRole('button', { name: 'The whole run' }).click();
  await page.waitForFunction(() => !location.hash.includes('to='));
  await settled(page);
  await page.sound('a range by keyboard');
}

async function momentByKeyboard(page) {
  await memory(page).focus();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('at='));
  await settled(page);
  const at = words(page).get('at');
  const alive = report('--alive-at', at).totals.alive_bytes;
  const title = await page.locator('.card', { hasText: 'Alive at' }).first().getAttribute('title');
  equal(exactIn(title) ?? 0, alive, `alive at ${at}`);
  await page.sound('a moment by keyboard');
}

async function menuByKeyboard(page) {
  await memory(page).focus();
  await page.keyboard.press('m');
  const menu = page.getByRole('menu');
  const items = await menu.getByRole('menuitem').allInnerTexts();
  for (const wanted of ['Alive here', 'Mark this moment', 'From here to the end', 'Forget the moment'])
    check(items.some((item) => item.startsWith(wanted)), `the menu has “${wanted}”: ${items.join(' | ')}`);
  await page.keyboard.press('Escape');
  equal(await menu.count(), 0, 'Escape closes the menu');
  check(await memory(page).evaluate((slider) => slider === document.activeElement), 'the chart has the keyboard again');
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Forget the moment' }).press('Enter');
  await page.waitForFunction(() => !location.hash.includes('at='));
  await page.sound('the menu of a chart');
}

async function namedMoments(page) {
  const { marks, totals } = report();
  await settled(page);
  const table = page.getByRole('region', { name: 'Named moments' }).locator('tbody tr');
  equal(await table.count(), marks.length, 'rows of named moments');
  for (const [i, mark] of marks.entries()) {
    const row = table.nth(i);
    equal(await row.locator('th').innerText(), mark.name, `the name of moment ${i}, as it was written`);
    equal(exactIn(await row.locator('td').nth(1).locator('[title]').getAttribute('title')), mark.live_bytes, mark.name);
    const next = marks[i + 1] ?? totals;
    const allocated = exactIn(await row.locator('td').nth(3).locator('[title]').getAttribute('title'));
    equal(allocated, next.allocated_bytes - mark.allocated_bytes, `allocated after “${mark.name}”`);
  }

  const loaded = marks.findIndex(({ name }) => name === 'level is loaded');
  const [from, to] = [marks[loaded], marks[loaded + 1]].map(({ time_ms }) => String(time_ms));
  await table.nth(loaded).locator('td').nth(2).locator('a').click();
  await page.waitForFunction(() => location.hash.includes('from='));
  equal(words(page).get('from'), from, 'the range begins at its moment');
  equal(words(page).get('to'), to, 'and ends at the next');
  await page.getByRole('button', { name: 'The whole run' }).click();
  await page.waitForFunction(() => !location.hash.includes('from='));
  await settled(page);

  await table.nth(loaded).locator('td').nth(1).locator('a').click();
  await page.waitForFunction(() => location.hash.includes('bottom-up'));
  await settled(page);
  equal(words(page).get('at'), from, 'what was alive at a named moment is asked');
  const first = page.locator('.tt-row').first();
  check((await first.innerText()).includes('load'), `load holds it: ${await first.innerText()}`);
  const alive = report('--alive-at', from).totals.alive_bytes;
  const shown = await first.locator('.tt-cell', { has: page.locator('.tt-bar.main') }).getAttribute('title');
  equal(exactIn(shown), alive, 'bytes alive at it');

  await page.goBack();
  await settled(page);
  await page.getByRole('button', { name: 'Compare them as generations' }).click();
  await page.waitForFunction(() => location.hash.includes('marks='));
  await settled(page);
  const generations = page.locator('section[aria-label=Generations] tbody tr');
  const borders = new Set(marks.map(({ time_ms }) => time_ms).filter((time) => time > 0 && time <= totals.duration_ms));
  equal(await generations.count(), borders.size + 1, 'generations');
  const sums = await generations.evaluateAll((rows) => rows.map((row) => row.querySelectorAll('td')[2].title));
  equal(sums.reduce((sum, title) => sum + Number(title.replace(/\D/g, '')), 0), totals.allocated_bytes, 'their sum');
  await page.sound('named moments');
}

async function stripByKeyboard(page) {
  await openView(page, 'Threads');
  await chart(page, 'Live heap over the run').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+PageUp');
  await page.waitForFunction(() => location.hash.includes('to='));
  await settled(page);
  const inRange = report('--from', '0', '--until', words(page).get('to')).totals;
  const title = await page.locator('table.threads tbody td').nth(3).getAttribute('title');
  equal(exactIn(title), inRange.allocated_bytes, `${counted(inRange.allocated_bytes)} allocated by the thread`);
  await page.sound('the strip by keyboard');
}

/** What a pointer rests on in the middle of a drag is asked before it is let go, and then not again. */
async function askedAhead(page) {
  await openView(page, 'Bottom-up');
  await settled(page);
  const asked = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/profile')) asked.push(url.searchParams);
  });
  const box = await page.locator('.strip .u-over').boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 0.31 * box.width, y);
  await page.mouse.down();
  const ahead = page.waitForRequest((request) => request.url().includes('/profile'));
  await page.mouse.move(box.x + 0.77 * box.width, y);
  await ahead;
  check(words(page).get('to') !== asked[0].get('to'), 'nothing is chosen before the button is let go');
  await page.mouse.up();
  await page.waitForFunction((to) => location.hash.includes(`to=${to}`), asked.at(-1).get('to'));
  await settled(page);
  equal(asked.length, 1, 'questions of the drag');
  for (const bound of ['from', 'to']) equal(asked[0].get(bound), words(page).get(bound), `${bound}, asked ahead`);
}
