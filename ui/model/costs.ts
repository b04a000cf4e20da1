// SPDX-License-Identifier: MIT
// The costs that a call stack can have, in one list. Ids are those of the server's columns.

export type Unit = 'bytes' | 'count';

export type CostId =
  | 'peak_bytes'
  | 'peak_blocks'
  | 'leaked_bytes'
  | 'leaked_blocks'
  | 'allocated_bytes'
  | 'allocations'
  | 'temporary'
  | 'temporary_bytes'
  | 'alive_bytes'
  | 'alive_blocks'
  | 'freed_bytes'
  | 'freed_blocks'
  | 'later_bytes'
  | 'later_blocks'
  | 'failed';

export interface Cost {
  id: CostId;
  unit: Unit;
  /** The name of a column for the whole run, and for a range where that says it better. */
  label: string;
  inRange?: string;
  /** A sentence for the title of a column. */
  meaning: string;
}

export const COSTS: readonly Cost[] = [
  {
    id: 'peak_bytes',
    unit: 'bytes',
    label: 'Peak',
    inRange: 'Peak in range',
    meaning: 'Bytes alive at the moment when the whole process held the most',
  },
  { id: 'peak_blocks', unit: 'count', label: 'Peak blocks', meaning: 'Blocks alive at the moment of the peak' },
  {
    id: 'leaked_bytes',
    unit: 'bytes',
    label: 'Leaked',
    inRange: 'Growth',
    meaning: 'Bytes allocated in the range and still alive at its end; of the whole run: never freed',
  },
  {
    id: 'leaked_blocks',
    unit: 'count',
    label: 'Leaked blocks',
    inRange: 'Growth blocks',
    meaning: 'Blocks allocated in the range and still alive at its end; of the whole run: never freed',
  },
  { id: 'allocated_bytes', unit: 'bytes', label: 'Allocated', meaning: 'Bytes of all allocations, freed or not' },
  { id: 'allocations', unit: 'count', label: 'Calls', meaning: 'How many blocks were allocated' },
  {
    id: 'temporary',
    unit: 'count',
    label: 'Temporary',
    meaning: 'Blocks whose end was the very next thing that their thread did with the heap',
  },
  { id: 'temporary_bytes', unit: 'bytes', label: 'Temporary bytes', meaning: 'Bytes of the temporary blocks' },
  {
    id: 'alive_bytes',
    unit: 'bytes',
    label: 'Alive at end',
    inRange: 'Alive',
    meaning: 'Bytes alive at the chosen moment, however old; without one, at the end',
  },
  { id: 'alive_blocks', unit: 'count', label: 'Alive blocks', meaning: 'Blocks alive at the chosen moment' },
  { id: 'freed_bytes', unit: 'bytes', label: 'Freed', meaning: 'Bytes that were freed in the range, however old' },
  { id: 'freed_blocks', unit: 'count', label: 'Freed blocks', meaning: 'Blocks that were freed in the range' },
  {
    id: 'later_bytes',
    unit: 'bytes',
    label: 'Freed later',
    meaning: 'Bytes allocated inside the range and freed after its end',
  },
  {
    id: 'later_blocks',
    unit: 'count',
    label: 'Blocks freed later',
    meaning: 'Blocks allocated inside the range and freed after its end',
  },
  { id: 'failed', unit: 'count', label: 'Failed', meaning: 'Calls that returned NULL' },
];

const BY_ID = new Map(COSTS.map((cost) => [cost.id, cost]));

export function costOf(id: CostId): Cost {
  return BY_ID.get(id)!;
}

export function isCostId(text: string): text is CostId {
  return BY_ID.has(text as CostId);
}

export function labelOf(id: CostId, ranged: boolean): string {
  const cost = costOf(id);
  return (ranged && cost.inRange) || cost.label;
}
