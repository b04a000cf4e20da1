// SPDX-License-Identifier: MIT
// Figures by node of a call tree, kept for the nodes that an answer reaches and no others: most ranges of time
// reach few of a million. All other nodes have 0.
//
//   amounts  by slot (reach.ts): that of nodes[i] is i + 1, and slot 0 holds 0

import type { Amounts } from './amounts';
import type { Reach } from './reach';

export class NodeAmounts {
  constructor(
    readonly amounts: Amounts,
    readonly reach: Reach,
  ) {}

  /** The figure for drawing and ordering; past 2^53 it is rounded. */
  at(node: number): number {
    return this.amounts.at(this.reach.slot[node]!);
  }

  exact(node: number): bigint {
    return this.amounts.exact(this.reach.slot[node]!);
  }

  isZero(node: number): boolean {
    return this.amounts.isZero(this.reach.slot[node]!);
  }

  /** Adds the figure of a node to `into` at j. */
  addTo(into: Amounts, j: number, node: number): void {
    into.add(j, this.amounts, this.reach.slot[node]!);
  }
}
