import { DlmmError } from './error.js';

/** Fetches the text of a snapshot. */
export async function fetchSnapshot(url, { fetch: fetchWith = fetch, init }) {
  const shown = String(url);
  let response;
  let text;
  try {
    response = await fetchWith(url, init);
    text = await response.text();
  } catch (error) {
    const reason = String(error?.message ?? error);
    throw new DlmmError('SNAPSHOT_UNAVAILABLE', `no snapshot came from ${shown}: ${reason}`, { url: shown, status: null, reason });
  }
  if (response.ok) return text;
  const { status } = response;
  throw new DlmmError('SNAPSHOT_UNAVAILABLE', `no snapshot came from ${shown}: HTTP status ${status}`, { url: shown, status, reason: text.slice(0, 500) });
}
