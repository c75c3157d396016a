// Liquidity by bin, of the pools that the trade uses or of all that it could: active bin marked, what the trade takes highlighted.
import uPlot from 'uplot';
import type { Quote } from '../quote/answer.ts';
import type { Candidate } from '../quote/browser.ts';
import type { ChartPool, Market } from '../state/market.ts';
import { axisLabel, axisLabels } from '../words/axis.ts';
import { rough } from '../words/numbers.ts';
import { poolName } from '../words/pool-name.ts';
import { colour } from './colours.ts';
import { button, byId, el } from './dom.ts';
import { holdHeight, releaseHeight } from './height.ts';
import { barsOf, type Bar, type PoolBars, unusedBars } from './liquidity-bars.ts';
import { axis, Plot, type PlotSpec, roomFor } from './plot.ts';
import { segments } from './segments.ts';

const body = byId('liquidity-body');
const tools = byId('liquidity-tools');
/** Charts of pools that the trade does not use are drawn so many at a time. */
const MORE = 8;

export interface LiquidityInput {
  quote: Quote | undefined;
  market: Market | undefined;
  /** Every pool that the trade could go through. */
  candidates: readonly Candidate[];
  /** Another pair begins with few charts again. */
  pair: string;
  /** Runs when a bin is picked; what it gives is said under the chart. */
  onPick: (pool_id: string, bin_id: number) => Promise<string>;
}

type Range = 'used' | 'all';

let range: Range = 'used';
let most = MORE;
let shown: { key: string; plots: Plot[] } = { key: '', plots: [] };
let latest: LiquidityInput | undefined;

const choice = segments('Pools', [['used', 'Used by this trade'], ['all', 'All pools']], range, (chosen) => {
  range = chosen;
  redraw();
});
const more = button('', 'quiet', () => {
  most += MORE;
  redraw();
});
more.hidden = true;
tools.append(choice, more);

function redraw() {
  if (latest) showLiquidity(latest);
}

/** Draws the pools of a quote, or all that the trade could go through; without any a sentence takes their place. */
export function showLiquidity(input: LiquidityInput) {
  if (input.pair !== latest?.pair) most = MORE;
  latest = input;
  const { quote, market, candidates } = input;
  const used = quote && market ? barsOf(quote, market) : [];
  // Without a quote all that can be shown is what there is.
  const withUnused = range === 'all' || quote === undefined;
  const unused = market && withUnused ? unusedBars(candidates.slice(0, used.length + most), used, market) : [];
  const charts = [...used, ...unused];
  const left = withUnused ? candidates.length - charts.length : 0;
  choice.hidden = quote === undefined;
  more.hidden = left <= 0;
  more.textContent = `Show more of ${left}`;
  draw(charts);
}

function draw(charts: PoolBars[]) {
  const specs = charts.map(specOf);
  const key = charts.map(keyOf).join();
  if (key === shown.key && key !== '') {
    // The same pools: their charts stay in place, and with them focus and open tables.
    specs.forEach((spec, index) => shown.plots[index]?.update(spec));
    charts.forEach((chart, index) => refreshFigure(body.children[index] as HTMLElement | undefined, chart));
    return;
  }
  shown.plots.forEach((plot) => plot.destroy());
  if (charts.length === 0) {
    if (shown.plots.length > 0) holdHeight(body);
    shown = { key: '', plots: [] };
    return body.replaceChildren(el('p', { class: 'waiting' }, 'The bins of the pools stand here once their state is read.'));
  }
  releaseHeight(body);
  const plots = specs.map((spec) => new Plot(spec));
  body.replaceChildren(...charts.map((chart, index) => figureOf(chart, plots[index]?.nodes ?? [])));
  shown = { key, plots };
}

const keyOf = ({ pool, xForY, isUsed }: PoolBars) => `${pool.pool_id} ${xForY} ${isUsed}`;

