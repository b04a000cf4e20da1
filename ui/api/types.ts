// SPDX-License-Identifier: MIT
// What the server's JSON answers hold. Figures that the recording does not know are null.

/** An exact integer: bigint where it is past 2^53. */
export type Integer = number | bigint;

export interface RecordingName {
  id: number;
  path: string;
  name: string;
}

export interface Recordings {
  schema: number;
  generator: string;
  mode: 'server' | 'file';
  recordings: RecordingName[];
  /** Sentences that say what a file cannot answer; empty for a server. */
  limits: string[];
}

export interface Facts {
  generator: string;
  recording: { path: string; written_by: string; damage: string | null };
  process: {
    pid: number;
    parent_pid: number;
    command: string[];
    executable: string;
    working_directory: string;
    host: string;
    kernel: string;
    page_size: number;
    start_unix_ns: Integer;
    forked: boolean;
    clock: string;
    ended: string;
    exit_status: number | null;
    signal: number | null;
  };
  totals: Record<
    | 'allocations'
    | 'frees'
    | 'reallocations'
    | 'failed'
    | 'allocated_bytes'
    | 'freed_bytes'
    | 'temporary'
    | 'temporary_bytes'
    | 'leaked_blocks'
    | 'leaked_bytes'
    | 'peak_bytes'
    | 'peak_blocks'
    | 'peak_time_ms'
    | 'duration_ms'
    | 'peak_rss_bytes'
    | 'threads'
    | 'events'
    | 'unknown_frees',
    Integer | null
  >;
  limits: Record<
    'stacks_truncated' | 'stacks_guessed' | 'order_repairs' | 'lost_events' | 'agent_bytes',
    Integer | null
  >;
  modules: { path: string; build_id: string | null }[];
  threads: { tid: number; name: string }[];
  /** Moments that the program named, in the order of time. */
  marks?: ProgramMark[];
  /** How many there are, also where `marks` has not all of them. */
  mark_count?: number;
  knows?: Partial<Record<'time' | 'lifetimes' | 'threads' | 'events' | 'frees', boolean>>;
  suppressed?: Suppressed;
}

/** The leaks of the whole run that rules take off; see docs/suppressions.md. */
export interface Suppressed {
  blocks: Integer;
  bytes: Integer;
  /** A program whose own rules could not be read. */
  not_read: string | null;
  rules: { pattern: string; from: string; stacks: Integer; blocks: Integer; bytes: Integer }[];
}

export interface ProgramMark {
  name: string;
  time_ms: number;
  tid: number | null;
  live_bytes: Integer;
  live_blocks: Integer;
  allocations: Integer;
  allocated_bytes: Integer;
}

/** Points of a stretch of time, each holding until the next. Allocations count from the start of the run. */
export interface Timeline {
  time_ms: number[];
  live_bytes: Integer[];
  live_blocks: Integer[];
  peak_bytes: Integer[];
  allocations: Integer[];
  allocated_bytes: Integer[];
  rss_bytes: (Integer | null)[];
  before?: { live_bytes: Integer; live_blocks: Integer; allocations: Integer; allocated_bytes: Integer };
}

export interface Bin {
  min: Integer;
  max: Integer | null;
  count: Integer;
  bytes: Integer;
  never?: boolean;
}

export interface Histogram {
  sizes: Bin[];
  lifetimes: Bin[];
}

export interface ThreadCosts {
  tid: number;
  name: string;
  allocations: Integer | null;
  allocated_bytes: Integer | null;
  temporary: Integer | null;
  peak_bytes: Integer | null;
  leaked_bytes: Integer | null;
  leaked_blocks: Integer | null;
  freed_blocks?: Integer | null;
}
