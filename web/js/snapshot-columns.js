// Snapshots as the service gives them to those who ask for columns: docs/http.md has the format.

const FORMAT = 'dlmm-snapshot-columns/1';

/** Asks for columns; a server that does not know them gives what it has. */
export const ACCEPT = 'application/vnd.dlmm.snapshot-columns+json, application/json;q=0.9';

// Beyond it the writer guesses by the price before alone.
const GUESSED_BELOW = 1n << 63n;

/** The last pool of a page, if there are more pages; none of any other text. */
export function nextOf(text) {
  // It stands at the end, behind all pools.
  const [, next] = /,"next":"([^"\\]*)"\}\s*$/.exec(text.slice(-300)) ?? [];
  return next;
}

/** Whether a text is a snapshot in columns. */
export const isInColumns = (text) => text.slice(0, 100).includes(`"format":"${FORMAT}"`);

/** One plain snapshot out of the pages of one, each of them plain or in columns. It is as old as the first. */
export function plainSnapshot(pages) {
  const [first, ...others] = pages.map((page) => withBins(JSON.parse(page)));
  const { pools, next, ...head } = first;
  const whole = { ...head, format: 'dlmm-snapshot/1', pools };
  for (const page of others) {
    Object.assign(whole.tokens, page.tokens);
    whole.pools.push(...page.pools);
    if (page.skipped) whole.skipped = [...(whole.skipped ?? []), ...page.skipped];
  }
  return JSON.stringify(whole);
}

/** A document with the bins of its pools where a plain one has them. */
function withBins({ columns, ...document }) {
  if (columns === undefined) return document;
  let at = 0;
  for (const pool of document.pools) {
    if (pool.bins !== undefined) continue;
    pool.bins = bins(pool, columns.ids[at], columns.prices[at], columns.y[at], columns.x[at]);
    at += 1;
  }
  return document;
}

function bins({ pool_id, active_bin_id }, ids, prices, ys, xs) {
  const [price, y, x] = [grown(numbers(prices)), summed(numbers(ys)), summed(numbers(xs))];
  let [at, atY, atX] = [0, 0, 0];
  const all = [];
  for (const run of ids.split(' ')) {
    const [first, count] = run.split('*').map(Number);
    for (let bin_id = first; bin_id < first + count; bin_id += 1) {
      const reserve_y = bin_id <= active_bin_id ? y[atY++] : 0n;
      const reserve_x = bin_id >= active_bin_id ? x[atX++] : 0n;
      all.push({ bin_id, pool_id, price_e8: `${price[at++]}`, reserve_x: `${reserve_x}`, reserve_y: `${reserve_y}` });
    }
  }
  return all;
}

const numbers = (column) => (column === '' ? [] : column.split(' ').map(BigInt));

function summed(steps) {
  let sum = 0n;
  return steps.map((step) => (sum += step));
}

/** Prices out of what each adds to the guess that they grow by one factor. */
function grown(steps) {
  const prices = [];
  let [before, one] = [0n, 0n];
  for (const step of steps) {
    const guess = before !== 0n && one < GUESSED_BELOW ? (2n * one * one + before) / (2n * before) : one;
    [before, one] = [one, guess + step];
    prices.push(one);
  }
  return prices;
}
