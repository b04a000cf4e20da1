// SPDX-License-Identifier: MIT
// node heard.mjs URL: what a screen reader is told of every view. Chromium's own accessibility tree must name all that can
// be operated, tell tables as tables and pictures in words; ids that elements refer to must be there, once.

import { check, equal, openPage, openView, settled, withBrowser } from './browser.mjs';

const [url] = process.argv.slice(2);

const OPERATED = new Set(
  'button link textbox searchbox combobox checkbox slider treegrid menuitem application image img'.split(' '),
);
const CONTRAST_LEAST = 4.5; // what WCAG 2.2 AA asks of small text

await withBrowser(async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await openPage(browser, url, { colorScheme });
    await settled(page);
    await contrast(page, colorScheme);
    if (colorScheme === 'dark') continue;
    const heard = await page.context().newCDPSession(page);
    for (const title of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts()) {
      await openView(page, title);
      await view(page, heard, title);
      await help(page, title);
    }
    await tables(page, heard);
    await pictures(page, heard);
    await answers(page);
    await page.sound('what is heard');
  }
});

/** The nodes of the accessibility tree that are told. */
async function treeOf(session) {
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes
    .filter((node) => !node.ignored)
    .map((node) => ({
      role: node.role?.value ?? '',
      name: (node.name?.value ?? '').trim(),
      value: node.value?.value,
      properties: Object.fromEntries((node.properties ?? []).map(({ name, value }) => [name, value.value])),
    }));
}

async function view(page, session, title) {
  const nodes = await treeOf(session);
  const some = (role) => nodes.filter((node) => node.role === role);
  for (const node of nodes) {
    if (!OPERATED.has(node.role)) continue;
    check(node.name !== '', `${title}: a ${node.role} without a name: ${JSON.stringify(node.properties)}`);
  }
  equal(some('main').length, 1, `${title}: main regions`);
  const headings = some('heading').filter((node) => node.properties.level === 1);
  equal(headings.length, 1, `${title}: headings of the first level (${headings.map(({ name }) => name)})`);
  check(some('navigation').some(({ name }) => name === 'Views'), `${title}: the list of views is told`);
  const wrong = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
    const missing = [];
    for (const name of ['aria-describedby', 'aria-labelledby', 'aria-controls', 'aria-activedescendant'])
      for (const element of document.querySelectorAll(`[${name}]`))
        for (const id of element.getAttribute(name).split(' '))
          if (document.getElementById(id) === null) missing.push(`${name}=${id}`);
    return [...twice.map((id) => `${id} twice`), ...missing];
  });
  equal(wrong.join(', '), '', `${title}: ids`);
}

async function help(page, title) {
  await page.locator('main').focus();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: `How to read: ${title}` });
  check((await dialog.locator('p').count()) > 0, `${title}: the help says how to read it`);
  await page.keyboard.press('Escape');
  equal(await dialog.count(), 0, `${title}: Escape closes the help`);
}

async function tables(page, session) {
  for (const title of ['Bottom-up', 'Top-down', 'Caller / callee', 'Leaks', 'Temporary']) {
    await openView(page, title);
    const grid = page.getByRole('treegrid').first();
    if ((await grid.count()) === 0) continue; // nothing of it in this recording
    const columns = await grid.getByRole('columnheader').count();
    equal(await grid.getAttribute('aria-colcount'), String(columns), `${title}: columns`);
    equal(await grid.locator('[aria-sort]').count(), 1, `${title}: one column is told to be sorted`);
    for (const { role, name } of await treeOf(session))
      if (role === 'button') check(!/[↑↓]/.test(name), `${title}: the order is told as such, not in a name: ${name}`);
    for (const row of (await grid.locator('.tt-row').all()).slice(0, 3)) {
      equal(await row.getByRole('gridcell').count(), columns, `${title}: cells of a row`);
      check(Number(await row.getAttribute('aria-rowindex')) >= 2, `${title}: the place of a row`);
    }
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const told = (await treeOf(session)).find(({ role, properties }) => role === 'row' && properties.selected === true);
    check(told !== undefined && told.name !== '', `${title}: the selected row is told`);
  }
  await openView(page, 'Threads');
  const threads = page.getByRole('table');
  check((await threads.getByRole('columnheader').count()) > 5, 'threads: heads of columns');
  check((await threads.getByRole('rowheader').count()) > 0, 'threads: heads of rows');
}

async function pictures(page, session) {
  await openView(page, 'Overview');
  const links = (await treeOf(session)).filter(({ role }) => role === 'link').map(({ name }) => name);
  check(links.some((name) => /^Peak: [\d.]+ [KMG]?i?B in [\d,]+ block/.test(name)), `cards in words: ${links}`);
  const sliders = page.getByRole('slider');
  equal(await sliders.count(), 3, 'charts of the overview');
  for (const slider of await sliders.all()) {
    const words = await slider.evaluate((s) => document.getElementById(s.getAttribute('aria-describedby')).textContent);
    check(/from .+ to .+, at most .+ at .+\. Arrow keys move/.test(words), `a chart in words: ${words}`);
    check((await slider.getAttribute('aria-valuetext')).includes(':'), 'and at its moment');
  }
  await openView(page, 'Bottom-up');
  const sparks = await page.locator('.tt-row .spark').evaluateAll((all) => all.map((s) => s.getAttribute('aria-label')));
  check(sparks.length > 0 && sparks.every((label) => /^at most .+ alive$/.test(label)), `sparklines in words: ${sparks}`);
  await openView(page, 'Flame graph');
  const graph = page.locator('.flame-scroller');
  check((await graph.getAttribute('aria-label')).includes('figures as tables'), 'the flame graph has another form');
  await graph.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  check(/level 1/.test(await page.locator('.flame [aria-live]').innerText()), 'the box is told when it is reached');
}

/** What changes without the keyboard moving there is said. */
async function answers(page) {
  await openView(page, 'Flame graph');
  await page.getByLabel('Search functions').fill('no such function');
  await page.waitForFunction(() => document.querySelector('.flame-found[role=status]')?.textContent === 'no match');
  await page.getByLabel('Search functions').fill('');
  await openView(page, 'Bottom-up');
  await page.getByLabel('Filter', { exact: true }).fill('no such function');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Nothing passes the filters' }).waitFor();
  await page.getByRole('button', { name: /^Remove: through function/ }).click();
  await settled(page);
  equal(await page.locator('main').getAttribute('aria-busy'), 'false', 'main is not busy any more');
}

async function contrast(page, scheme) {
  const poor = await page.evaluate((least) => {
    const style = getComputedStyle(document.documentElement);
    const luminance = (name) => {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(style.getPropertyValue(name).trim().slice(at, at + 2), 16) / 255);
      const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const pairs = [];
    for (const ink of ['--text', '--muted', '--accent', '--danger', '--warn', '--named'])
      for (const ground of ['--bg', '--surface', '--raised']) pairs.push([ink, ground]);
    pairs.push(['--accent', '--accent-soft'], ['--warn', '--warn-soft'], ['--text', '--bar'], ['--accent-text', '--accent']);
    return pairs.filter(([ink, ground]) => {
      const [a, b] = [luminance(ink), luminance(ground)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < least;
    });
  }, CONTRAST_LEAST);
  equal(poor.map((pair) => pair.join(' on ')).join(', '), '', `${scheme}: colours that can hardly be read`);
}
