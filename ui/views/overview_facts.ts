// SPDX-License-Identifier: MIT
// The facts of the run: the process, and what could not be seen of it.

import { bytesText, countText, durationText, exactText, UNKNOWN } from '../model/format';
import { h } from '../widgets/dom';
import { prose } from '../widgets/prose';
import type { App } from './view';

export function factsSection(app: App): HTMLElement {
  const { facts } = app.session;
  const { process, totals, recording } = facts;
  const rows: [string, string, string?][] = [
    ['Command', process.command.join(' ')],
    ['Process', `${process.pid}, started by ${process.parent_pid}${process.forked ? ', as a fork' : ''}`],
    ['Directory', process.working_directory],
    ['Took', totals.duration_ms === null ? UNKNOWN : durationText(totals.duration_ms)],
    ['Ended', endText(process.ended, process.exit_status, process.signal)],
    ['Threads', totals.threads === null ? UNKNOWN : countText(totals.threads)],
    ['Events', totals.events === null ? UNKNOWN : countText(totals.events)],
    ['Machine', `${process.host}, ${process.kernel}`],
    ['Recording', recording.path, `written by ${recording.written_by}`],
  ];
  const list = h('dl', { class: 'facts' });
  for (const [name, value, title] of rows)
    list.append(h('dt', {}, name), h('dd', { title }, value === '' || value === 'null' ? UNKNOWN : value));
  return h('div', { class: 'panel' }, h('h2', {}, 'The process'), list);
}

export function limitsSection(app: App): HTMLElement {
  const { facts, tables } = app.session;
  const { limits, recording } = facts;
  const items: string[] = [];
  const count = (value: unknown): bigint => (value === null || value === undefined ? 0n : BigInt(value as number));
  if (recording.damage !== null) items.push(`The recording is damaged: ${recording.damage}`);
  if (count(limits.lost_events) > 0n) items.push(`${countText(count(limits.lost_events))} events were lost`);
  if (count(limits.stacks_truncated) > 0n)
    items.push(`${countText(count(limits.stacks_truncated))} call stacks end before main`);
  if (count(limits.stacks_guessed) > 0n)
    items.push(`${countText(count(limits.stacks_guessed))} call stacks were partly guessed`);
  if (count(facts.totals.unknown_frees) > 0n)
    items.push(`${countText(count(facts.totals.unknown_frees))} freed blocks were older than the recording`);
  const nameless = tables.functions.flags.reduce((sum, flags) => sum + ((flags & 8) !== 0 ? 1 : 0), 0);
  if (nameless > 0)
    items.push(
      `${countText(nameless)} code addresses have no function name: ` +
        'install the debug symbols of their libraries, or build with -g',
    );
  const agent = limits.agent_bytes;
  const list =
    items.length > 0
      ? h('ul', {}, ...items.map((text) => h('li', {}, text)))
      : h('p', {}, 'Nothing: every event, with its whole call stack.');
  return h(
    'div',
    { class: 'panel' },
    h('h2', {}, 'What could not be seen'),
    list,
    agent !== null &&
      h(
        'p',
        { class: 'muted', title: exactText(agent, 'bytes') },
        `heapwise itself used ${bytesText(agent)} in the process.`,
      ),
  );
}

/** What a file made by `heapwise html` can be asked; nothing for a server, which answers everything. */
export function fileSection(app: App): HTMLElement | null {
  const { limits } = app.recordings;
  if (limits.length === 0) return null;
  return h(
    'div',
    { class: 'panel', id: 'file-limits' },
    h('h2', {}, 'What this file can answer'),
    h('ul', {}, ...limits.map((sentence) => h('li', {}, ...prose(sentence)))),
    h('p', { class: 'muted' }, ...prose('The recording itself, opened with `heapwise view`, answers everything.')),
  );
}

function endText(ended: string, status: number | null, signal: number | null): string {
  switch (ended) {
    case 'exit':
      return `exit status ${status ?? '?'}`;
    case 'signal':
      return `by signal ${signal ?? '?'}`;
    case 'exec':
      return 'became another program';
    case 'detached':
      return 'the recorder left it';
    default:
      return UNKNOWN;
  }
}
