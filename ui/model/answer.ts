// SPDX-License-Identifier: MIT
// What the views ask: a profile with the filters on stacks applied, and its costs by node of a call tree.
// Every figure is computed when it is first asked for, and kept.

import type { Amounts } from './amounts';
import type { CallTree } from './call_tree';
import type { CostId } from './costs';
import type { Profile } from './profile';

export class Answer {
  private readonly rows = new Map<CostId, Amounts>();
  private readonly nodes = new Map<CallTree, Map<CostId, { own: Amounts; inclusive: Amounts }>>();

  constructor(
    readonly profile: Profile,
    /** The rows that pass the filters; null: all. */
    readonly passes: Uint8Array | null,
  ) {}

  knows(cost: CostId): boolean {
    return this.profile.knows(cost);
  }

  /** The own costs of the rows that pass. */
  row(cost: CostId): Amounts {
    let amounts = this.rows.get(cost);
    if (amounts === undefined) {
      amounts = this.profile.own(cost);
      if (this.passes !== null) amounts = amounts.masked(this.passes);
      this.rows.set(cost, amounts);
    }
    return amounts;
  }

  /** The sum over the rows that pass, and over all. */
  total(cost: CostId): bigint {
    return this.passes === null ? this.profile.sum(cost) : this.row(cost).sum();
  }
  all(cost: CostId): bigint {
    return this.profile.sum(cost);
  }

  /** By node: what it costs itself, and with all that it calls. */
  own(tree: CallTree, cost: CostId): Amounts {
    return this.ofTree(tree, cost).own;
  }
  inclusive(tree: CallTree, cost: CostId): Amounts {
    return this.ofTree(tree, cost).inclusive;
  }

  private ofTree(tree: CallTree, cost: CostId): { own: Amounts; inclusive: Amounts } {
    let costs = this.nodes.get(tree);
    if (costs === undefined) this.nodes.set(tree, (costs = new Map()));
    let amounts = costs.get(cost);
    if (amounts === undefined) {
      const own = this.row(cost).gathered(tree.nodeOf, tree.count);
      amounts = { own, inclusive: own.inclusive(tree.parent) };
      costs.set(cost, amounts);
    }
    return amounts;
  }
}
