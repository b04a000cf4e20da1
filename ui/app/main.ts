// SPDX-License-Identifier: MIT
// Where the page begins: finds its data and opens the shell.

import './tokens.css';
import './shell.css';
import { EmbeddedSource, isFile } from '../api/embedded';
import { HttpSource } from '../api/http';
import { failed, loading } from '../widgets/status';
import { hire } from '../worker/hired';
import script from 'script-of:../worker/worker.ts';
import { Shell } from './shell';
import { applyTheme } from './theme';

const workshop = hire(script);

async function start(): Promise<void> {
  applyTheme();
  const host = document.getElementById('app')!;
  host.replaceChildren(loading('Reading the recording…'));
  try {
    const source = isFile() ? new EmbeddedSource() : new HttpSource();
    const recordings = await source.recordings();
    const shell = new Shell(host, source, recordings, workshop);
    await shell.start();
  } catch (error) {
    host.replaceChildren(failed(error, () => void start()));
  }
}

void start();
