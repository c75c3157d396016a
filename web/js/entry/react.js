// `dlmm-quote/react`: the quotes of a client, or of a live engine, in React 18 or newer.
export { useQuote } from '../react/use-quote.js';
