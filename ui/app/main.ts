// SPDX-License-Identifier: MIT
// Where the page begins: finds its data and opens the shell.

import './tokens.css';
import './shell.css';
import { EmbeddedSource, isFile } from '../api/embedded';
import { HttpSource } from '../api/http';
import { failed, loading } from '../widgets/status';
import { Shell } from './shell';
import { applyTheme } from './theme';

async function start(): Promise<void> {
  applyTheme();
  const host = document.getElementById('app')!;
  host.replaceChildren(loading('Reading the recording…'));
  try {
    const source = isFile() ? new EmbeddedSource() : new HttpSource();
    const recordings = await source.recordings();
    const shell = new Shell(host, source, recordings);
    await shell.start();
  } catch (error) {
    host.replaceChildren(failed(error, () => void start()));
  }
}

void start();
