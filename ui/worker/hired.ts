// SPDX-License-Identifier: MIT
// A worker's side of the page. Its script is a text in the page's own, so that a file that is opened from a disk
// has it, too: a worker of a blob is what the page's policy allows.
//
// Small trees are made on the spot, for that takes no longer than the asking; and so is everything once a worker
// has failed, whatever the reason.

import { CallTree, type TreeOptions } from '../model/call_tree';
import type { Layout } from '../model/flame_layout';
import { Preorder } from '../model/preorder';
import type { Tables } from '../model/tables';
import { onTheSpot, type Picture, type Workshop } from '../model/workshop';
import type { Done, Job, TreeParts } from './jobs';

const ROWS_WORTH_IT = 50_000;
const COSTLY_WORTH_IT = 5_000; // rows of an answer, each of which has a dozen nodes above it
const BESIDE = 'heapwise-beside'; // in the browser's own record of times, for each job that the worker has done

type Reply = { number: number; done: Done } | { number: number; failed: string };
interface Waiting {
  settle(done: Done): void;
  fail(why: Error): void;
}

export function hire(script: string): Workshop {
  try {
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    return new Hired(new Worker(url));
  } catch {
    return onTheSpot;
  }
}

class Hired implements Workshop {
  private readonly waiting = new Map<number, Waiting>();
  private readonly sent = new Map<Tables, number>();
  private readonly trees = new WeakMap<CallTree, number>();
  private asked = 0;
  private numbered = 0;
  private isBroken = false;

  constructor(private readonly worker: Worker) {
    worker.addEventListener('message', (event: MessageEvent<Reply>) => this.answered(event.data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.isBroken = true;
      for (const { fail } of this.waiting.values()) fail(new Error('the worker has failed'));
      this.waiting.clear();
    });
  }

  async tree(tables: Tables, options: TreeOptions): Promise<CallTree> {
    if (this.isBroken || tables.rowCount < ROWS_WORTH_IT) return onTheSpot.tree(tables, options);
    try {
      const number = this.numbered++;
      const done = await this.ask({ kind: 'tree', tables: this.numberOf(tables), tree: number, options });
      const tree = treeOf(tables, options, (done as { tree: TreeParts }).tree);
      this.trees.set(tree, number);
      return tree;
    } catch {
      return onTheSpot.tree(tables, options);
    }
  }

  async layout(picture: Picture): Promise<Layout> {
    const number = this.trees.get(picture.tree);
    if (number === undefined || !this.isSlow(picture)) return onTheSpot.layout(picture);
    try {
      const { direction, planes, rows, detail } = picture;
      const job: Job = { kind: 'layout', tree: number, direction, planes, rows, detail };
      return ((await this.ask(job)) as { layout: Layout }).layout;
    } catch {
      return onTheSpot.layout(picture);
    }
  }

  isSlow({ tree, rows }: Picture): boolean {
    return !this.isBroken && this.trees.has(tree) && rows.length >= COSTLY_WORTH_IT;
  }

  private ask(job: Job): Promise<Done> {
    const number = this.asked++;
    return new Promise((settle, fail) => {
      this.waiting.set(number, { settle, fail });
      this.worker.postMessage({ number, job });
    });
  }

  private answered(reply: Reply): void {
    const waiting = this.waiting.get(reply.number);
    this.waiting.delete(reply.number);
    if ('done' in reply) {
      performance.mark(BESIDE);
      waiting?.settle(reply.done);
    }
    if ('failed' in reply) waiting?.fail(new Error(reply.failed));
  }

  private numberOf(tables: Tables): number {
    let number = this.sent.get(tables);
    if (number === undefined) {
      number = this.numbered++;
      this.sent.set(tables, number);
      const { strings, functions, modules, frames, rows } = tables;
      const parts = { strings, functions, modules, frames, rows };
      void this.ask({ kind: 'tables', tables: number, parts }).catch(() => this.sent.delete(tables));
    }
    return number;
  }
}

function treeOf(tables: Tables, options: TreeOptions, parts: TreeParts): CallTree {
  const { keyCount, parent, key, nodeOf, order, outermost } = parts;
  const preorder = new Preorder(parts.preorder.place, parts.preorder.end);
  return new CallTree(tables, options.by, keyCount, parent, key, nodeOf, { order, outermost, preorder });
}
