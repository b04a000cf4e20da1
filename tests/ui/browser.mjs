// SPDX-License-Identifier: MIT
// A browser for the tests of the UI: Chromium, driven through playwright-core, which is one of ui/'s packages.
//
// A page that says anything on its console, throws, or asks for something that it does not get has failed.

import { createRequire } from 'node:module';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const require = createRequire(new URL('../../ui/package.json', import.meta.url));
const SKIPPED = 77;
const SECONDS = 20;

export class Failed extends Error {}

export function check(condition, what) {
  if (!condition) throw new Failed(what);
}

export function equal(actual, expected, what) {
  if (actual !== expected) throw new Failed(`${what}: ${JSON.stringify(actual)}, but it must be ${JSON.stringify(expected)}`);
}

function skip(why) {
  console.log(why);
  process.exit(SKIPPED);
}

function chromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    for (const folder of (process.env.PATH ?? '').split(delimiter))
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        continue;
      }
  return skip('chromium is not installed');
}

/** Runs a test with a browser; ends the process as tests/run understands it. */
export async function withBrowser(test) {
  let playwright;
  try {
    playwright = require('playwright-core');
  } catch {
    skip('playwright-core is not among the packages of ui/');
  }
  let browser;
  try {
    browser = await playwright.chromium.launch({ executablePath: chromium(), args: ['--no-sandbox'], timeout: 60_000 });
  } catch (error) {
    skip(`chromium cannot start here: ${String(error).split('\n')[0]}`);
  }
  try {
    await test(browser);
  } catch (error) {
    console.log(error instanceof Failed ? error.message : error.stack);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** A page that collects what goes wrong in it; `sound` fails when something did. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(SECONDS * 1000);
  const wrong = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`thrown: ${error.stack ?? error}`));
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') wrong.push(`not answered: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`status ${response.status()}: ${response.url()}`);
  });
  await page.goto(url);
  page.sound = async (where) => {
    check((await page.locator('.status.failed').count()) === 0, `${where}: ${await failure(page)}`);
    check(wrong.length === 0, `${where}: ${wrong.join('\n')}`);
  };
  return page;
}

async function failure(page) {
  const failed = page.locator('.status.failed');
  return (await failed.count()) > 0 ? failed.first().innerText() : '';
}

/** Opens a view through the list of views and waits until it shows something. */
export async function openView(page, title) {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title, exact: true }).click();
  await settled(page);
  await page.sound(title);
}

/** Waits until nothing is being asked or drawn. */
export async function settled(page) {
  await page.waitForFunction(
    () =>
      document.querySelector('.spinner, .waiting, main.view[aria-busy=true]') === null &&
      document.querySelector('main.view > div')?.childElementCount > 0,
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30))));
}

/** "1,234 bytes" in a text, as a number. */
export function exactIn(text) {
  const match = /([\d,]+) bytes?\b/.exec(text);
  return match === null ? null : Number(match[1].replaceAll(',', ''));
}

export function counted(figure) {
  return figure.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
