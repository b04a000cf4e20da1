// SPDX-License-Identifier: MIT
// What the flame graph shows for a state: boxes, their names, colours and figures.

import type { Answer } from '../model/answer';
import type { CallTree } from '../model/call_tree';
import type { Amounts } from '../model/amounts';
import { costOf, labelOf, type CostId } from '../model/costs';
import { changeOf, changeShare } from '../model/diff_change';
import type { Compared } from '../model/diff_session';
import { companionOf, figureOf, Measures, withAmounts, type Direction, type Place } from '../model/flame_tree';
import { amountText, exactText, plural, shareText } from '../model/format';
import type { Detail } from '../model/flame_detail';
import { boxName, type BoxName } from '../model/box_names';
import { moduleRanks } from '../model/module_ranks';
import { isRanged, type State } from '../model/state';
import type { FlamePicture } from '../widgets/flamegraph';
import { colourOfChange, colourOfModule, colourOfShare, type ColourBy } from '../widgets/flamegraph_colours';
import type { Layout } from '../model/flame_layout';
import type { Picture } from '../model/workshop';

export interface FlameWords {
  direction: Direction;
  grows: 'up' | 'down';
  colour: ColourBy;
  widths: 'after' | 'before' | 'change';
}

const EXACT_FROM = 1000; // smaller figures are told whole by their short form

/** The figures that are drawn, and where each stands among the measures. */
interface Figures {
  answer: Answer;
  measures: Measures;
  cost: Place;
  companion: Place | null;
  before: Place | null;
}

/** What is to be drawn, before it is laid out. It can be laid out more than once: what is known of keys stays known. */
export class FlameAsked {
  readonly picture: Picture;
  readonly figures: Figures;
  readonly names = new Map<number, BoxName>();
  readonly ranks: Uint32Array;
  readonly colourOfKey: Uint8Array;

  constructor(
    readonly tree: CallTree,
    asked: Answer,
    compared: Compared | null,
    readonly state: State,
    readonly words: FlameWords,
    detail: Detail,
  ) {
    const all = compared === null ? asked.costly : costlyOfBoth(compared);
    this.figures = figuresOf(asked, compared, state.cost, words, all);
    const { measures: planes, rows } = withAmounts(this.figures.measures.planes, all);
    this.picture = { tree, direction: words.direction, planes, rows, detail };
    this.ranks = moduleRanks(tree.tables);
    this.colourOfKey = new Uint8Array(tree.keyCount).fill(NOT_YET);
  }
}

export class FlameContents implements FlamePicture {
  readonly tree: CallTree;
  readonly keyCount: number;
  private readonly state: State;
  private readonly words: FlameWords;
  private readonly answer: Answer;
  private readonly cost: Place;
  private readonly companion: Place | null;
  private readonly before: Place | null;
  private readonly names: Map<number, BoxName>;
  private readonly ranks: Uint32Array;
  private readonly colourOfKey: Uint8Array;
  private mostOwn: number | null = null;

  constructor(
    asked: FlameAsked,
    readonly layout: Layout,
  ) {
    this.tree = asked.tree;
    this.keyCount = asked.tree.keyCount;
    this.state = asked.state;
    this.words = asked.words;
    this.answer = asked.figures.answer;
    this.cost = asked.figures.cost;
    this.companion = asked.figures.companion;
    this.before = asked.figures.before;
    this.names = asked.names;
    this.ranks = asked.ranks;
    this.colourOfKey = asked.colourOfKey;
  }

  get grows(): 'up' | 'down' {
    return this.words.grows;
  }

  get isCut(): boolean {
    return this.words.direction === 'bottom-up';
  }

  labelOf(box: number): string {
    return box === 0 ? this.rootLabel() : this.nameOfKey(this.layout.key[box]!).short;
  }

  nameOf(key: number): string {
    return this.nameOfKey(key).full;
  }

  nameOfKey(key: number): BoxName {
    let name = this.names.get(key);
    if (name === undefined) this.names.set(key, (name = boxName(this.tree, key)));
    return name;
  }

  colourOf(box: number): number {
    const { layout } = this;
    if (this.words.colour === 'change' && this.before !== null)
      return colourOfChange(
        Number(figureOf(layout.total, this.before, box)),
        Number(figureOf(layout.total, this.cost, box)),
      );
    if (this.words.colour === 'own')
      return colourOfShare(
        this.isCut ? layout.total[0]![box]! / layout.total[0]![0]! : layout.own[0]![box]! / this.greatestOwn(),
      );
    const key = layout.key[box]!;
    if (this.colourOfKey[key] === NOT_YET) this.colourOfKey[key] = this.moduleColour(key);
    return this.colourOfKey[key]!;
  }

  describe(box: number): { title: string; place: string; figures: [string, string][] } {
    const name = box === 0 ? null : this.nameOfKey(this.layout.key[box]!);
    return {
      title: name === null ? this.rootLabel() : name.full,
      place: name === null ? '' : name.place,
      figures: this.figures(box),
    };
  }

