// A page with one component that uses the hook; it keeps what each render put before the reader's eyes.
import { Activity, createElement, StrictMode, useLayoutEffect } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { QuoteClient } from '../../../web/pkg/client.js';
import { useQuote } from '../../../web/pkg/react.js';

const root = createRoot(document.getElementById('root'));
const shown = [];

function Price({ request, options }) {
  const { quote, refusal, error, state, ageMs, ...rest } = useQuote(request, options);
  useLayoutEffect(() => {
    const known = Object.keys(rest);
    shown.push({ amount: quote?.amount_out, refusal: refusal?.code, error: error?.code, state, confirmed: Number.isFinite(ageMs), known });
  });
  return null;
}

const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1' };

Object.assign(window, {
  QuoteClient,
  shown,
  /** Renders it, and gives all that was shown until the effects of that had run as well. */
  async show({ request = REQUEST, mode = 'visible', ...options }) {
    const from = shown.length;
    const price = createElement(Activity, { mode }, createElement(Price, { request, options }));
    flushSync(() => root.render(createElement(StrictMode, undefined, price)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return shown.slice(from);
  },
});
