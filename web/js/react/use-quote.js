import { useEffect, useState } from 'react';
import { invalidRequest } from '../error.js';
import { checkNames } from '../plain-json.js';
import { requestText } from '../request-text.js';

/** Between a change of the request and its stream: whoever types asks once. */
const SETTLE_MS = 150;
/** How often the age of what is no longer confirmed is shown anew. */
const AGE_STEP_MS = 1_000;

/** Nothing yet, and nothing of an earlier request or client either: a quote stands beside the request it answers, or not at all. */
const asking = (key, client) => ({ key, client, quote: undefined, refusal: undefined, error: undefined, state: 'stale', ageMs: Infinity });

/**
 * The quote of a request, kept up to date. `client` is a QuoteClient, or a live engine. No request (null) asks for nothing.
 */
export function useQuote(request, options) {
  const { client, settleMs = SETTLE_MS } = options;
  const { key, fault } = written(request, options);
  const [known, setKnown] = useState(() => asking(key, client));

  useEffect(() => {
    // Nobody follows what was shown before this begins or after it has ended, as when a page hides the component.
    const forget = () => setKnown(asking(key, client));
    forget();
    if (key === undefined || client === undefined || client === null) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (news) => !signal.aborted && setKnown((before) => ({ ...before, ...news }));
    let answers;
    let shown;
    const look = (news) => {
      const { state, error, ageMs } = answers;
      shown = state;
      tell({ ...news, state, error, ageMs });
    };
    // A silence begins and ends with nobody telling so.
    const clock = setInterval(() => answers !== undefined && !(shown === 'live' && answers.state === 'live') && look(), AGE_STEP_MS);
    const start = setTimeout(async () => {
      try {
        answers = client.stream(request, { signal, onState: () => answers !== undefined && look() });
        for await (const answer of answers) {
          look({ quote: answer.success ? answer : undefined, refusal: answer.success ? undefined : answer.error });
        }
        look();
      } catch (error) {
        tell({ state: 'offline', error });
      }
    }, settleMs);
    return () => {
      clearTimeout(start);
      clearInterval(clock);
      controller.abort();
      forget();
    };
    // The request is the one that `key` was written from.
  }, [key, client, settleMs]);

  const { key: ofKey, client: ofClient, ...answer } = known.key === key && known.client === client ? known : asking(key, client);
  return fault === undefined ? answer : { ...answer, error: fault };
}

/** The same text for the same request, however often an object is made for it; no text where an option cannot be used. */
function written(request, options) {
  try {
    checkOptions(options);
    return request === null || request === undefined ? {} : { key: requestText(request) };
  } catch (fault) {
    return { fault };
  }
}

function checkOptions(options) {
  checkNames(options, ['client', 'settleMs']);
  const { client } = options;
  const settleMs = options.settleMs ?? 0;
  if (client !== undefined && client !== null && typeof client.stream !== 'function') throw invalidRequest('client', 'must be a QuoteClient or a live engine');
  if (!(typeof settleMs === 'number' && settleMs >= 0)) throw invalidRequest('settleMs', 'must be a number of milliseconds');
}
