// SPDX-License-Identifier: MIT
// What the views ask: a profile with the filters on stacks applied, and its costs by node of a call tree.
// Every figure is computed when it is first asked for, and kept.

import type { Amounts } from './amounts';
import type { CallTree } from './call_tree';
import type { CostId } from './costs';
import { NodeAmounts } from './node_amounts';
import { RowsInOrder } from './preorder';
import type { Profile } from './profile';
import { Reach } from './reach';

export class Answer {
  private readonly rows = new Map<CostId, Amounts>();
  private readonly nodes = new Map<CallTree, Map<string, NodeAmounts>>();
  private readonly reaches = new Map<CallTree, Reach>();
  private readonly ordered = new Map<CallTree, { rows: RowsInOrder; running: Map<CostId, Amounts> }>();
  private passing: { rows: Uint32Array; places: Uint32Array } | null = null;

  constructor(
    readonly profile: Profile,
    /** The rows that pass the filters; null: all. */
    readonly passes: Uint8Array | null,
  ) {}

  knows(cost: CostId): boolean {
    return this.profile.knows(cost);
  }

  /** The rows that pass and cost anything, ascending. */
  get costly(): Uint32Array {
    return this.passes === null ? this.profile.rows : this.chosen(this.passes).rows;
  }

  private chosen(passes: Uint8Array): { rows: Uint32Array; places: Uint32Array } {
    if (this.passing === null) {
      const { rows } = this.profile;
      const places = Uint32Array.from(rows.keys()).filter((place) => passes[rows[place]!] !== 0);
      this.passing = { rows: places.map((place) => rows[place]!), places };
    }
    return this.passing;
  }

  /** The nodes that these rows have to do with. */
  reach(tree: CallTree): Reach {
    let reach = this.reaches.get(tree);
    if (reach === undefined) this.reaches.set(tree, (reach = Reach.of(tree, this.costly)));
    return reach;
  }

  /** These rows in the order of the tree. */
  inOrder(tree: CallTree): RowsInOrder {
    return this.orderedBy(tree).rows;
  }

  /** Running sums of the figures in that order: what costs of few nodes are told from. */
  running(tree: CallTree, cost: CostId): Amounts {
    const { rows, running } = this.orderedBy(tree);
    let sums = running.get(cost);
    if (sums === undefined) running.set(cost, (sums = rows.running(this.figures(cost))));
    return sums;
  }

  private orderedBy(tree: CallTree): { rows: RowsInOrder; running: Map<CostId, Amounts> } {
    let ordered = this.ordered.get(tree);
    if (ordered === undefined) {
      ordered = { rows: new RowsInOrder(tree.preorder, this.costly, tree.nodeOf), running: new Map() };
      this.ordered.set(tree, ordered);
    }
    return ordered;
  }

  /** The own costs of the rows that pass and cost anything, in their order. */
  figures(cost: CostId): Amounts {
    if (this.passes === null) return this.profile.figures(cost);
    let amounts = this.rows.get(cost);
    if (amounts === undefined) {
      amounts = this.profile.figures(cost).picked(this.chosen(this.passes).places);
      this.rows.set(cost, amounts);
    }
    return amounts;
  }

  /** The own costs of all rows; zero where one does not pass. */
  row(cost: CostId): Amounts {
    return this.figures(cost).spread(this.costly, this.profile.rowCount);
  }

  /** The sum over the rows that pass, and over all. */
  total(cost: CostId): bigint {
    return this.passes === null ? this.profile.sum(cost) : this.figures(cost).sum();
  }
  all(cost: CostId): bigint {
    return this.profile.sum(cost);
  }

  /** By node: what it costs itself, and with all that it calls. */
  own(tree: CallTree, cost: CostId): NodeAmounts {
    return this.kept(tree, `own ${cost}`, () => {
      const reach = this.reach(tree);
      return new NodeAmounts(
        this.figures(cost).each((plane) => reach.gathered(this.costly, plane)),
        reach,
      );
    });
  }
  inclusive(tree: CallTree, cost: CostId): NodeAmounts {
    return this.kept(tree, cost, () => {
      const { amounts, reach } = this.own(tree, cost);
      return new NodeAmounts(
        amounts.each((plane) => reach.inclusive(plane)),
        reach,
      );
    });
  }

  private kept(tree: CallTree, name: string, make: () => NodeAmounts): NodeAmounts {
    let costs = this.nodes.get(tree);
    if (costs === undefined) this.nodes.set(tree, (costs = new Map()));
    let amounts = costs.get(name);
    if (amounts === undefined) costs.set(name, (amounts = make()));
    return amounts;
  }
}