function figureOf(chart: PoolBars, nodes: Node[]): HTMLElement {
  const { pool } = chart;
  const figure = el(
    'figure',
    { 'data-pool': pool.pool_id },
    el('figcaption', {}, el('strong', { title: pool.pool_id }, poolName(pool.pool_id)), el('span', { class: 'moves' })),
    ...nodes,
    legend(chart),
    el('details', { class: 'steps' }, el('summary', {}, 'Bins as a table'), el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Bins of ${pool.pool_id}` })),
  );
  refreshFigure(figure, chart);
  return figure;
}

function refreshFigure(figure: HTMLElement | undefined, chart: PoolBars) {
  if (figure === undefined) return;
  const taken = chart.bars.filter((bar) => bar.taken > 0);
  figure.dataset.bars = String(chart.bars.length);
  figure.dataset.taken = taken.map(({ bin }) => bin.id).join(' ');
  figure.querySelector('.moves')?.replaceChildren(movesText(chart));
  figure.querySelector('.scroll')?.replaceChildren(tableOf(chart));
}

function movesText({ pool, isUsed, activeBefore, activeAfter }: PoolBars): string {
  const step = pool.bin_step === null ? '' : `bin step ${pool.bin_step} bps, `;
  if (!isUsed) return `${step}active bin ${activeBefore}`;
  const moved = activeBefore === activeAfter ? `active bin stays at ${activeBefore}` : `active bin moves from ${activeBefore} to ${activeAfter}`;
  return `${step}${moved}`;
}

function specOf(chart: PoolBars): PlotSpec {
  const { pool, xForY, activeBefore, bars } = chart;
  const taken = bars.filter((bar) => bar.taken > 0);
  const column = (pick: (bar: Bar) => number) => bars.map(pick);
  const [outColour, inColour] = xForY ? ['bar-y', 'bar-x'] : ['bar-x', 'bar-y'];
  const paths = uPlot.paths.bars?.({ size: [0.78, 40], align: 0 });
  return {
    label: `Liquidity of ${pool.pool_id} in ${bars.length} bins around the active bin ${activeBefore}. The trade takes from ${taken.length}.`,
    marks: [activeBefore, taken.map((bar) => [bar.bin.id, bar.taken])],
    data: [column(({ bin }) => bin.id), column((bar) => bar.total), column((bar) => bar.outSide)],
    options: () => ({
      padding: [16, 20, 0, 0],
      scales: {
        x: { time: false, range: (_, low, high) => [low - 0.6, high + 0.6] },
        y: { range: (_, __, high) => [0, high * 1.06 || 1] },
      },
      series: [{}, ...[inColour, outColour].map((name) => ({ paths, fill: colour(name), width: 0, points: { show: false } }))],
      axes: [
        axis({ size: 40, space: 76, incrs: [1, 2, 5, 10, 20, 50, 100], values: (_, ids) => ticksOf(ids, bars), grid: { show: false } }),
        axis({ size: (_, labels) => roomFor(labels), values: (_, values) => axisLabels(values) }),
      ],
      hooks: { drawClear: [(plot) => shadeTaken(plot, taken)], draw: [(plot) => (drawTaken(plot, taken), markActive(plot, activeBefore))] },
    }),
    describe: (index) => (bars[index] ? barText(bars[index], pool, xForY) : ''),
    hint: `Value of each bin in ${pool.token_y}. Click a bin to trade as far as it reaches.`,
    onPick: (index) => {
      const bar = bars[index];
      const plot = shown.plots[shown.key.split(',').indexOf(keyOf(chart))];
      if (bar && latest) void latest.onPick(pool.pool_id, bar.bin.id).then((text) => plot?.say(text));
    },
  };
}

/** The id of each bin, and below it its price. */
function ticksOf(ids: number[], bars: Bar[]): string[] {
  const priced = ids.map((id) => bars.find(({ bin }) => bin.id === id));
  const prices = axisLabels(priced.flatMap((bar) => (bar ? [bar.bin.price] : [])));
  return ids.map((id, index) => (priced[index] ? `${id}\n${prices.shift() ?? axisLabel(priced[index].bin.price)}` : String(id)));
}

/** A wash behind each used bin: the part that is taken may be too thin to be seen. */
function shadeTaken(plot: uPlot, taken: Bar[]) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour('taken-wash');
  for (const { bin } of taken) {
    const left = plot.valToPos(bin.id - 0.5, 'x', true);
    ctx.fillRect(left, bbox.top, plot.valToPos(bin.id + 0.5, 'x', true) - left, bbox.height);
  }
  ctx.restore();
}

/** Gives what is taken a height that can be seen, however small it is beside the bin. */
function drawTaken(plot: uPlot, taken: Bar[]) {
  const { ctx, bbox } = plot;
  const least = 3 * devicePixelRatio;
  const ground = bbox.top + bbox.height;
  const width = Math.min(40 * devicePixelRatio, 0.78 * (plot.valToPos(1, 'x', true) - plot.valToPos(0, 'x', true)));
  ctx.save();
  ctx.fillStyle = colour('taken');
  for (const { bin, taken: worth } of taken) {
    const height = Math.max(least, ground - plot.valToPos(worth, 'y', true));
    ctx.fillRect(plot.valToPos(bin.id, 'x', true) - width / 2, ground - height, width, height);
  }
  ctx.restore();
}

function markActive(plot: uPlot, id: number) {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(id, 'x', true));
  ctx.save();
  ctx.strokeStyle = colour('ink');
  ctx.fillStyle = colour('ink');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.fillText('active', x, bbox.top - 2 * devicePixelRatio);
  ctx.restore();
}

function legend({ pool, xForY, isUsed }: PoolBars) {
  const out = xForY ? pool.token_y : pool.token_x;
  const entry = (look: string, text: string) => el('li', {}, el('span', { class: `swatch ${look}` }), text);
  return el(
    'ul',
    { class: 'legend' },
    entry('x', `holds ${pool.token_x}`),
    entry('y', `holds ${pool.token_y}`),
    isUsed && entry('taken', `${out} that this trade takes`),
  );
}

function barText({ bin, takenShare }: Bar, pool: ChartPool, xForY: boolean): string {
  const out = xForY ? pool.token_y : pool.token_x;
  const share = takenShare > 0 ? `; the trade takes ${rough(takenShare * 100)} % of its ${out}` : '';
  return `Bin ${bin.id} at ${rough(bin.price)}: ${rough(bin.x)} ${pool.token_x}, ${rough(bin.y)} ${pool.token_y}${share}.`;
}

function tableOf({ pool, bars, xForY, activeBefore }: PoolBars) {
  const head = ['Bin', `Price, ${pool.token_y}`, pool.token_x, pool.token_y, `Taken of ${xForY ? pool.token_y : pool.token_x}`];
  const rows = bars.map(({ bin, takenShare }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, bin.id === activeBefore ? `${bin.id}, active` : String(bin.id)),
      ...[rough(bin.price), rough(bin.x), rough(bin.y), takenShare > 0 ? `${rough(takenShare * 100)} %` : '–'].map((text) => el('td', {}, text)),
    ),
  );
  return el('table', {}, el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { scope: 'col' }, name)))), el('tbody', {}, ...rows));
}
