// Answers of the engine, wherever it runs. Both places give the shape of the package: decimals are text, no digit passes a float.
import type { Quote } from 'dlmm-quote/slim';

export type { Pool, Quote, Route, Hop, Step, TokenFees, Warning } from 'dlmm-quote/slim';

/** A refusal: what went wrong, for programs (`code`, `details`) and people (`message`). The edge knows more codes than the package. */
export interface Refusal {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** What one place answered, and how long that took; nothing where it came by itself. */
export type Outcome =
  | { kind: 'quote'; quote: Quote; ms?: number }
  | { kind: 'refusal'; refusal: Refusal; ms?: number }
  /** The place itself did not answer. */
  | { kind: 'silence'; reason: string };