  private figures(box: number): [string, string][] {
    const { cost } = this.state;
    const { unit } = costOf(cost);
    const { total, own } = this.layout;
    const amount = figureOf(total, this.cost, box);
    const whole = Number(figureOf(total, this.cost, 0));
    const figures: [string, string][] = [[labelOf(cost, isRanged(this.state)), withExact(amount, unit)]];
    if (this.before !== null) {
      const before = figureOf(total, this.before, box);
      figures.push(['Before', withExact(before, unit)], ['Change', changeText(before, amount, unit)]);
    }
    if (box !== 0) figures.push(['Share', shareText(Number(amount), whole)]);
    if (this.companion !== null) {
      const unitOf = costOf(companionOf(cost, this.answer)!).unit;
      const other = figureOf(total, this.companion, box);
      figures.push(unitOf === 'count' ? ['In', plural(other, 'block')] : ['Bytes', withExact(other, unitOf)]);
    }
    if (box !== 0 && !this.isCut) {
      const itself = figureOf(own, this.cost, box);
      figures.push(['Itself', `${withExact(itself, unit)} ${shareText(Number(itself), Number(amount))}`.trim()]);
    }
    return figures;
  }

  private greatestOwn(): number {
    this.mostOwn ??= this.layout.own[0]!.reduce((most, own) => (own > most ? own : most), 0);
    return this.mostOwn;
  }

  private rootLabel(): string {
    const { cost } = this.state;
    const amount = figureOf(this.layout.total, this.cost, 0);
    const { unit } = costOf(cost);
    const text = `${labelOf(cost, isRanged(this.state))}: ${amountText(amount, unit)}`;
    if (this.before === null) return text;
    const before = figureOf(this.layout.total, this.before, 0);
    return `${text}, before ${amountText(before, unit)}: ${changeText(before, amount, unit)}`;
  }

  private moduleColour(key: number): number {
    const { tables, by } = this.tree;
    const name = this.nameOfKey(key);
    const f = by === 'line' ? tables.frames.function[key]! : key;
    const module = by === 'module' ? key : tables.functions.module[f]!;
    return colourOfModule(this.ranks[Math.min(module, this.ranks.length - 1)]!, name.short, name.quiet);
  }

  /** The modules of the picture with most functions, for the legend. */
  legend(most: number): { name: string; colour: number }[] {
    const { tables } = this.tree;
    const paths = Array.from(tables.modules.path, (_, m) => m).sort((a, b) => this.ranks[a]! - this.ranks[b]!);
    const used = new Set<number>();
    const met = new Uint8Array(this.keyCount);
    for (let box = 1; box < this.layout.count; box++) {
      const key = this.layout.key[box]!;
      if (met[key] === 1) continue;
      met[key] = 1;
      used.add(this.moduleOfKey(key));
    }
    return paths
      .filter((m) => used.has(m))
      .slice(0, most)
      .map((m) => {
        const path = tables.modulePath(m);
        return { name: path.slice(path.lastIndexOf('/') + 1), colour: colourOfModule(this.ranks[m]!, '', false) };
      });
  }

  private moduleOfKey(key: number): number {
    const { tables, by } = this.tree;
    if (by === 'module') return key;
    return tables.functions.module[by === 'line' ? tables.frames.function[key]! : key]!;
  }
}

const NOT_YET = 255;

/** What did not change from one side to the other has boxes, too. */
function costlyOfBoth({ after, before }: Compared): Uint32Array {
  return Uint32Array.from(new Set([...after.costly, ...before.costly]));
}

function figuresOf(
  asked: Answer,
  compared: Compared | null,
  cost: CostId,
  words: FlameWords,
  rows: Uint32Array,
): Figures {
  const answer = compared === null ? asked : compared.after;
  const figures = (of: Answer, id: CostId): Amounts =>
    compared === null ? of.figures(id) : of.row(id).picked(rows);
  const after = figures(answer, cost);
  const before = compared === null ? null : figures(compared.before, cost);
  const measures = new Measures(widthsOf(words.widths, after.rounded(), before?.rounded() ?? null));
  const companion = companionOf(cost, answer);
  return {
    answer,
    measures,
    cost: measures.add(after),
    companion: companion === null ? null : measures.add(figures(answer, companion)),
    before: before === null ? null : measures.add(before),
  };
}

function widthsOf(widths: FlameWords['widths'], after: Float64Array, before: Float64Array | null): Float64Array {
  if (before === null || widths === 'after') return after;
  if (widths === 'before') return before;
  return after.map((amount, row) => Math.abs(amount - before[row]!));
}

function withExact(amount: bigint, unit: 'bytes' | 'count'): string {
  const short = amountText(amount, unit);
  return unit === 'bytes' && amount >= EXACT_FROM ? `${short} (${exactText(amount, unit)})` : short;
}

function changeText(before: bigint, after: bigint, unit: 'bytes' | 'count'): string {
  const change = changeOf(before, after);
  if (change === 'same') return 'none';
  const by = after - before;
  const signed = `${by > 0n ? '+' : ''}${amountText(by, unit)}`;
  const share = changeShare(before, after);
  return change === 'new' ? `${signed}, new` : change === 'gone' ? `${signed}, gone` : `${signed} (${share})`;
}
