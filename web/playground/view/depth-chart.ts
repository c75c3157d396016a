// The depth curve: output and price impact by amount, with the present trade marked.
import uPlot from 'uplot';
import type { Quote } from '../quote/answer.ts';
import { type Ask, type Depth, depthOf, mostIn } from '../quote/depth.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import { axisLabels } from '../words/axis.ts';
import { exact, fromUnits, percent, rough } from '../words/numbers.ts';
import { colour } from './colours.ts';
import { byId, el } from './dom.ts';
import { holdHeight, releaseHeight } from './height.ts';
import { axis, Plot, type PlotSpec, roomFor } from './plot.ts';
import { segments } from './segments.ts';

const body = byId('depth-body');
/** "Near this trade" reaches up to this many times its amount. */
const NEAR = 2n;

type Range = 'near' | 'whole';

export interface DepthInput {
  request: QuoteRequest;
  token_in: string;
  token_out: string;
  /** The trade that is marked; nothing where there is no quote, and then the whole depth is drawn. */
  quote: Quote | undefined;
  decimalsIn: number;
  ask: Ask;
  /** Runs when a point of the curve is picked. */
  onPick: (amountInUnits: bigint) => void;
}

let range: Range = 'near';
let running = new AbortController();
let plot: Plot | undefined;
let latest: DepthInput | undefined;
const most = el('p', { class: 'note' });

/** Computes and draws the curve around a quote; without one a sentence takes its place. */
export async function showDepth(input: DepthInput | undefined) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  latest = input;
  const limit = input && (await mostIn(input.request, input.ask));
  if (signal.aborted) return;
  if (input === undefined || limit === undefined) return clear();
  const near = input.quote === undefined ? limit : BigInt(input.quote.amount_in_atomic) * NEAR;
  const end = range === 'near' && near < limit ? near : limit;
  const depth = await depthOf(input.request, end, input.ask, signal);
  if (depth === undefined) return;
  most.textContent = `Within these limits the pools can take up to ${exact(fromUnits(limit, input.decimalsIn))} ${input.token_in}.`;
  releaseHeight(body);
  const spec = specOf(depth, input);
  if (plot) plot.update(spec);
  else build(spec);
}

function build(spec: PlotSpec) {
  plot = new Plot(spec);
  const entry = (look: string, text: string) => el('li', {}, el('span', { class: `swatch ${look}` }), text);
  body.replaceChildren(
    el('div', { class: 'depth-top' }, rangeChoice(), most),
    el('figure', {}, ...plot.nodes, el('ul', { class: 'legend' }, entry('curve', 'amount out'), entry('impact', 'price impact'), entry('active', 'this trade'))),
  );
}

function clear() {
  if (plot) holdHeight(body);
  plot?.destroy();
  plot = undefined;
  body.replaceChildren(el('p', { class: 'waiting' }, 'What other amounts would give stands here once there is a quote.'));
}

const rangeChoice = () =>
  segments('Range of the curve', [['near', 'Near this trade'], ['whole', 'Whole depth']], range, (chosen) => {
    range = chosen;
    void showDepth(latest);
  });

function specOf({ points }: Depth, { quote, token_in, token_out, onPick }: DepthInput): PlotSpec {
  const current = quote && Number(quote.amount_in);
  return {
    label: `Amount out and price impact by amount in, up to ${rough(points.at(-1)?.amountIn ?? 0)} ${token_in}.`,
    marks: current,
    data: [
      points.map(({ amountIn }) => amountIn),
      points.map(({ amountOut }) => amountOut),
      points.map(({ impact }) => (impact === null ? null : impact / 10_000)),
    ],
    options: () => ({
      padding: [16, 8, 0, 0],
      scales: {
        x: { time: false, range: (_, __, high) => [0, high || 1] },
        y: { range: (_, __, high) => [0, high * 1.05 || 1] },
        impact: { range: (_, __, high) => [0, Math.max(high * 1.15, 0.01)] },
      },
      series: [
        {},
        { scale: 'y', stroke: colour('curve'), width: 2, pxAlign: 0, points: { show: false } },
        { scale: 'impact', stroke: colour('impact'), width: 2, pxAlign: 0, dash: [6, 4], points: { show: false } },
      ],
      axes: [
        axis({ size: 26, label: `${token_in} in`, labelSize: 16, labelFont: '12px system-ui, sans-serif', values: (_, values) => axisLabels(values), grid: { show: false } }),
        axis({ scale: 'y', size: (_, labels) => roomFor(labels), values: (_, values) => axisLabels(values) }),
        axis({ scale: 'impact', side: 1, size: (_, labels) => roomFor(labels), stroke: colour('impact'), grid: { show: false }, values: (_, values) => axisLabels(values).map((label) => `${label} %`) }),
      ],
      hooks: { draw: [(chart) => current !== undefined && markTrade(chart, current)] },
    }),
    describe: (index) => {
      const point = points[index];
      if (point === undefined) return '';
      const impact = point.impact === null ? 'impact not known' : `impact ${percent(point.impact)}`;
      return `${rough(point.amountIn)} ${token_in} gives ${rough(point.amountOut)} ${token_out}, ${impact}.`;
    },
    hint: `${token_out} out (left) and price impact (right). Click the curve to trade that much.`,
    onPick: (index) => {
      const point = points[index];
      if (point !== undefined && point.units > 0n) onPick(point.units);
    },
  };
}

function markTrade(chart: uPlot, amount: number) {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(amount, 'x', true));
  if (x > bbox.left + bbox.width + 1) return;
  ctx.save();
  ctx.strokeStyle = colour('ink');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
