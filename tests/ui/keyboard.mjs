// SPDX-License-Identifier: MIT
// node keyboard.mjs URL: every view by keyboard alone, at 200 % zoom, in the dark; and the flame graph's keys and
// pointer.

import { check, equal, openPage, settled, withBrowser } from './browser.mjs';

const [url] = process.argv.slice(2);
const HALF = { width: 640, height: 400 }; // what 200 % leaves of 1280 by 800

await withBrowser(async (browser) => {
  await byKeyboard(browser);
  await atTwoHundred(browser);
  await inTheDark(browser);
});

async function focusedName(page) {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
}

async function tabTo(page, name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if ((await focusedName(page)).trim() === name) return;
  }
  check(false, `no way by Tab to ${name}`);
}

async function byKeyboard(browser) {
  const page = await openPage(browser, url);
  await settled(page);
  const views = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts();
  for (const title of views) {
    await page.evaluate(() => document.activeElement?.blur());
    await tabTo(page, title);
    await page.keyboard.press('Enter');
    await settled(page);
    await page.sound(`${title} by keyboard`);
  }
  await flameKeys(page);
  await flamePointer(page);
}

async function flameKeys(page) {
  await page.goto(`${page.url().split('#')[0]}#/flame`);
  await settled(page);
  await page.locator('.flame-scroller').focus();
  const said = () => page.locator('.flame [aria-live]').innerText();
  await page.keyboard.press('Home');
  check(/level 0/.test(await said()), `Home selects the root: ${await said()}`);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  check(/level 2/.test(await said()), `the arrow goes inwards: ${await said()}`);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('zoom='));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !location.hash.includes('zoom='));
  await page.keyboard.press('Backspace');
  await page.waitForFunction(() => location.hash.includes('zoom='));
  await page.keyboard.press('/');
  equal(await focusedName(page), 'Search functions', 'slash goes to the search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ContextMenu');
  await page.keyboard.press('Escape');
  await page.sound('keys of the flame graph');
}

async function flamePointer(page) {
  await page.goto(`${page.url().split('#')[0]}#/flame`); // an address without a zoom shows all
  await settled(page);
  check(await page.getByRole('button', { name: 'Zoom out to all (Esc)' }).isDisabled(), 'nothing is zoomed to');
  const graph = await page.locator('.flame-scroller').boundingBox();
  const [x, y] = [graph.x + graph.width / 4, graph.y + 50]; // on the second level below the root
  await page.mouse.move(x, y);
  const tooltip = page.locator('.flame-tooltip');
  await tooltip.waitFor({ state: 'visible' });
  const name = await tooltip.locator('.flame-tooltip-title').innerText();
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 4, { steps: 4 });
  await page.mouse.up();
  check(!page.url().includes('zoom='), 'a drag is no click');
  await page.mouse.click(x, y);
  await page.waitForFunction(() => location.hash.includes('zoom='));
  const told = await page.locator('.flame-selected strong').innerText();
  equal(told, name, 'the box that was clicked is the one that the tooltip named');
  await page.mouse.move(graph.x + graph.width / 4, graph.y + graph.height - 2);
  await tooltip.waitFor({ state: 'hidden' });
  await page.sound('the pointer on the flame graph');
}

async function atTwoHundred(browser) {
  const page = await openPage(browser, url, { viewport: HALF, deviceScaleFactor: 2 });
  await settled(page);
  for (const link of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').all()) {
    await link.click();
    await settled(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    check(wide <= 0, `${await link.innerText()}: the page is ${wide} pixels wider than the window at 200 %`);
    const high = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
    check(high <= 0, `${await link.innerText()}: views scroll inside of the page, but that is ${high} pixels too high`);
    await page.sound('at 200 %');
  }
}

async function inTheDark(browser) {
  const page = await openPage(browser, url, { colorScheme: 'dark' });
  await settled(page);
  const brightness = () =>
    page.evaluate(() => {
      const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
      return (r + g + b) / 3;
    });
  check((await brightness()) < 60, 'a dark system gets a dark page');
  await page.getByRole('button', { name: 'Dark or light' }).click();
  check((await brightness()) > 200, 'the button makes it light');
  await page.reload();
  await settled(page);
  check((await brightness()) > 200, 'and it stays light');
  await page.sound('in the dark');
}
