/// <reference lib="esnext.disposable" />

import type { Pool, PoolWithBins, Routes } from './answers.js';
import type { EngineOptions, QuoteEngine } from './engine.js';
import type { DlmmError, QuoteFailure } from './errors.js';
import type { Health, Pair, Token } from './http.js';
import type { ExactInQuote, ExactOutQuote, Quote } from './quote.js';
import type { ExactInRequest, ExactOutRequest, QuoteRequest } from './request.js';

export * from './answers.js';
export * from './errors.js';
export * from './http.js';
export * from './numbers.js';
export * from './quote.js';
export * from './request.js';

/** What the client needs of an `AbortSignal`; no types of a browser or of Node are asked for. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: any;
  addEventListener(type: 'abort', listener: () => void, options?: any): void;
  removeEventListener(type: 'abort', listener: () => void, options?: any): void;
}

/** What the client needs of `fetch`. */
export type ClientFetch = (url: any, init?: any) => PromiseLike<{
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: any;
  text(): PromiseLike<string>;
}>;

export interface QuoteClientOptions {
  /** Where the service is, such as `https://quotes.example`. In a page it may be a path. */
  url: string | { readonly href: string };
  /** For a service that asks for one. It goes into a header, never into an address. */
  apiKey?: string | null;
  /** Used instead of the global `fetch`. */
  fetch?: ClientFetch;
  /** How long a call waits for its answer. Default 10000; streams are not calls. */
  timeoutMs?: number;
  /** False where streams are known not to get through: then everything is asked for again and again. Default true. */
  streams?: boolean;
}

/** An abort throws an `AbortError`, whatever reason the signal has. */
export interface CallOptions {
  signal?: AbortSignalLike;
}

/**
 * `live`: the service confirms what is here. `stale`: it is being asked, and what is here may be old. `offline`: it cannot be
 * reached, and will be tried again.
 */
export type LiveState = 'live' | 'stale' | 'offline';

/** Called where the state changes, or the code of the error. `error`: why it is not live, if anything went wrong. `ageMs`: since when nobody has confirmed what is here; Infinity where nobody has. */
export type StateListener = (state: LiveState, known: { error: DlmmError | undefined; ageMs: number }) => void;

export interface StreamOptions extends CallOptions {
  onState?: StateListener;
}

interface Following {
  readonly state: LiveState;
  /** Why it is not live, if anything went wrong. */
  readonly error: DlmmError | undefined;
  /** Milliseconds since the service last confirmed what is here; Infinity where it has not. */
  readonly ageMs: number;
}

/**
 * The answers to one request: the first at once, then each that differs from the one before. A refusal of the market (too little
 * liquidity, state that is too old) is an answer as well. Who reads slowly gets the newest answer, not all of them.
 */
export interface QuoteStream<Answer extends Quote = Quote> extends Following {
  [Symbol.asyncIterator](): this;
  next(): Promise<{ done: false; value: Answer | QuoteFailure } | { done: true; value: undefined }>;
  /** Ends the stream, as leaving a `for await` does. */
  return(): Promise<{ done: true; value: undefined }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a live engine follows: the pools that a quote of a pair may use, or pools by name. */
export type LiveMarket = { tokens: readonly [string, string]; pools?: undefined } | { pools: readonly string[]; tokens?: undefined };

export type LiveEngineOptions = LiveMarket &
  StreamOptions & {
    /** Quotes throw `NOT_LIVE` where nobody has confirmed the state for longer than this; take more than 15 000, as a quiet service says nothing for so long. Default: never; look at `state` and `ageMs`. */
    maxAgeMs?: number;
    onChange?: ChangeListener;
    engine?: EngineOptions;
  };

/** Called after each change; `pools` names those that changed, and is absent where all may have. */
export type ChangeListener = (change: { pools: string[] | undefined }) => void;

/** A local engine that holds what a service holds. */
export interface LiveEngine extends Following, Pick<QuoteEngine, 'quote' | 'quotes' | 'routes' | 'pools' | 'pool'> {
  /**
   * The answers to one request: a new one after each change that makes a difference, and where the time makes one, as with
   * `maxAgeMs` and `max_age_ms`, within a second. Ends with the engine.
   */
  stream(request: ExactInRequest, options?: StreamOptions): QuoteStream<ExactInQuote>;
  stream(request: ExactOutRequest, options?: StreamOptions): QuoteStream<ExactOutQuote>;
  stream(request: QuoteRequest, options?: StreamOptions): QuoteStream;
  /** `id` of the last event, as the service wrote it; undefined where the state was asked for. */
  readonly id: string | undefined;
  /** When the state was read, by the clock of the service. */
  readonly takenAt: Date;
  /** Gives the function that takes the listener away. */
  onState(listener: StateListener): () => void;
  onChange(listener: ChangeListener): () => void;
  /** Stops following and gives the memory back. Every later quote throws `ENGINE_FREED`. */
  close(): void;
  /** As `close`, for `using live = await ...`. */
  [Symbol.dispose](): void;
}

/** A quote service over HTTP. Every method rejects with a `DlmmError`, or with an `AbortError`. */
export class QuoteClient {
  constructor(options: QuoteClientOptions);

  /** `POST /quote`. Where the service says when to ask again (429, 503) it is asked again, twice at most and within 10 s. */
  quote(request: ExactInRequest, options?: CallOptions): Promise<ExactInQuote>;
  quote(request: ExactOutRequest, options?: CallOptions): Promise<ExactOutQuote>;
  quote(request: QuoteRequest, options?: CallOptions): Promise<Quote>;

  /** `POST /quotes`: 1 to 100 requests of one moment. A refusal is an entry of the list. */
  quotes(requests: readonly ExactInRequest[], options?: CallOptions): Promise<(ExactInQuote | QuoteFailure)[]>;
  quotes(requests: readonly ExactOutRequest[], options?: CallOptions): Promise<(ExactOutQuote | QuoteFailure)[]>;
  quotes(requests: readonly QuoteRequest[], options?: CallOptions): Promise<(Quote | QuoteFailure)[]>;

  /** `GET /quote/stream`, again and again for as long as somebody reads; by asking where no stream gets through. */
  stream(request: ExactInRequest, options?: StreamOptions): QuoteStream<ExactInQuote>;
  stream(request: ExactOutRequest, options?: StreamOptions): QuoteStream<ExactOutQuote>;
  stream(request: QuoteRequest, options?: StreamOptions): QuoteStream;

  /**
   * A local engine that follows `GET /changes`. Resolves when the first state is there, and rejects where the service refuses
   * what is asked for; a service that cannot be reached is tried again until `signal` aborts. An abort later closes the engine.
   */
  liveEngine(options: LiveEngineOptions): Promise<LiveEngine>;

  /** `GET /tokens`. */
  tokens(options?: CallOptions): Promise<Token[]>;
  /** `GET /pairs`. */
  pairs(options?: CallOptions): Promise<Pair[]>;
  /** `GET /pools`, all pages. */
  pools(options?: CallOptions): Promise<Pool[]>;
  /** `GET /pools/{id}`. */
  pool(poolId: string, options?: CallOptions): Promise<PoolWithBins>;
  /** `GET /routes`. */
  routes(tokenIn: string, tokenOut: string, options?: CallOptions & { max_hops?: number }): Promise<Routes>;
  /** `GET /health`. A service that cannot quote answers too, with `status` `down`. */
  health(options?: CallOptions): Promise<Health>;
}
