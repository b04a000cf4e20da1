// SPDX-License-Identifier: MIT
// Imports a file with speedscope's own importer and prints {name of profile: total weight}.
// speedscope comes as one script for a browser: it runs here with a browser that answers nothing, and
// the object that holds its importers is picked up by name.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const release = path.join(process.argv[2], "node_modules/speedscope/dist/release");
const script = fs.readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
const importers = /(\$?\w+)\((\w+),\{([^{}]*importProfileGroupFromText:[^{}]*)\}\)/;
const text = fs
  .readFileSync(path.join(release, script), "utf8")
  .replace(importers, (_, define, name, list) => `${define}(globalThis.importers=${name},{${list}})`);

const nothing = () =>
  new Proxy(function () {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => "" : key === "length" ? 0 : key === "then" ? undefined : nothing()),
    apply: nothing,
    construct: nothing,
    set: () => true,
    has: () => true,
  });
globalThis.window = globalThis;
for (const name of ["document", "navigator", "localStorage", "location", "matchMedia", "requestAnimationFrame", "addEventListener"])
  Object.defineProperty(globalThis, name, { value: nothing(), configurable: true, writable: true });
console.log = () => {};
try {
  vm.runInThisContext(text);
} catch {
  // Its user interface cannot start; the importers are there all the same.
}
setTimeout(async () => {
  const group = await globalThis.importers.importProfileGroupFromText("export.json", fs.readFileSync(process.argv[3], "utf8"));
  const sums = Object.fromEntries(group.profiles.map((p) => [p.getName(), p.getTotalWeight()]));
  process.stdout.write(JSON.stringify(sums) + "\n");
  process.exit(0);
}, 0);
