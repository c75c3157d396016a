// The key for an edge that asks for one. It stays in this tab, and only requests to this edge carry it.

const NAME = 'dlmm-api-key';

/** Whether the edge has let the last request in: `open`, or it asked for a key, or it did not know the one it was sent. */
export type Entry = 'open' | 'key needed' | 'key refused';

let key = kept();
let onEntry: (entry: Entry) => void = () => undefined;

/** Calls `listener` after each answer of the edge. */
export function watchEntry(listener: (entry: Entry) => void) {
  onEntry = listener;
}

/** Uses this key from now on, until the tab is closed. Blank takes it away. */
export function useKey(text: string) {
  key = text.trim();
  try {
    if (key === '') sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // Storage is forbidden: the key lasts until the page is left.
  }
}

/** As `fetch`, for paths of the edge. */
export async function fetchEdge(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  const sent = key;
  if (sent !== '') headers.set('x-api-key', sent);
  const response = await fetch(path, { ...init, headers });
  onEntry(response.status !== 401 ? 'open' : sent === '' ? 'key needed' : 'key refused');
  return response;
}

function kept(): string {
  try {
    return sessionStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}
