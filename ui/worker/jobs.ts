// SPDX-License-Identifier: MIT
// What is asked of the worker, and what it answers; pure, so that it is tested without one.
//
//   tables   sent once, under a number that the page gives them
//   tree     made of tables, kept under a number, and sent to the page with what views will ask of it
//   layout   of a tree that was made here
//
// A worker keeps the last KEPT trees; a layout of an older one is refused, and the page makes it itself.

import { buildCallTree, CallTree, type TreeOptions } from '../model/call_tree';
import type { Direction } from '../model/flame_tree';
import type { Layout } from '../model/flame_layout';
import type { Detail } from '../model/flame_detail';
import { Tables } from '../model/tables';
import { layoutOf } from '../model/workshop';

export type TableParts = Pick<Tables, 'strings' | 'functions' | 'modules' | 'frames' | 'rows'>;

export type Job =
  | { kind: 'tables'; tables: number; parts: TableParts }
  | { kind: 'tree'; tables: number; tree: number; options: TreeOptions }
  | {
      kind: 'layout';
      tree: number;
      direction: Direction;
      planes: Float64Array[];
      rows: Uint32Array;
      detail: Detail;
    };

/** The columns of a call tree. */
export interface TreeParts {
  keyCount: number;
  parent: Uint32Array;
  key: Uint32Array;
  nodeOf: Uint32Array;
  order: { start: Uint32Array; children: Uint32Array };
  outermost: Uint8Array;
  preorder: { place: Uint32Array; end: Uint32Array };
}

export type Done = { tree: TreeParts } | { layout: Layout } | null;

export const KEPT = 4;

export class Bench {
  private readonly tables = new Map<number, Tables>();
  private readonly trees = new Map<number, CallTree>();

  do(job: Job): Done {
    switch (job.kind) {
      case 'tables': {
        const { strings, functions, modules, frames, rows } = job.parts;
        this.tables.set(job.tables, new Tables(strings, functions, modules, frames, rows));
        return null;
      }
      case 'tree':
        return { tree: this.makeTree(job.tables, job.tree, job.options) };
      case 'layout': {
        const { direction, planes, rows, detail } = job;
        const tree = this.trees.get(job.tree);
        if (tree === undefined) throw new Error('that tree is no longer kept');
        return { layout: layoutOf({ tree, direction, planes, rows, detail }) };
      }
    }
  }

  private makeTree(tables: number, number: number, options: TreeOptions): TreeParts {
    const of = this.tables.get(tables);
    if (of === undefined) throw new Error('there are no such tables');
    const tree = buildCallTree(of, options);
    this.trees.set(number, tree);
    if (this.trees.size > KEPT) this.trees.delete(this.trees.keys().next().value!);
    const { keyCount, parent, key, nodeOf, order, outermost } = tree;
    const { place, end } = tree.preorder;
    return { keyCount, parent, key, nodeOf, order, outermost, preorder: { place, end } };
  }
}

/** What may be handed over rather than copied: the worker has no more use for it. */
export function handedOver(done: Done): ArrayBuffer[] {
  if (done === null) return [];
  if ('tree' in done) return [done.tree.outermost.buffer as ArrayBuffer];
  const { parent, key, own, total, start, firstChild, level } = done.layout;
  const arrays = [parent, key, start, firstChild, level, ...own, ...total];
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
}
