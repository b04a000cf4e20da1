// SPDX-License-Identifier: MIT
// Sizes and lifetimes of blocks: two histograms, each filtered by what is chosen in the other one. A click on a bar
// is a filter for all views.
//
// Its own words in the URL: bars (bytes), heights (linear).

import './sizes.css';
import type { Bin, Histogram } from '../api/types';
import { binRange, binTick, chosenBins, filterOf, usedBins, type BinKind } from '../model/bins';
import { bytesText, countText, exactBytes, plural, shareText } from '../model/format';
import { askedBy, type State } from '../model/state';
import { h, replace } from '../widgets/dom';
import { prose } from '../widgets/prose';
import { histogram } from '../widgets/histogram';
import { empty } from '../widgets/status';
import type { App, View, ViewKind } from './view';

export const sizesKind: ViewKind = {
  id: 'sizes',
  title: 'Sizes & lifetimes',
  icon: 'M3 13V9M6.3 13V4M9.6 13V7M13 13v-2',
  group: 'blocks',
  tree: null,
  create: (host, app) => new SizesView(host, app),
};

type Bars = 'count' | 'bytes';

class SizesView implements View {
  constructor(
    private readonly host: HTMLElement,
    private readonly app: App,
  ) {
    host.classList.add('sizes-view');
  }

  async show(state: State): Promise<void> {
    const { session, signal } = this.app;
    const asked = askedBy(state);
    const ask = (without: BinKind): Promise<Histogram> => {
      const { [without]: _left, ...rest } = asked;
      return session.source.histogram(session.id, rest, signal);
    };
    const [ofSizes, ofLifetimes] = await Promise.all([ask('size'), ask('lifetime')]);
    const bars: Bars = state.own['bars'] === 'bytes' ? 'bytes' : 'count';
    replace(
      this.host,
      this.controls(state, bars),
      this.panel(state, 'size', 'Sizes of the blocks allocated', ofSizes.sizes, bars),
      this.panel(state, 'lifetime', 'How long they lived', ofLifetimes.lifetimes, bars),
    );
  }

  dispose(): void {
    this.host.replaceChildren();
  }

  private controls(state: State, bars: Bars): HTMLElement {
    const choose = (label: string, word: string, now: string, options: [string, string][]): HTMLElement => {
      const group = h('span', { class: 'segments', role: 'group', 'aria-label': label });
      options.forEach(([value, text], i) => {
        const own = { ...state.own, [word]: value };
        if (i === 0) delete own[word];
        const on = { click: () => this.app.go({ own }) };
        group.append(h('button', { type: 'button', 'aria-pressed': String(value === now), on }, text));
      });
      return group;
    };
    const scale = state.own['heights'] === 'linear' ? 'linear' : 'logarithmic';
    return h(
      'div',
      { class: 'sizes-controls' },
      h('h1', {}, 'Sizes and lifetimes'),
      choose('Bars', 'bars', bars, [
        ['count', 'Blocks'],
        ['bytes', 'Bytes'],
      ]),
      choose('Heights', 'heights', scale, [
        ['logarithmic', 'Logarithmic'],
        ['linear', 'Linear'],
      ]),
      h(
        'span',
        { class: 'muted' },
        ...prose(
          this.app.session.answersForBlocks
            ? 'Click a bar to see only those blocks, in every view; drag or hold Shift for several.'
            : 'This is a file: it cannot be filtered by size or lifetime, `heapwise view` can.',
        ),
      ),
    );
  }

  private panel(state: State, kind: BinKind, title: string, all: readonly Bin[] | null, bars: Bars): HTMLElement {
    const panel = h('section', { class: 'sizes-panel' }, h('h2', {}, title));
    if (all === null) {
      panel.append(empty('Not known', 'This recording does not tell it.'));
      return panel;
    }
    const bins = usedBins(all);
    if (bins.length === 0) {
      panel.append(empty('No blocks', 'Nothing was allocated here, or the filters leave nothing.'));
      return panel;
    }
    const sum = (what: Bars): bigint => bins.reduce((total, bin) => total + BigInt(bin[what]), 0n);
    const [blocks, bytes] = [sum('count'), sum('bytes')];
    const filter = state[kind];
    const summary = h('p', { class: 'sizes-sum' }, `${plural(blocks, 'block')}, ${bytesText(bytes)}`);
    summary.title = exactBytes(bytes);
    const shareOf = (bin: Bin): string => shareText(Number(bin[bars]), Number(bars === 'count' ? blocks : bytes));
    panel.append(
      summary,
      histogram({
        label: title,
        bars: bins.map((bin) => ({
          tick: binTick(bin, kind),
          range: binRange(bin, kind),
          amount: BigInt(bin[bars]),
          told: `${plural(bin.count, 'block')}, ${exactBytes(bin.bytes)}; ${shareOf(bin)}`,
        })),
        chosen: chosenBins(bins, filter),
        scale: state.own['heights'] === 'linear' ? 'linear' : 'logarithmic',
        formatAmount: bars === 'count' ? countText : bytesText,
        choose: this.app.session.answersForBlocks
          ? (chosen) =>
              this.app.go({ [kind]: chosen === null ? null : filterOf(bins[chosen.first]!, bins[chosen.last]!) })
          : null,
      }),
    );
    return panel;
  }
}
