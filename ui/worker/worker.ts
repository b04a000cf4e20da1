// SPDX-License-Identifier: MIT
// The worker: does the jobs that the page sends, one after the other, and says so when one cannot be done.

import { Bench, handedOver, type Job } from './jobs';

declare function postMessage(message: unknown, transfer?: Transferable[]): void;

const bench = new Bench();

self.addEventListener('message', (event: MessageEvent<{ number: number; job: Job }>) => {
  const { number, job } = event.data;
  try {
    const done = bench.do(job);
    postMessage({ number, done }, handedOver(done));
  } catch (error) {
    postMessage({ number, failed: String(error) });
  }
});
