// One uPlot chart that keeps its width, follows the theme, and can be read with mouse, finger or arrow keys.
import uPlot from 'uplot';
import { colour, onThemeChange } from './colours.ts';
import { el } from './dom.ts';

export interface PlotSpec {
  /** What a screen reader says of the picture. */
  label: string;
  data: uPlot.AlignedData;
  /** What else is drawn, to know whether anything has changed. */
  marks: unknown;
  /** Everything but the size; called again when the theme changes, so colours may be read in it. */
  options: () => Omit<uPlot.Options, 'width' | 'height'>;
  /** Describes one position of the chart. */
  describe: (index: number) => string;
  /** Stands in the readout while no position is chosen. */
  hint: string;
  /** Runs when a position is clicked, or Enter is pressed on it. */
  onPick?: (index: number) => void;
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
    // A slider: arrow keys move along the positions, and the value is what is said of each.
    this.#holder = el('div', { class: 'plot', role: 'slider', tabindex: 0, 'aria-label': spec.label, 'aria-valuemin': 0 });
    this.#readout = el('p', { class: 'readout' }, spec.hint);
    this.nodes = [this.#holder, this.#readout];
    this.#holder.addEventListener('keydown', (event) => this.#onKey(event));
    this.#holder.addEventListener('click', (event) => {
      if ((event.target as Element).closest('.u-over')) this.#pick();
    });
    this.#say(-1);
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this.#holder);
    live.add(this);
  }

  /** Shows other data; the same chart is kept where the options allow it. */
  update(spec: PlotSpec) {
    const same = JSON.stringify([spec.label, spec.data, spec.marks]) === JSON.stringify([this.#spec.label, this.#spec.data, this.#spec.marks]);
    this.#spec = spec;
    // A chart that is pointed at stays what it is where nothing has changed.
    if (same && this.#chart !== undefined) return;
    this.#holder.setAttribute('aria-label', spec.label);
    const at = this.#chart?.cursor.idx ?? -1;
    this.rebuild();
    // Who points at a position keeps it while the market moves.
    if (at >= 0 && at < spec.data[0].length && this.#holder.matches(':hover, :focus')) this.#moveTo(at);
    else this.#say(-1);
  }

  /** Says something under the chart, until the cursor moves. */
  say(text: string) {
    this.#readout.textContent = text;
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
        // Whole pixels would make steps of a line that is straight.
        pxAlign: 0,
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
    this.#say(chart.cursor.idx ?? -1);
  }

  #say(index: number) {
    const text = index >= 0 ? this.#spec.describe(index) : this.#spec.hint;
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
    const holder = this.#holder;
    holder.classList.toggle('picks', this.#spec.onPick !== undefined);
    holder.setAttribute('aria-valuemax', String(Math.max(0, this.#spec.data[0].length - 1)));
    holder.setAttribute('aria-valuenow', String(Math.max(0, index)));
    holder.setAttribute('aria-valuetext', text);
  }

  #pick() {
    const index = this.#chart?.cursor.idx;
    if (typeof index === 'number') this.#spec.onPick?.(index);
  }

  #moveTo(index: number) {
    this.#chart?.setCursor({ left: this.#chart.valToPos(this.#spec.data[0][index] ?? 0, 'x'), top: 10 });
  }

  #onKey(event: KeyboardEvent) {
    const last = this.#spec.data[0].length - 1;
    if (this.#chart === undefined || last < 0) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return this.#pick();
    }
    const at = this.#chart.cursor.idx ?? -1;
    const moves: Record<string, number> = {
      ...{ ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1 },
      ...{ PageUp: at + 10, PageDown: at - 10, Home: 0, End: last },
    };
    const wanted = moves[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    this.#moveTo(Math.min(last, Math.max(0, wanted)));
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

/** Room for the longest label of an axis, so that none is cut. */
export function roomFor(labels: readonly string[] | null): number {
  const pen = (measuring ??= document.createElement('canvas').getContext('2d'));
  if (pen === null) return 58;
  pen.font = '12px system-ui, sans-serif';
  return Math.ceil(Math.max(24, ...(labels ?? []).map((label) => pen.measureText(label).width))) + 14;
}

let measuring: CanvasRenderingContext2D | null | undefined;
