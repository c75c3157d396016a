// The last snapshot of the edge: fetched by its ETag, and kept so that a quote needs no network.
import { fetchEdge } from './api-key.ts';

const CACHE = 'dlmm-snapshot';
const PATH = '/snapshot';
/** When the edge last said that this snapshot is what it has. */
const CONFIRMED = 'x-confirmed-at';
/** The heartbeat moves on while the snapshot stays right, so the edge tells it beside the tag. */
const HEARTBEAT = 'x-dlmm-heartbeat';
/** And so does the block. */
const HEIGHT = 'x-dlmm-block-height';

export interface Snapshot {
  /** The `dlmm-snapshot/1` text. */
  text: string;
  etag: string | null;
  /** The producer's heartbeat when it was confirmed, as stored; `null` where there is none. */
  heartbeat: string | null;
  /** The producer's block at that time; `null` where there is none. */
  height: string | null;
  /** When the edge last gave or confirmed it, milliseconds since 1970. */
  confirmedAt: number;
}

/** What a refresh came to; `changed` says whether the state is another one: whether the edge gives it another tag. */
export type Refresh = { ok: true; snapshot: Snapshot; changed: boolean } | { ok: false; reason: string };

export class SnapshotStore {
  #current: Snapshot | undefined;
  #running: Promise<Refresh> | undefined;

  get current(): Snapshot | undefined {
    return this.#current;
  }

  /** Takes up the snapshot that an earlier visit kept, if there is one. */
  async restore(): Promise<Snapshot | undefined> {
    const kept = await openCache().then((cache) => cache?.match(PATH));
    if (kept === undefined) return undefined;
    const confirmedAt = Number(kept.headers.get(CONFIRMED));
    const [etag, heartbeat, height] = [kept.headers.get('etag'), kept.headers.get(HEARTBEAT), kept.headers.get(HEIGHT)];
    this.#current ??= { text: await kept.text(), etag, heartbeat, height, confirmedAt };
    return this.#current;
  }

  /** Asks the edge for a newer one. Calls while one is under way get its outcome. */
  refresh(): Promise<Refresh> {
    this.#running ??= this.#ask().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #ask(): Promise<Refresh> {
    const known = this.#current;
    const headers: Record<string, string> = known?.etag ? { 'if-none-match': known.etag } : {};
    let response: Response;
    let text: string;
    try {
      // Past the browser's own cache, which would hide the 304.
      response = await fetchEdge(PATH, { headers, cache: 'no-store', signal: AbortSignal.timeout(30_000) });
      text = response.status === 304 && known ? known.text : await response.text();
    } catch (error) {
      return { ok: false, reason: navigator.onLine ? String((error as Error).message) : 'this device is offline' };
    }
    if (!response.ok && response.status !== 304) return { ok: false, reason: reasonOf(text, response.status) };
    const etag = response.headers.get('etag') ?? known?.etag ?? null;
    // Two copies of one state differ in when they were taken.
    const changed = known === undefined || etag === null || etag !== known.etag;
    const [heartbeat, height] = [response.headers.get(HEARTBEAT), response.headers.get(HEIGHT)];
    const snapshot = { text, etag, heartbeat, height, confirmedAt: Date.now() };
    this.#current = snapshot;
    await keep(snapshot);
    return { ok: true, snapshot, changed };
  }
}

function reasonOf(text: string, status: number): string {
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return `status ${status}`;
  }
}

async function keep({ text, etag, heartbeat, height, confirmedAt }: Snapshot) {
  const known = { ...(etag ? { etag } : {}), ...(heartbeat ? { [HEARTBEAT]: heartbeat } : {}), ...(height ? { [HEIGHT]: height } : {}) };
  const headers = { 'content-type': 'application/json', [CONFIRMED]: String(confirmedAt), ...known };
  const cache = await openCache();
  // A full disk costs the offline mode, not the quote.
  await cache?.put(PATH, new Response(text, { headers })).catch(() => undefined);
}

/** There is no cache in a page without a secure context, nor where storage is forbidden. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined;
  }
}
