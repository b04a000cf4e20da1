// SPDX-License-Identifier: MIT
// Names that fit into boxes: the whole name where there is room, then without arguments, then without
// what stands before the last "::", then cut.

const WIDTHS_KEPT = 50_000;

export class LabelFitter {
  private widths = new Map<string, number>();
  private forms = new Map<string, readonly string[]>();

  constructor(private readonly measure: (text: string) => number) {}

  /** The text for a box with `room` pixels; '' where not even a few letters fit. */
  fit(name: string, room: number): string {
    if (room < 14) return '';
    let forms = this.forms.get(name);
    if (forms === undefined) {
      forms = shorterForms(name);
      if (this.forms.size > WIDTHS_KEPT) this.forms.clear();
      this.forms.set(name, forms);
    }
    for (const form of forms) if (this.widthOf(form) <= room) return form;
    const last = forms[forms.length - 1]!;
    // Letters differ in width: a first guess, and fewer until it fits.
    const cut = (letters: number): string => last.slice(0, letters) + '…';
    let letters = Math.floor((last.length * (room - this.widthOf('…'))) / this.widthOf(last));
    while (letters >= 2 && this.widthOf(cut(letters)) > room) letters--;
    return letters < 2 ? '' : cut(letters);
  }

  private widthOf(text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      width = this.measure(text);
      if (this.widths.size > WIDTHS_KEPT) this.widths.clear();
      this.widths.set(text, width);
    }
    return width;
  }
}

/** A name and shorter forms of it, longest first. */
export function shorterForms(name: string): string[] {
  const forms = [name];
  const add = (form: string): void => {
    if (form !== '' && form.length < forms[forms.length - 1]!.length) forms.push(form);
  };
  const called = withoutArguments(name);
  add(called);
  if (/\boperator\b/.test(called)) return forms;
  const bare = withoutTemplates(called);
  add(bare);
  add(bare.replace(/^.*(::|\s)(?=[^:\s])/, ''));
  return forms;
}

function withoutArguments(name: string): string {
  const end = name.lastIndexOf(')');
  let depth = 0;
  for (let at = end; at > 0; at--) {
    if (name[at] === ')') depth++;
    if (name[at] === '(' && --depth === 0) return name.slice(0, at);
  }
  return name;
}

/** A name that begins with a bracket, such as Rust's "<T as Trait>::name", is left as it is. */
function withoutTemplates(name: string): string {
  if (name.startsWith('<')) return name;
  let depth = 0;
  let bare = '';
  for (const letter of name) {
    if (letter === '<') depth++;
    if (depth === 0) bare += letter;
    if (letter === '>') depth--;
  }
  return bare;
}
