// SPDX-License-Identifier: MIT
// Leaks that rules suppress, as pages show them: node suppressed.mjs EXPECTED URL… with EXPECTED as JSON: bytes that
// leak in the end, and for each rule what it took off, in bytes and blocks.

import { check, equal, exactIn, openPage, openView, settled, withBrowser } from './browser.mjs';

const expected = JSON.parse(process.argv[2]);
const rules = Object.entries(expected.rules);
const sum = (place) => rules.reduce((all, [, took]) => all + took[place], 0);

async function overviewTells(page) {
  const card = page.locator('.card', { hasText: 'Leaked' });
  equal(exactIn(await card.getAttribute('title')), expected.leaked, 'what leaked, in the overview');
  const note = await card.locator('.card-note').innerText();
  equal(/(\d+) blocks?, [\d.]+ \w+ suppressed by rules/.exec(note)?.[1], sum(1) ? String(sum(1)) : undefined, note);
}

async function leaksTell(page) {
  await openView(page, 'Leaks');
  const shown = page.locator('.leaks-summary > p b');
  if (expected.leaked > 0) equal(exactIn(await shown.getAttribute('title')), expected.leaked, 'what leaked');
  else check(/Everything else was freed/.test(await page.locator('.status').innerText()), 'there are suppressed leaks');
  const note = page.locator('details.suppressed');
  equal(await note.count(), rules.length > 0 ? 1 : 0, 'the note of what is suppressed');
  if (rules.length === 0) return;
  equal(exactIn(await note.locator('summary').getAttribute('title')), sum(0), 'what is suppressed');
  await note.locator('summary').click();
  const rows = await note.locator('tbody tr').all();
  const told = {};
  for (const row of rows) {
    const [bytes, blocks] = await row.locator('td').all();
    told[await row.locator('th').innerText()] = [exactIn(await bytes.getAttribute('title')), Number(await blocks.innerText())];
  }
  equal(JSON.stringify(told), JSON.stringify(expected.rules), 'the rules');
}

await withBrowser(async (browser) => {
  for (const url of process.argv.slice(3)) {
    const page = await openPage(browser, url);
    await settled(page);
    await overviewTells(page);
    await leaksTell(page);
    await page.sound(url.slice(0, 4));
    await page.context().close();
  }
});
