// Node, with import: the same instance that `require` gives, so that `instanceof` holds across both.
import cjs from './node.cjs';

export const { DlmmError, QuoteEngine, resolveInputs, verify } = cjs;
