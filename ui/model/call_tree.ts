// SPDX-License-Identifier: MIT
// The tree that a view shows: the tree of stacks with rows left out and merged as the options say.
//
//   node      a path of keys from the root; node 0 is the root, and a node's parent comes before it
//   key       what a node stands for: a function, a frame (function and line), a file or a module
//   nodeOf    the node that a row's own costs count for
//
// It depends on the tables and the options alone, never on a question, so that one tree serves all of them.
//
// Plumbing hidden: an allocator's or a library's function below a function of the program is left out, and what
// it allocates counts for its caller; what calls main is left out above the program's functions, and stays where
// there is no other function. Recursion collapsed: a key stands at most once on a path; where it is met again,
// the path goes back to it.

import { PairTable } from './pair_table';
import { Preorder } from './preorder';
import { FLAG, NO_FRAME, type Tables } from './tables';

export type GroupBy = 'function' | 'line' | 'file' | 'module';

export interface TreeOptions {
  by: GroupBy;
  plumbing: 'shown' | 'hidden';
  recursion: 'shown' | 'collapsed';
  /** Functions whose frames are left out: 1 by function; null: none. */
  hidden: Uint8Array | null;
}

/** children[start[n]] to children[start[n + 1] - 1] are those of node n. */
export interface ChildOrder {
  start: Uint32Array;
  children: Uint32Array;
}

interface KnownOfTree {
  order?: ChildOrder;
  outermost?: Uint8Array;
  preorder?: Preorder;
}

export class CallTree {
  private known: KnownOfTree;
  private rowKeys: Uint32Array | null = null;

  constructor(
    readonly tables: Tables,
    readonly by: GroupBy,
    readonly keyCount: number,
    readonly parent: Uint32Array,
    readonly key: Uint32Array,
    readonly nodeOf: Uint32Array,
    /** What is otherwise found when it is first asked for. */
    known: KnownOfTree = {},
  ) {
    this.known = { ...known };
  }

  get count(): number {
    return this.parent.length;
  }

  childrenOf(node: number): Uint32Array {
    const { start, children } = this.order;
    return children.subarray(start[node]!, start[node + 1]!);
  }

  /** The nodes below none of the same key: only their inclusive costs may be added up for a key. */
  get outermost(): Uint8Array {
    this.known.outermost ??= this.findOutermost();
    return this.known.outermost;
  }

  /** The key of each row's node; keyCount of rows whose costs count for the root. */
  get keyOfRow(): Uint32Array {
    const { nodeOf, key, keyCount } = this;
    this.rowKeys ??= nodeOf.map((node) => (node === 0 ? keyCount : key[node]!));
    return this.rowKeys;
  }

  get preorder(): Preorder {
    this.known.preorder ??= Preorder.of(this);
    return this.known.preorder;
  }

  /** One for each node of the subtree of `top`. */
  subtree(top: number): Uint8Array {
    const inside = new Uint8Array(this.count);
    inside[top] = 1;
    for (let n = top + 1; n < this.count; n++) inside[n] = inside[this.parent[n]!]!;
    return inside;
  }

  /** The nodes from below the root to `node`. */
  path(node: number): number[] {
    const nodes: number[] = [];
    for (let n = node; n !== 0; n = this.parent[n]!) nodes.push(n);
    return nodes.reverse();
  }

  /** The children of all nodes, by node. */
  get order(): ChildOrder {
    this.known.order ??= this.findOrder();
    return this.known.order;
  }

  private findOrder(): ChildOrder {
    const start = new Uint32Array(this.count + 1);
    for (let n = 1; n < this.count; n++) start[this.parent[n]! + 1]!++;
    for (let n = 0; n < this.count; n++) start[n + 1]! += start[n]!;
    const children = new Uint32Array(Math.max(this.count - 1, 0));
    const next = start.slice();
    for (let n = 1; n < this.count; n++) children[next[this.parent[n]!]!++] = n;
    return { start, children };
  }

