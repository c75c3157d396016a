import { useEffect, useState } from 'react';
import type { ExactInQuote, QuoteClient, Token } from 'dlmm-quote/client';
import { useQuote, type QuoteInUse } from 'dlmm-quote/react';

/** A swap form: what you pay, what you get, and whether that still holds. */
export function Swap({ client }: { client: QuoteClient }) {
  const tokens = useTokens(client);
  const [pay, setPay] = useState('BTC');
  const [get, setGet] = useState('USDC');
  const [amount, setAmount] = useState('1');

  const isAmount = /^\d+(\.\d+)?$/.test(amount) && Number(amount) > 0;
  const request = isAmount && pay !== get ? { token_in: pay, token_out: get, amount_in: amount, slippage_bps: 50 } : null;
  const answer = useQuote(request, { client });

  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <label>
        You pay <input inputMode="decimal" value={amount} onChange={(event) => setAmount(event.target.value.trim())} />
      </label>
      <TokenChoice label="Token you pay" tokens={tokens} value={pay} onChange={setPay} />
      <TokenChoice label="Token you get" tokens={tokens} value={get} onChange={setGet} />
      <Outcome answer={answer} token={get} />
      <p role="status">{request === null ? 'Enter an amount and two tokens.' : inWords(answer)}</p>
      {/* Nothing is signed on a quote that nobody confirms. */}
      <button disabled={answer.quote === undefined || answer.state !== 'live'}>Swap</button>
    </form>
  );
}

function TokenChoice(props: { label: string; tokens: Token[]; value: string; onChange: (symbol: string) => void }) {
  const { label, tokens, value, onChange } = props;
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {tokens.map(({ symbol }) => (
          <option key={symbol}>{symbol}</option>
        ))}
      </select>
    </label>
  );
}

function Outcome({ answer: { quote, refusal, state }, token }: { answer: QuoteInUse<ExactInQuote>; token: string }) {
  if (refusal !== undefined) return <p role="alert">{refusal.message}</p>;
  if (quote === undefined) return null;
  return (
    <dl style={{ opacity: state === 'live' ? 1 : 0.5 }}>
      <dt>You get</dt>
      <dd data-field="amount-out">
        {quote.amount_out} {token}
      </dd>
      <dt>At least</dt>
      <dd>
        {quote.minimum_received} {token}
      </dd>
      <dt>Price impact</dt>
      <dd>{quote.price_impact_ppm === null ? 'unknown' : `${quote.price_impact_ppm / 10_000} %`}</dd>
      <dt>Through</dt>
      <dd>{quote.routes.map(({ hops }) => hops.map(({ pool_id }) => pool_id).join(' → ')).join(', ')}</dd>
    </dl>
  );
}

function inWords({ state, ageMs, error }: QuoteInUse): string {
  const since = Number.isFinite(ageMs) ? `, last confirmed ${Math.round(ageMs / 1000)} s ago` : '';
  if (state === 'live') return 'Live';
  if (state === 'offline') return `Offline${since}: ${error?.message ?? 'the service cannot be reached'}`;
  return `Asking for a quote${since}`;
}

function useTokens(client: QuoteClient): Token[] {
  const [tokens, setTokens] = useState<Token[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    // A service that is down when the page opens has them later.
    const later = () => signal.aborted || setTimeout(ask, 2_000);
    const ask = () => !signal.aborted && client.tokens({ signal }).then(setTokens, later);
    ask();
    return () => controller.abort();
  }, [client]);
  return tokens;
}
