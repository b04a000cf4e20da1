// SPDX-License-Identifier: MIT
// What of a tree an answer has to do with: a range of time touches few of a million stacks, and looking at no
// others is what makes its views follow at once.
//
//   nodes   the nodes that the rows count for, and all above them, ascending; the root is always one
//   ends    those of the nodes that rows count for themselves, ascending
//   slot    of nodes[i]: i + 1; of other nodes 0
//   above   the slot of each node's parent, by i; the root is its own

/** What this needs of a call tree; see call_tree.ts. */
export interface Shape {
  count: number;
  parent: Uint32Array;
  key: Uint32Array;
  nodeOf: Uint32Array;
}

const ABOVE = 1;
const END = 2;

export class Reach {
  private slots: Uint32Array | null = null;
  private placed: { rows: Uint32Array; slots: Uint32Array } | null = null;
  private parents: Uint32Array | null = null;

  private constructor(
    readonly nodes: Uint32Array,
    readonly ends: Uint32Array,
    private readonly shape: Shape,
  ) {}

  static of(shape: Shape, rows: ArrayLike<number>): Reach {
    const { parent, nodeOf, count } = shape;
    const met = new Uint8Array(count);
    met[0] = ABOVE;
    let nodes = 1;
    let ends = 0;
    for (let i = 0; i < rows.length; i++) {
      let node = nodeOf[rows[i]!]!;
      if ((met[node]! & END) === 0) ends++;
      if (met[node] === 0) nodes++;
      else {
        met[node]! |= END;
        continue;
      }
      met[node] = END;
      for (node = parent[node]!; met[node] === 0; node = parent[node]!) {
        met[node] = ABOVE;
        nodes++;
      }
    }
    return new Reach(places(met, nodes, ABOVE | END), places(met, ends, END), shape);
  }

  get slot(): Uint32Array {
    if (this.slots !== null) return this.slots;
    const slot = new Uint32Array(this.shape.count);
    for (let i = 0; i < this.nodes.length; i++) slot[this.nodes[i]!] = i + 1;
    this.slots = slot;
    return slot;
  }

  /** Adds the figures of rows to the slots of their nodes. */
  gathered(rows: Uint32Array, figures: Float64Array): Float64Array {
    const slots = this.slotsOf(rows);
    const sums = new Float64Array(this.nodes.length + 1);
    for (let i = 0; i < slots.length; i++) sums[slots[i]!]! += figures[i]!;
    return sums;
  }

  /** The slot of each row's node: looked up once for all costs of the same rows. */
  private slotsOf(rows: Uint32Array): Uint32Array {
    if (this.placed?.rows === rows) return this.placed.slots;
    const { nodeOf } = this.shape;
    const { slot } = this;
    const slots = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) slots[i] = slot[nodeOf[rows[i]!]!]!;
    this.placed = { rows, slots };
    return slots;
  }

  /** By slot: each figure and all below it. */
  inclusive(figures: Float64Array): Float64Array {
    const { above } = this;
    const sums = figures.slice();
    for (let i = above.length - 1; i > 0; i--) sums[above[i]!]! += sums[i + 1]!;
    return sums;
  }

  get above(): Uint32Array {
    if (this.parents !== null) return this.parents;
    const { parent } = this.shape;
    const { slot, nodes } = this;
    const above = new Uint32Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) above[i] = slot[parent[nodes[i]!]!]!;
    this.parents = above;
    return above;
  }
}

function places(met: Uint8Array, count: number, wanted: number): Uint32Array {
  const found = new Uint32Array(count);
  for (let node = 0, i = 0; i < count; node++) if ((met[node]! & wanted) !== 0) found[i++] = node;
  return found;
}
