// One uPlot chart that keeps its width, follows the theme, and can be read with mouse, finger or arrow keys.
import uPlot from 'uplot';
import { colour, onThemeChange } from './colours.ts';
import { el } from './dom.ts';

export interface PlotSpec {
  /** What a screen reader says of the picture. */
  label: string;
  data: uPlot.AlignedData;
  /** Everything but the size; called again when the theme changes, so colours may be read in it. */
  options: () => Omit<uPlot.Options, 'width' | 'height'>;
  /** Describes one position of the chart. */
  describe: (index: number) => string;
  /** Stands in the readout while no position is chosen. */
  hint: string;
}

const HEIGHT = 220;

export class Plot {
  /** What belongs into the page: the chart and its readout. */
  readonly nodes: Node[];
  readonly #holder: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #resized: ResizeObserver;
  #spec: PlotSpec;
  #chart: uPlot | undefined;

  constructor(spec: PlotSpec) {
    this.#spec = spec;
    this.#holder = el('div', { class: 'plot', role: 'img', tabindex: 0, 'aria-label': spec.label });
    this.#readout = el('p', { class: 'readout', 'aria-live': 'polite' }, spec.hint);
    this.nodes = [this.#holder, this.#readout];
    this.#holder.addEventListener('keydown', (event) => this.#onKey(event));
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this.#holder);
    live.add(this);
  }

  /** Shows other data; the same chart is kept where the options allow it. */
  update(spec: PlotSpec) {
    this.#spec = spec;
    this.#holder.setAttribute('aria-label', spec.label);
    this.#readout.textContent = spec.hint;
    this.rebuild();
  }

  /** Draws the chart anew, in the colours of the theme. */
  rebuild() {
    const width = this.#holder.clientWidth;
    this.#chart?.destroy();
    this.#chart = undefined;
    if (width === 0) return;
    const options = this.#spec.options();
    this.#chart = new uPlot(
      {
        ...options,
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
        hooks: { ...options.hooks, setCursor: [(chart) => this.#onCursor(chart)] },
      },
      this.#spec.data,
      this.#holder,
    );
  }

  /** Takes it out of use. */
  destroy() {
    live.delete(this);
    this.#resized.disconnect();
    this.#chart?.destroy();
  }

  #fit() {
    const width = this.#holder.clientWidth;
    if (this.#chart === undefined) this.rebuild();
    else if (width > 0 && width !== this.#chart.width) this.#chart.setSize({ width, height: HEIGHT });
  }

  #onCursor(chart: uPlot) {
    const index = chart.cursor.idx;
    const text = typeof index === 'number' ? this.#spec.describe(index) : this.#spec.hint;
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
  }

  #onKey(event: KeyboardEvent) {
    const chart = this.#chart;
    const last = this.#spec.data[0].length - 1;
    if (chart === undefined || last < 0) return;
    const at = chart.cursor.idx ?? -1;
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last };
    const wanted = moves[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, wanted));
    const left = chart.valToPos(this.#spec.data[0][index] ?? 0, 'x');
    chart.setCursor({ left, top: 10 });
  }
}

const live = new Set<Plot>();
onThemeChange(() => live.forEach((plot) => plot.rebuild()));

/** An axis in the colours of the page. */
export function axis(options: uPlot.Axis): uPlot.Axis {
  return {
    stroke: colour('soft'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    ...options,
  };
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
/** Writes a number of an axis. */
export const compact = (value: number) => (value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(0) : COMPACT.format(value));
