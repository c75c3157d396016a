import { DlmmError } from './error.js';
import { ACCEPT, isInColumns, nextOf, plainSnapshot } from './snapshot-columns.js';

/** Fetches the text of a snapshot: one document, or the pages of a market that is too large for one. */
export async function fetchSnapshot(url, { fetch: fetchWith = fetch, init }) {
  const pages = [];
  let next;
  do {
    const text = await fetchText(next === undefined ? url : pageAfter(url, next), fetchWith, init);
    pages.push(text);
    const after = nextOf(text);
    // A server that takes no notice of `after` would give the same page for ever.
    if (after !== undefined && after === next) throw unavailable(url, null, `the page after ${next} ends with it too`);
    next = after;
  } while (next !== undefined);
  // A file is handed on as it is.
  if (pages.length === 1 && !isInColumns(pages[0])) return pages[0];
  try {
    return plainSnapshot(pages);
  } catch (error) {
    throw unavailable(url, null, String(error?.message ?? error));
  }
}

async function fetchText(url, fetchWith, init) {
  let response;
  let text;
  try {
    const headers = new Headers(init?.headers);
    if (!headers.has('accept')) headers.set('accept', ACCEPT);
    response = await fetchWith(url, { ...init, headers });
    text = await response.text();
  } catch (error) {
    throw unavailable(url, null, String(error?.message ?? error));
  }
  if (response.ok) return text;
  throw unavailable(url, response.status, text.slice(0, 500));
}

function pageAfter(url, next) {
  const text = String(url);
  return `${text}${text.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`;
}

function unavailable(url, status, reason) {
  const shown = String(url);
  const why = status === null ? reason : `HTTP status ${status}`;
  return new DlmmError('SNAPSHOT_UNAVAILABLE', `no snapshot came from ${shown}: ${why}`, { url: shown, status, reason });
}
