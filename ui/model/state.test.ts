// SPDX-License-Identifier: MIT
// The state goes into the URL and comes back whole; what a stranger writes there does no harm.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBy, START, stateFromUrl, stateToUrl, type State } from './state';

test('a state comes back from its URL', () => {
  const state: State = {
    view: 'bottom-up',
    recording: 1,
    from: 200,
    to: 600,
    aliveAt: 500,
    cost: 'leaked_bytes',
    filters: [
      { subject: 'function', negated: true, pattern: '^a&b=c?#(x)$' },
      { subject: 'module', negated: false, pattern: '!odd' },
    ],
    hide: ['std::'],
    show: ['main'],
    size: '16-64',
    lifetime: '-100',
    threads: [1, 22],
    wholeGroup: true,
    by: 'line',
    plumbing: 'shown',
    recursion: 'collapsed',
    sort: { column: 'self', descending: false },
    marks: [10, 400],
    selected: 'operator new(unsigned long)',
    own: { path: '/a b/c.c', line: '7' },
  };
  assert.deepEqual(stateFromUrl(stateToUrl(state)), {
    ...state,
    // A pattern cannot begin with "!": that negates.
    filters: [state.filters[0]!, { subject: 'module', negated: true, pattern: 'odd' }],
  });
  assert.equal(stateToUrl(START), '#/overview');
  assert.deepEqual(stateFromUrl(''), START);
});

test('words that make no sense are left out', () => {
  const state = stateFromUrl('#/leaks?from=9&to=3&at=x&cost=gold&by=colour&size=-&lifetime=1e3&thread=-4&marks=5_x_2');
  assert.deepEqual(state, { ...START, view: 'leaks', marks: [2, 5] });
  assert.equal(stateFromUrl('#/<b>').view, START.view);
});

test('only what the server answers is asked of it', () => {
  const state = stateFromUrl('#/flame?from=5&function=main&size=1-2&whole_group=leaked&by=line');
  assert.deepEqual(askedBy(state), { from: 5, size: '1-2', wholeGroup: true });
});
