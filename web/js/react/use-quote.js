import { useEffect, useState } from 'react';
import { requestText } from '../request-text.js';

/** Between a change of the request and its stream: whoever types asks once. */
const SETTLE_MS = 150;
/** How often the age of what is no longer confirmed is shown anew. */
const AGE_STEP_MS = 1_000;

/** Nothing yet, and nothing of an earlier request either: a quote stands beside the request it answers, or not at all. */
const asking = (key) => ({ key, quote: undefined, refusal: undefined, error: undefined, state: 'stale', ageMs: Infinity });

/**
 * The quote of a request, kept up to date. `client` is a QuoteClient, or a live engine. No request (null) asks for nothing.
 */
export function useQuote(request, { client, settleMs = SETTLE_MS }) {
  const { key, fault } = written(request);
  const [known, setKnown] = useState(() => asking(key));

  useEffect(() => {
    if (key === undefined || client === undefined || client === null) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (news) => !signal.aborted && setKnown((before) => ({ ...(before.key === key ? before : asking(key)), ...news }));
    tell({ error: undefined });
    let answers;
    const look = () => tell({ state: answers.state, ageMs: answers.ageMs });
    const clock = setInterval(() => answers !== undefined && answers.state !== 'live' && look(), AGE_STEP_MS);
    const start = setTimeout(async () => {
      try {
        answers = client.stream(request, { signal, onState: (state, { error, ageMs }) => tell({ state, error, ageMs }) });
        for await (const answer of answers) {
          tell({
            quote: answer.success ? answer : undefined,
            refusal: answer.success ? undefined : answer.error,
            ...{ state: answers.state, error: answers.error, ageMs: answers.ageMs },
          });
        }
        tell({ state: 'offline' });
      } catch (error) {
        tell({ state: 'offline', error });
      }
    }, settleMs);
    return () => {
      clearTimeout(start);
      clearInterval(clock);
      controller.abort();
    };
    // The request is the one that `key` was written from.
  }, [key, client, settleMs]);

  const { key: ofKey, ...answer } = known.key === key ? known : asking(key);
  return fault === undefined ? answer : { ...answer, error: fault };
}

/** The same text for the same request, however often an object is made for it. */
function written(request) {
  if (request === null || request === undefined) return {};
  try {
    return { key: requestText(request) };
  } catch (fault) {
    return { fault };
  }
}
