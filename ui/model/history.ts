// SPDX-License-Identifier: MIT
// Bytes alive over time, by row: what sparklines, stacked areas and hints of growth are made of.
//
// Entries are sorted by row; a row without an entry at a point has nothing alive there. Rows that never hold
// much are not among them; `rest` is their sum.

import type { Container } from '../api/container';
import type { CallTree } from './call_tree';
import { totalsByKey } from './key_history';

export class History {
  readonly points: Uint32Array; // ms
  readonly rest: Float64Array;
  private readonly row: Uint32Array;
  private readonly point: Uint8Array;
  private readonly bytes: Float64Array;
  private readonly byTree = new WeakMap<CallTree, Map<Uint8Array | null, TreeHistory>>();

  constructor(container: Container, rowCount: number) {
    this.points = container.u32('point_ms');
    this.row = container.u32('row');
    this.point = container.u8('point');
    // A column of zeros is left out: nothing was ever alive.
    this.bytes = container.has('bytes')
      ? Float64Array.from(container.figures('bytes'), Number)
      : new Float64Array(this.row.length);
    this.rest = container.has('rest')
      ? Float64Array.from(container.figures('rest'), Number)
      : new Float64Array(this.points.length);
    for (let i = 0; i < this.row.length; i++)
      if (this.row[i]! >= rowCount || this.point[i]! >= this.points.length)
        throw new Error('the history names a row or a moment that is not there');
  }

  get pointCount(): number {
    return this.points.length;
  }

  /** By node of a tree: of all rows, or of those that pass. */
  of(tree: CallTree, passes: Uint8Array | null = null): TreeHistory {
    let known = this.byTree.get(tree);
    if (known === undefined) this.byTree.set(tree, (known = new Map()));
    let history = known.get(passes);
    if (history === undefined) known.set(passes, (history = this.gather(tree, passes)));
    return history;
  }

  /** The bytes alive of the rows that pass. */
  total(passes: Uint8Array | null): Float64Array {
    const sums = passes === null ? this.rest.slice() : new Float64Array(this.pointCount);
    for (let i = 0; i < this.row.length; i++)
      if (passes === null || passes[this.row[i]!] === 1) sums[this.point[i]!]! += this.bytes[i]!;
    return sums;
  }

  /** By row; only rows that have entries. */
  eachRow(visit: (row: number, series: Float64Array) => void): void {
    for (let i = 0; i < this.row.length;) {
      const row = this.row[i]!;
      const series = new Float64Array(this.pointCount);
      for (; i < this.row.length && this.row[i] === row; i++) series[this.point[i]!] = this.bytes[i]!;
      visit(row, series);
    }
  }

  private gather(tree: CallTree, passes: Uint8Array | null): TreeHistory {
    const own = new Map<number, Float64Array>();
    for (let i = 0; i < this.row.length; i++) {
      if (passes !== null && passes[this.row[i]!] === 0) continue;
      const node = tree.nodeOf[this.row[i]!]!;
      let series = own.get(node);
      if (series === undefined) own.set(node, (series = new Float64Array(this.pointCount)));
      series[this.point[i]!]! += this.bytes[i]!;
    }
    return new TreeHistory(tree, own, this.pointCount);
  }
}

/** The history by node of a call tree. */
export class TreeHistory {
  private sums: Map<number, Float64Array> | null = null;
  private keys: Map<number, Float64Array> | null = null;

  constructor(
    private readonly tree: CallTree,
    readonly own: ReadonlyMap<number, Float64Array>,
    readonly pointCount: number,
  ) {}

  /** Of a node and all below it. */
  inclusive(node: number): Float64Array {
    this.sums ??= this.addUp();
    return this.sums.get(node) ?? new Float64Array(this.pointCount);
  }

  /** Of what some nodes hold themselves. */
  ofOrigins(origins: Uint32Array): Float64Array {
    const sums = new Float64Array(this.pointCount);
    for (const node of origins) {
      const series = this.own.get(node);
      if (series !== undefined) for (let p = 0; p < sums.length; p++) sums[p]! += series[p]!;
    }
    return sums;
  }

  /** Of each key with all that it calls. */
  totals(): Map<number, Float64Array> {
    this.keys ??= totalsByKey(this.tree, this);
    return this.keys;
  }

  /** Of all nodes, by their key: what they hold themselves. */
  byKey(): Map<number, Float64Array> {
    const keys = new Map<number, Float64Array>();
    for (const [node, series] of this.own) {
      if (node === 0) continue;
      const key = this.tree.key[node]!;
      const sums = keys.get(key);
      if (sums === undefined) keys.set(key, series.slice());
      else for (let p = 0; p < sums.length; p++) sums[p]! += series[p]!;
    }
    return keys;
  }

  private addUp(): Map<number, Float64Array> {
    const sums = new Map<number, Float64Array>();
    for (const [node, series] of this.own) {
      for (let n = node; ; n = this.tree.parent[n]!) {
        const above = sums.get(n);
        if (above === undefined) sums.set(n, series.slice());
        else for (let p = 0; p < series.length; p++) above[p]! += series[p]!;
        if (n === 0) break;
      }
    }
    return sums;
  }
}
