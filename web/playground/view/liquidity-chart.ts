// Each used pool's liquidity by bin: active bin marked, bins that the trade takes from highlighted.
import uPlot from 'uplot';
import type { Quote } from '../quote/answer.ts';
import type { ChartPool, Market } from '../state/market.ts';
import { rough } from '../words/numbers.ts';
import { colour } from './colours.ts';
import { byId, el } from './dom.ts';
import { barsOf, type Bar, type PoolBars } from './liquidity-bars.ts';
import { axis, compact, Plot, type PlotSpec } from './plot.ts';

const section = byId('liquidity');
const body = byId('liquidity-body');
let shown: { key: string; plots: Plot[] } = { key: '', plots: [] };

/** Draws the pools of a quote; without one the section goes away. */
export function showLiquidity(quote: Quote | undefined, market: Market | undefined) {
  const charts = quote && market ? barsOf(quote, market) : [];
  section.hidden = charts.length === 0;
  const specs = charts.map(specOf);
  const key = charts.map(({ pool, xForY }) => `${pool.pool_id} ${xForY}`).join();
  if (key === shown.key) {
    // The same pools: their charts stay in place, and with them focus and open tables.
    specs.forEach((spec, index) => shown.plots[index]?.update(spec));
    charts.forEach((chart, index) => refreshFigure(body.children[index] as HTMLElement | undefined, chart));
    return;
  }
  shown.plots.forEach((plot) => plot.destroy());
  const plots = specs.map((spec) => new Plot(spec));
  body.replaceChildren(...charts.map((chart, index) => figureOf(chart, plots[index]?.nodes ?? [])));
  shown = { key, plots };
}

function figureOf(chart: PoolBars, nodes: Node[]): HTMLElement {
  const { pool, xForY } = chart;
  const figure = el(
    'figure',
    { 'data-pool': pool.pool_id },
    el('figcaption', {}, el('strong', {}, pool.pool_id), el('span', { class: 'moves' })),
    ...nodes,
    legend(pool, xForY),
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

function movesText({ pool, activeBefore, activeAfter }: PoolBars): string {
  const step = pool.bin_step === null ? '' : `bin step ${pool.bin_step} bps, `;
  const moved = activeBefore === activeAfter ? `active bin stays at ${activeBefore}` : `active bin moves from ${activeBefore} to ${activeAfter}`;
  return `${step}${moved}`;
}

function specOf({ pool, xForY, activeBefore, bars }: PoolBars): PlotSpec {
  const taken = bars.filter((bar) => bar.taken > 0);
  const column = (pick: (bar: Bar) => number) => bars.map(pick);
  const [outColour, inColour] = xForY ? ['bar-y', 'bar-x'] : ['bar-x', 'bar-y'];
  const paths = uPlot.paths.bars?.({ size: [0.78, 40], align: 0 });
  return {
    label: `Liquidity of ${pool.pool_id} in ${bars.length} bins around the active bin ${activeBefore}. The trade takes from ${taken.length}.`,
    data: [column(({ bin }) => bin.id), column((bar) => bar.total), column((bar) => bar.outSide)],
    options: () => ({
      padding: [16, 20, 0, 0],
      scales: {
        x: { time: false, range: (_, low, high) => [low - 0.6, high + 0.6] },
        y: { range: (_, __, high) => [0, high * 1.06 || 1] },
      },
      series: [{}, ...[inColour, outColour].map((name) => ({ paths, fill: colour(name), width: 0, points: { show: false } }))],
      axes: [
        axis({ size: 40, space: 76, incrs: [1, 2, 5, 10, 20, 50, 100], values: (_, ids) => ids.map((id) => tickOf(id, bars)), grid: { show: false } }),
        axis({ size: 58, values: (_, values) => values.map(compact) }),
      ],
      hooks: { drawClear: [(plot) => shadeTaken(plot, taken)], draw: [(plot) => (drawTaken(plot, taken), markActive(plot, activeBefore))] },
    }),
    describe: (index) => (bars[index] ? barText(bars[index], pool, xForY) : ''),
    hint: `Value of each bin in ${pool.token_y}.`,
  };
}

function tickOf(id: number, bars: Bar[]): string {
  const bar = bars.find(({ bin }) => bin.id === id);
  return bar === undefined ? String(id) : `${id}\n${compact(bar.bin.price)}`;
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

function legend(pool: ChartPool, xForY: boolean) {
  const out = xForY ? pool.token_y : pool.token_x;
  const entry = (look: string, text: string) => el('li', {}, el('span', { class: `swatch ${look}` }), text);
  return el(
    'ul',
    { class: 'legend' },
    entry('x', `holds ${pool.token_x}`),
    entry('y', `holds ${pool.token_y}`),
    entry('taken', `${out} that this trade takes`),
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
