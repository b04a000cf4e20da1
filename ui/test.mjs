// SPDX-License-Identifier: MIT
// Runs the unit tests, every *.test.ts of the UI, with node's own test runner: node test.mjs [WORDS…]
// Prints "ok NAME SECONDS" or "not ok NAME SECONDS" a test, what a failed one said indented below it. With
// --list it prints their files.

import { build } from 'esbuild';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const files = ['api', 'model', 'widgets', 'views', 'worker', 'app']
  .flatMap((folder) => readdirSync(join(here, folder)).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.test.ts') && (words.length === 0 || words.some((word) => file.includes(word))));

const out = mkdtempSync(join(tmpdir(), 'heapwise-ui-test-'));
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await build({
  absWorkingDir: here,
  entryPoints: files,
  outdir: out,
  outbase: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  sourcemap: 'inline',
  logLevel: 'warning',
});

const bundles = files.map((file) => join(out, file.replace(/\.ts$/, '.mjs')));
const nameOf = (data) => {
  const bundle = bundles.find((file) => data.file === file || data.name === file);
  return (
    bundle
      ?.slice(out.length + 1)
      .split(sep)
      .slice(-1)[0]
      .replace('.test.mjs', '') ?? ''
  );
};
let failed = 0;
const tell = (data, word) => {
  if (data.details?.type === 'suite' || bundles.includes(data.name)) return;
  console.log(`${word} ${nameOf(data)}: ${data.name} ${(data.details.duration_ms / 1000).toFixed(1)}`);
};
const stream = run({ files: bundles, concurrency: 2 });
stream.on('test:pass', (data) => tell(data, 'ok'));
stream.on('test:fail', (data) => {
  failed++;
  const said = data.details.error;
  console.log(`not ok ${nameOf(data)}: ${data.name} ${(data.details.duration_ms / 1000).toFixed(1)}`);
  for (const line of String(said?.cause?.stack ?? said?.cause ?? said).split('\n')) console.log(`    ${line}`);
});
stream.on('test:stderr', (data) => process.stderr.write(data.message));
await new Promise((done) => stream.on('end', done));
process.exitCode = failed > 0 ? 1 : 0;
