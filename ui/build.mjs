// SPDX-License-Identifier: MIT
// Builds the UI: node build.mjs OUT writes OUT/index.html, OUT/app.js and OUT/app.css, each whole by itself, and
// OUT/ui.d, which tells ninja what they were made from. --watch builds again whenever a source changes.

import { build, context } from 'esbuild';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../build/ui'));
const watch = process.argv.includes('--watch');

/** "script-of:FILE" is the text of a file with all that it imports: a worker's script, within the page's own. */
const scripts = {
  name: 'script-of',
  setup(whole) {
    whole.onResolve({ filter: /^script-of:/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice('script-of:'.length)),
      namespace: 'script-of',
    }));
    whole.onLoad({ filter: /.*/, namespace: 'script-of' }, async ({ path }) => {
      const { outputFiles, metafile } = await build({ ...common, entryPoints: [path], write: false });
      scriptInputs = Object.keys(metafile.inputs);
      const watchFiles = scriptInputs.map((input) => join(here, input));
      return { contents: outputFiles[0].text, loader: 'text', watchFiles };
    });
  },
};
let scriptInputs = [];

const common = {
  absWorkingDir: here,
  bundle: true,
  format: 'iife',
  target: ['chrome103', 'firefox113', 'safari16.4'],
  charset: 'utf8',
  minify: !watch,
  legalComments: 'eof',
  metafile: true,
  logLevel: 'warning',
};
const options = { ...common, entryPoints: { app: 'app/main.ts' }, outdir: out, plugins: [scripts] };

mkdirSync(out, { recursive: true });
copyFileSync(join(here, 'app/index.html'), join(out, 'index.html'));
if (watch) {
  await (await context(options)).watch();
} else {
  const { metafile } = await build(options);
  const inputs = ['app/index.html', 'build.mjs', 'package-lock.json', ...Object.keys(metafile.inputs), ...scriptInputs].filter(
    (input) => !input.startsWith('script-of:'),
  );
  const escaped = inputs.map((input) => join(here, input).replaceAll(' ', '\\ '));
  const target = process.argv[3] ?? relative(process.cwd(), join(out, 'index.html'));
  writeFileSync(join(out, 'ui.d'), `${target}: ${escaped.join(' \\\n  ')}\n`);
}
