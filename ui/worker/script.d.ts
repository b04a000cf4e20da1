// SPDX-License-Identifier: MIT
// A module whose text build.mjs puts in, bundled: what a worker is started with.

declare module 'script-of:*' {
  const script: string;
  export default script;
}
