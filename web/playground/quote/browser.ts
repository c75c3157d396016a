// The engine in this page: the package `dlmm-quote`, over the last snapshot.
import { DlmmError, init, type QuoteRequest as PackageRequest, QuoteEngine, type Verification, verify } from 'dlmm-quote/slim';
import wasmUrl from 'dlmm-quote/dlmm_quote_bg.wasm';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Pool } from './answer.ts';

/** Failures that are about the engine, not about the trade. */
const NO_ENGINE = ['INTERNAL', 'ENGINE_NOT_READY', 'ENGINE_FREED'];

/** A pool that a trade may go through, and in which direction. */
export interface Candidate {
  pool_id: string;
  x_for_y: boolean;
}

/** What the page asks of an engine, whether it holds a snapshot or follows the edge. */
type Asked = Pick<QuoteEngine, 'quote' | 'pools' | 'pool' | 'routes'>;

export class BrowserEngine {
  readonly #engine: Asked;

  private constructor(engine: Asked) {
    this.#engine = engine;
  }

  /** Loads the WebAssembly module. Once is enough for every engine and for `verify`. */
  static async load(): Promise<void> {
    await init(new URL(wasmUrl, location.href));
  }

  /** Asks an engine that somebody else keeps. */
  static around(engine: Asked): BrowserEngine {
    return new BrowserEngine(engine);
  }

  /** Computes a quote again from the state that came with it. */
  static verify(quote: string): Verification {
    return verify(quote);
  }

  /** All pools, without their bins. */
  pools(): Pool[] {
    return this.#engine.pools().pools;
  }

  /** One pool with its bins, `undefined` where its state cannot be read. */
  pool(id: string) {
    try {
      return this.#engine.pool(id);
    } catch (error) {
      if (error instanceof DlmmError) return undefined;
      throw error;
    }
  }

  /** The pools that a request may go through, in the order of its routes; `[]` where it has none. */
  candidates({ token_in, token_out, max_hops }: QuoteRequest): Candidate[] {
    try {
      const hops = typeof max_hops === 'number' ? { max_hops } : {};
      const { routes } = this.#engine.routes(String(token_in), String(token_out), hops);
      const found = new Map<string, Candidate>();
      for (const { pool_id, x_for_y } of routes.flatMap((route) => route.hops.flatMap((hop) => hop.pools))) {
        if (!found.has(pool_id)) found.set(pool_id, { pool_id, x_for_y });
      }
      return [...found.values()];
    } catch (error) {
      if (error instanceof DlmmError) return [];
      throw error;
    }
  }

  /** Quotes. Every failure is an outcome. */
  ask(request: QuoteRequest): Outcome {
    const began = performance.now();
    try {
      // As it was typed: the engine says what is wrong with it.
      const quote = this.#engine.quote(request as unknown as PackageRequest);
      return { kind: 'quote', quote, ms: performance.now() - began };
    } catch (error) {
      const ms = performance.now() - began;
      if (!(error instanceof DlmmError)) throw error;
      const { code, message, details } = error;
      if (NO_ENGINE.includes(code)) return { kind: 'silence', reason: message };
      return { kind: 'refusal', refusal: { code, message, details: { ...details } }, ms };
    }
  }
}

/** An engine over a snapshot. */
export class SnapshotEngine {
  readonly #engine: QuoteEngine;
  readonly asked: BrowserEngine;

  /** A text that is no snapshot throws. With `router` it plans calls of that contract. */
  constructor(snapshot: string, router?: string) {
    this.#engine = QuoteEngine.fromSnapshot(snapshot, router === undefined ? {} : { router });
    this.asked = BrowserEngine.around(this.#engine);
  }

  /** Takes note that its state was still right at this moment, and what the producer's heartbeat and block were. */
  confirm(at: number, heartbeat: string | null, height: string | null) {
    this.#engine.applyUpdate({}, { takenAt: at, heartbeatMs: heartbeat, blockHeight: height });
  }

  /** Gives the memory of its market back. */
  free() {
    this.#engine.free();
  }
}
