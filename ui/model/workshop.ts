// SPDX-License-Identifier: MIT
// Where trees of many nodes are made: beside the page where a worker can be had (worker/), so that the page stays
// alive meanwhile; else on the spot.

import { buildCallTree, type CallTree, type TreeOptions } from './call_tree';
import { layOut } from './flame_boxes';
import type { Detail } from './flame_detail';
import type { Layout } from './flame_layout';
import type { Direction } from './flame_tree';
import type { Tables } from './tables';

/** What a flame graph is made of; see flame_boxes.ts. */
export interface Picture {
  tree: CallTree;
  direction: Direction;
  planes: Float64Array[];
  rows: Uint32Array;
  detail: Detail;
}

export interface Workshop {
  tree(tables: Tables, options: TreeOptions): Promise<CallTree>;
  layout(picture: Picture): Promise<Layout>;
  /** Whether that takes so long that a first picture is worth its while. */
  isSlow(picture: Picture): boolean;
}

export function layoutOf({ tree, direction, planes, rows, detail }: Picture): Layout {
  return layOut(tree, direction, planes, rows, detail);
}

export const onTheSpot: Workshop = {
  tree: (tables, options) => Promise.resolve(buildCallTree(tables, options)),
  layout: (picture) => Promise.resolve(layoutOf(picture)),
  isSlow: () => false,
};
