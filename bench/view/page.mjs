// SPDX-License-Identifier: MIT
// Measures one page of heapwise in Chromium: node page.mjs URL [RANGES]
//
// Prints "shown" when the page is there, and waits for a line before it goes on: until then the server may still be busy
// with what it does behind the first questions. Then one line of JSON, times in ms of the page's own clock:
//   picture   from the navigation until the overview has its totals and a chart
//   whole     until all of it is drawn, who held the heap over time included
//   ranges    by view: from the end of a drag in the time line until everything is drawn anew, for each drag
//   rested    the same where the pointer rests before it is let go, as a hand's does: the page asks meanwhile
//   blocked   by view: the longest task of the page's main thread while it was first opened
//   frames    of the flame graph with every stack: what the main thread works for each frame of a zoom and a pan
// A view counts as drawn when the app says so (the mark heapwise-shown) and a frame has been made of it: the page itself
// notes when that was, so that nothing of the measuring is in the times.

import { once } from 'node:events';
import { openPage, withBrowser } from '../../tests/ui/browser.mjs';

const url = process.argv[2];
const RANGES = Number(process.argv[3] ?? 7);
const BOTTOM_UP_FLAME = 'Flame graph, bottom-up'; // has no link, but a button
const VIEWS = ['Overview', 'Flame graph', BOTTOM_UP_FLAME, 'Bottom-up', 'Top-down'];
const FRAMES = 60;
const REST = 150; // ms

/** In the page, before its own script: what tasks and frames take, and when each mark has become a picture. */
function watch() {
  window.drawn = [];
  const mark = performance.mark.bind(performance);
  performance.mark = (name, options) => {
    const made = mark(name, options);
    if (name === 'heapwise-shown')
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel(); // whose message comes when the frame has been made
        port1.onmessage = () => window.drawn.push(performance.now());
        port2.postMessage(null);
      });
    return made;
  };
  window.longTasks = [];
  window.frameWork = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({
    entryTypes: ['longtask'],
  });
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) =>
    ask((now) => {
      const began = performance.now();
      run(now);
      window.frameWork.push(performance.now() - began);
    });
}

/** Waits for the picture of the mark that comes after `count` of them; gives its time. */
function shown(page, count) {
  return page.evaluate(async (many) => {
    while (window.drawn.length <= many) await new Promise((done) => setTimeout(done, 20));
    return window.drawn[many];
  }, count);
}

function firstPicture(page) {
  return page.evaluate(async () => {
    while (document.querySelector('.cards .card') === null || document.querySelector('.u-over') === null)
      await new Promise((done) => requestAnimationFrame(done));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    return performance.now();
  });
}

const marksOf = (page) => page.evaluate(() => performance.getEntriesByName('heapwise-shown').length);

async function open(page, title) {
  const count = await marksOf(page);
  await page.evaluate(() => (window.longTasks.length = 0));
  if (title === BOTTOM_UP_FLAME) await page.getByRole('button', { name: 'Bottom-up', exact: true }).click();
  else await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title, exact: true }).click();
  await shown(page, count);
  return Math.max(0, ...(await page.evaluate(() => window.longTasks)));
}

/** Drags over a part of the time line that nobody asked about before; each drag is another one, and `rests` so many
 *  ms before its end. */
async function dragRange(page, turn, rests) {
  const box = await page.locator('.u-over').first().boundingBox();
  const part = (step) => (turn * step) % 1;
  const from = 0.04 + 0.6 * part(0.618034);
  const to = from + 0.06 + 0.25 * part(0.414214);
  const y = box.y + box.height / 2;
  const count = await marksOf(page);
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + ((from + to) / 2) * box.width, y, { steps: 3 });
  await page.mouse.move(box.x + to * box.width, y);
  await page.evaluate(() => {
    window.addEventListener('mouseup', () => (window.dragEnded = performance.now()), { capture: true, once: true });
  });
  if (rests > 0) await page.waitForTimeout(rests);
  await page.mouse.up();
  const end = await shown(page, count);
  return end - (await page.evaluate(() => window.dragEnded));
}

/** Zooms and pans the flame graph of every stack, a step a frame. */
async function flameFrames(page) {
  const count = await marksOf(page);
  await page.evaluate(() => (location.hash = '#/flame?by=line&plumbing=shown'));
  await shown(page, count);
  const box = await page.locator('.flame-scroller').boundingBox();
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
  await page.evaluate(() => (window.frameWork.length = 0));
  await page.keyboard.down('Control');
  for (let i = 0; i < FRAMES; i++) await page.mouse.wheel(0, i < FRAMES / 2 ? -60 : 45);
  await page.keyboard.up('Control');
  await page.mouse.down();
  for (let i = 0; i < FRAMES; i++) await page.mouse.move(box.x + box.width / 3 + 4 * i, box.y + box.height / 3);
  await page.mouse.up();
  return page.evaluate(() => window.frameWork.filter((ms) => ms > 0.05));
}

await withBrowser(async (browser) => {
  const page = await openPage(browser, 'about:blank');
  await page.addInitScript(watch);
  await page.goto(url);
  const picture = await firstPicture(page);
  const whole = await shown(page, 0);
  console.log('shown');
  await once(process.stdin, 'data');
  process.stdin.pause();
  const found = { picture, whole, ranges: {}, rested: {}, blocked: {}, frames: [] };
  let turn = 0;
  for (const view of VIEWS) {
    found.blocked[view] = await open(page, view);
    found.ranges[view] = [];
    for (let i = 0; i < RANGES; i++) found.ranges[view].push(await dragRange(page, turn++, 0));
    found.rested[view] = [];
    for (let i = 0; i < RANGES; i++) found.rested[view].push(await dragRange(page, turn++, REST));
    const count = await marksOf(page);
    await page.evaluate(() => (location.hash = location.hash.replace(/[?&](from|to)=[^&]*/g, '')));
    await shown(page, count);
  }
  found.frames = await flameFrames(page);
  await page.sound('measuring');
  console.log(JSON.stringify(found));
});
