// The engine in this page: the package `dlmm-quote`, over the last snapshot.
import { DlmmError, init, QuoteEngine, verify } from 'dlmm-quote/slim';
import wasmUrl from 'dlmm-quote/wasm';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Quote } from './answer.ts';

export interface Verdict {
  equal: boolean;
  digest: string;
  differences: { path: string; given: string; computed: string }[];
}

export class BrowserEngine {
  #engine: QuoteEngine;

  private constructor(engine: QuoteEngine) {
    this.#engine = engine;
  }

  /** Loads the WebAssembly module. Once is enough for every engine and for `verify`. */
  static async load(): Promise<void> {
    await init(new URL(wasmUrl, location.href));
  }

  /** Makes an engine over a snapshot; a text that is none throws. */
  static over(snapshot: string): BrowserEngine {
    return new BrowserEngine(QuoteEngine.fromSnapshot(snapshot));
  }

  /** Computes a quote again from the state that came with it. */
  static verify(quote: string): Verdict {
    const { equal, digest, differences } = verify(quote);
    const shown = differences.map(({ path, given, computed }) => ({ path, given: String(given), computed: String(computed) }));
    return { equal, digest: String(digest ?? ''), differences: shown };
  }

  /** Quotes. Every failure is an outcome. */
  ask(request: QuoteRequest): Outcome {
    const began = performance.now();
    try {
      const quote = this.#engine.quote(request as never) as unknown as Quote;
      return { kind: 'quote', quote, ms: performance.now() - began };
    } catch (error) {
      const ms = performance.now() - began;
      if (!(error instanceof DlmmError)) return { kind: 'silence', reason: String(error) };
      const { code, message, details } = error;
      return { kind: 'refusal', refusal: { code, message, details: details as Record<string, unknown> }, ms };
    }
  }

  /** Gives the memory of its market back. */
  free() {
    this.#engine.free();
  }
}
