// SPDX-License-Identifier: MIT
// Recordings written as text, for the tests: a line a stack, outermost function first, then what it costs.
//
//   main > parse > operator new | peak_bytes=100 allocations=2
//
// A function is NAME, NAME@FILE or NAME@FILE:LINE. Names that begin with "operator new" or "std::" are plumbing, and
// "_start" is what calls main. A function's module is "app", or what stands before a "!" in its name.

import { Container, encodeContainer, type Section } from '../api/container';
import { Answer } from './answer';
import { Profile } from './profile';
import { FLAG, NO_FRAME, Tables } from './tables';

export interface Written {
  tables: Tables;
  profile: Profile;
  answer: Answer;
  /** The function of a name. */
  f(name: string): number;
  /** The row of a stack. */
  row(stack: string): number;
}

export function write(text: string): Written {
  const strings = new Map<string, number>([['', 0]]);
  const bytes: number[] = [0];
  const intern = (s: string): number => {
    let at = strings.get(s);
    if (at === undefined) {
      at = bytes.length;
      bytes.push(...new TextEncoder().encode(s), 0);
      strings.set(s, at);
    }
    return at;
  };
  const modules: string[] = [];
  const functions: { name: string; file: string; module: number; flags: number }[] = [];
  const frames: { function: number; line: number }[] = [];
  const parent = [0];
  const frame = [NO_FRAME];
  const known = new Map<string, number>();
  const rowOf = new Map<string, number>([['', 0]]);
  const once = (key: string, make: () => number): number => {
    let id = known.get(key);
    if (id === undefined) known.set(key, (id = make()));
    return id;
  };
  const rows = (stack: string): number => {
    let path = '';
    let row = 0;
    for (const place of stack.split(' > ')) {
      path += ` > ${place}`;
      let next = rowOf.get(path);
      if (next === undefined) {
        const [, inModule = 'app', name = '', file = '', line = '0'] =
          /^(?:(.+)!)?([^@]+)(?:@([^:]*)(?::(\d+))?)?$/.exec(place)!;
        const f = once(`f ${inModule} ${name} ${file}`, () => {
          const module = once(`m ${inModule}`, () => modules.push(inModule) - 1);
          const plumbing = /^(operator new|std::)/.test(name) ? FLAG.plumbing : 0;
          const flags = plumbing | (name === '_start' ? FLAG.runtime : 0);
          return functions.push({ name, file, module, flags }) - 1;
        });
        const id = once(`l ${f} ${line}`, () => frames.push({ function: f, line: Number(line) }) - 1);
        next = parent.push(row) - 1;
        frame.push(id);
        rowOf.set(path, next);
      }
      row = next;
    }
    return row;
  };
  const costs = new Map<number, Map<string, bigint>>();
  const names = new Set<string>();
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '') continue;
    const [stack = '', figures = ''] = line.split(' | ');
    const row = rows(stack);
    const own = costs.get(row) ?? new Map<string, bigint>();
    costs.set(row, own);
    for (const figure of figures.split(' ').filter((word) => word !== '')) {
      const [name = '', amount = '0'] = figure.split('=');
      names.add(name);
      own.set(name, (own.get(name) ?? 0n) + BigInt(amount));
    }
  }
  for (const text of [...functions.flatMap((f) => [f.name, f.file]), ...modules]) intern(text);
  const tables = new Tables(
    Uint8Array.from(bytes),
    {
      name: Uint32Array.from(functions, (f) => intern(f.name)),
      short: Uint32Array.from(functions, (f) => intern(f.name)),
      file: Uint32Array.from(functions, (f) => intern(f.file)),
      module: Uint32Array.from(functions, (f) => f.module),
      flags: Uint8Array.from(functions, (f) => f.flags),
    },
    { path: Uint32Array.from(modules, intern) },
    {
      function: Uint32Array.from(frames, (f) => f.function),
      line: Uint32Array.from(frames, (f) => f.line),
      flags: new Uint8Array(frames.length),
    },
    { parent: Uint32Array.from(parent), frame: Uint32Array.from(frame) },
  );
  const costly = [...costs.keys()].sort((a, b) => a - b);
  const sections: Record<string, Section> = { row: Uint32Array.from(costly) };
  for (const name of names) {
    const figures = costly.map((row) => costs.get(row)!.get(name) ?? 0n);
    sections[name] = figures.every((figure) => figure < 2n ** 32n)
      ? Uint32Array.from(figures, Number)
      : BigUint64Array.from(figures);
  }
  const profile = new Profile(tables.rowCount, Container.decode(encodeContainer(sections, { known: [...names] })));
  return {
    tables,
    profile,
    answer: new Answer(profile, null),
    f: (name) => functions.findIndex((f) => f.name === name),
    row: rows,
  };
}
