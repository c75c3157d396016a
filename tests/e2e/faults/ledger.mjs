// Keeps every quote of a test file and recomputes each from the state that it says it was computed from.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dlmm } from '../worker/market.mjs';

export class Ledger {
  /** Texts of the quotes that were given. */
  #quotes = [];
  #refused = 0;
  #proxy;

  constructor(proxy) {
    this.#proxy = proxy;
  }

  /**
   * Asks a Worker with `include_state`. A quote must say where its state comes from, and what it holds must be one
   * reading, whole: the texts of one reply and no other. Gives status, headers, body, and how long it took.
   */
  async quote(worker, request, init = {}) {
    const began = Date.now();
    const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify({ ...request, include_state: true }), ...init });
    const text = await response.text();
    const body = JSON.parse(text);
    if (response.status === 200) {
      assert.equal(body.success, true);
      assert.equal(body.state.source, 'redis');
      assert.ok(Array.isArray(body.warnings));
      assertOneReading(body.input, this.#proxy.readings);
      this.#quotes.push(text);
    } else {
      assert.equal(body.success, false);
      this.#refused += 1;
    }
    return { status: response.status, headers: response.headers, body, ms: Date.now() - began };
  }

  /** Demands that every quote is what its state gives, and that there were at least so many. */
  async settle(t, atLeast) {
    assert.ok(this.#quotes.length >= atLeast, `${this.#quotes.length} quotes`);
    const folder = await mkdtemp(join(tmpdir(), 'dlmm-faults-'));
    try {
      const file = join(folder, 'quotes.jsonl');
      await writeFile(file, this.#quotes.join('\n'));
      const told = await dlmm(['verify-quote', file]);
      const equal = told.split('\n').filter((line) => /(^|: )equal$/.test(line)).length;
      assert.equal(equal, this.#quotes.length, told.slice(0, 2_000));
      t.diagnostic(`${this.#quotes.length} quotes, each equal to what its state gives; ${this.#refused} refusals`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Demands that every text of the input is of one and the same reply; of a pool that was too large to be read there is none. */
export function assertOneReading({ pools }, readings) {
  const isFrom = (reading) =>
    pools.every(({ pool_id, value, known: [low, high], bins, left_out }) => {
      if (left_out !== undefined && value === null && bins.length === 0) return true;
      const texts = new Map(bins);
      const key = (id) => `bin:${pool_id}:${id}`;
      const all = Array.from({ length: high - low + 1 }, (_, index) => low + index);
      return reading.get(`pool:${pool_id}`) === value && all.every((id) => reading.get(key(id)) === (texts.get(id) ?? null));
    });
  assert.ok(readings.some(isFrom), 'the state of the quote is not that of any one reply');
}