  private findOutermost(): Uint8Array {
    const { start, children } = this.order;
    const outermost = new Uint8Array(this.count);
    const open = new Uint32Array(this.keyCount);
    const next = start.slice(0, this.count);
    let node = 0;
    for (;;) {
      const at = next[node]!;
      if (at < start[node + 1]!) {
        next[node] = at + 1;
        node = children[at]!;
        if (open[this.key[node]!]!++ === 0) outermost[node] = 1;
      } else if (node === 0) {
        return outermost;
      } else {
        open[this.key[node]!]!--;
        node = this.parent[node]!;
      }
    }
  }
}

export function buildCallTree(tables: Tables, options: TreeOptions): CallTree {
  const { parent, frame } = tables.rows;
  const rowFunction = tables.rowFunction;
  const flags = tables.functions.flags;
  const { keyOf, keyCount } = keysOf(tables, options.by);
  const hidePlumbing = options.plumbing === 'hidden';
  const collapse = options.recursion === 'collapsed';
  const mergeRuns = options.by === 'file' || options.by === 'module';
  const byLine = options.by === 'line';
  const table = new PairTable(tables.rowCount);
  const nodeOf = new Uint32Array(tables.rowCount);
  // Below a function of the program: what plumbing costs there is the function's own.
  const belowProgram = new Uint8Array(tables.rowCount);
  table.idOf(0, NO_FRAME); // the root

  for (let r = 1; r < tables.rowCount; r++) {
    const f = rowFunction[r]!;
    const above = parent[r]!;
    const isPlumbing = (flags[f]! & (FLAG.plumbing | FLAG.runtime)) !== 0;
    belowProgram[r] = belowProgram[above]! | (isPlumbing ? 0 : 1);
    let under = nodeOf[above]!;
    if (options.hidden !== null && options.hidden[f] === 1) {
      nodeOf[r] = under;
      continue;
    }
    if (hidePlumbing) {
      if (isPlumbing && belowProgram[r] === 1) {
        nodeOf[r] = under;
        continue;
      }
      if (!isPlumbing && belowProgram[above] === 0) under = 0;
    }
    const key = byLine ? frame[r]! : keyOf[f]!;
    if (mergeRuns && under !== 0 && table.second[under] === key) {
      nodeOf[r] = under;
      continue;
    }
    if (collapse) {
      let n = under;
      while (n !== 0 && table.second[n] !== key) n = table.first[n]!;
      if (n !== 0) {
        nodeOf[r] = n;
        continue;
      }
    }
    nodeOf[r] = table.idOf(under, key);
  }
  return new CallTree(
    tables,
    options.by,
    keyCount,
    table.first.slice(0, table.count),
    table.second.slice(0, table.count),
    nodeOf,
  );
}

/** The key of each function, for every grouping but by line. */
function keysOf(tables: Tables, by: GroupBy): { keyOf: Uint32Array; keyCount: number } {
  switch (by) {
    case 'line':
      return { keyOf: new Uint32Array(), keyCount: tables.frames.function.length };
    case 'function':
      return { keyOf: Uint32Array.from(tables.functions.name, (_, f) => f), keyCount: tables.functionCount };
    case 'module':
      return {
        keyOf: tables.functions.module.map((m) => Math.min(m, tables.modules.path.length)),
        keyCount: tables.modules.path.length + 1,
      };
    case 'file': {
      const ofFile = new Map<string, number>();
      const keyOf = new Uint32Array(tables.functionCount);
      for (let f = 0; f < tables.functionCount; f++) {
        const file = tables.file(f);
        let key = ofFile.get(file);
        if (key === undefined) {
          key = f; // the first function of the file stands for it
          ofFile.set(file, key);
        }
        keyOf[f] = key;
      }
      return { keyOf, keyCount: tables.functionCount };
    }
  }
}
