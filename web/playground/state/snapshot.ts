// The last snapshot of the edge: fetched by its ETag, and kept so that a quote needs no network.
import { fetchEdge } from './api-key.ts';
import { ALL, type Part, queryOfPart, type Scope, scopeOf } from './scope.ts';

const CACHE = 'dlmm-snapshot';
const PATH = '/snapshot';
/** When the edge last said that this snapshot is what it has. */
const CONFIRMED = 'x-confirmed-at';
/** The heartbeat moves on while the snapshot stays right, so the edge tells it beside the tag. */
const HEARTBEAT = 'x-dlmm-heartbeat';
/** And so does the block. */
const HEIGHT = 'x-dlmm-block-height';
/** Which part of the market a kept one holds, and the address that it came from. */
const SCOPE = 'x-scope';
const ADDRESS = 'x-address';

export interface Snapshot {
  /** The `dlmm-snapshot/1` text. */
  text: string;
  /** The part of the market that it holds. */
  scope: Scope;
  /** Where it came from. */
  address: string;
  etag: string | null;
  /** The producer's heartbeat when it was confirmed, as stored; `null` where there is none. */
  heartbeat: string | null;
  /** The producer's block at that time; `null` where there is none. */
  height: string | null;
  /** When the edge last gave or confirmed it, milliseconds since 1970. */
  confirmedAt: number;
}

/** What a refresh came to; `changed` says whether the state is another one: whether the edge gives it another tag. */
export type Refresh = { ok: true; snapshot: Snapshot; changed: boolean } | { ok: false; reason: string; tooLarge?: boolean };

export class SnapshotStore {
  #current: Snapshot | undefined;
  #running: { scope: Scope; outcome: Promise<Refresh> } | undefined;
  /** Whether the edge has said that its whole market is too large for one snapshot. */
  #byPart = false;

  get current(): Snapshot | undefined {
    return this.#current;
  }

  /** Takes up the snapshot that an earlier visit kept, if there is one. */
  async restore(): Promise<Snapshot | undefined> {
    const kept = await openCache().then((cache) => cache?.match(PATH));
    if (kept === undefined) return undefined;
    const header = (name: string) => kept.headers.get(name);
    const [scope, address] = [decodeURI(header(SCOPE) ?? ALL), decodeURI(header(ADDRESS) ?? PATH)];
    const [etag, heartbeat, height, confirmedAt] = [header('etag'), header(HEARTBEAT), header(HEIGHT), Number(header(CONFIRMED))];
    this.#current ??= { text: await kept.text(), scope, address, etag, heartbeat, height, confirmedAt };
    this.#byPart = this.#current.scope !== ALL;
    return this.#current;
  }

  /** Asks the edge for a newer one that holds what `part` needs. Calls for the same while one is under way get its outcome. */
  refresh(part: Part): Promise<Refresh> {
    const scope = scopeOf(part);
    if (this.#running?.scope === scope) return this.#running.outcome;
    const outcome = this.#ask(part).finally(() => {
      if (this.#running?.outcome === outcome) this.#running = undefined;
    });
    this.#running = { scope, outcome };
    return outcome;
  }

  async #ask(part: Part): Promise<Refresh> {
    if (!this.#byPart) {
      const whole = await this.#fetch(PATH, ALL);
      if (whole.ok || whole.tooLarge !== true) return whole;
      this.#byPart = true;
    }
    if (part.token_in === '' || part.token_out === '') return { ok: false, reason: 'no pair is chosen yet' };
    return this.#fetch(`${PATH}${queryOfPart(part)}`, scopeOf(part));
  }

  async #fetch(address: string, scope: Scope): Promise<Refresh> {
    const known = this.#current?.address === address ? this.#current : undefined;
    const headers: Record<string, string> = known?.etag ? { 'if-none-match': known.etag } : {};
    let response: Response;
    let text: string;
    try {
      // Past the browser's own cache, which would hide the 304.
      response = await fetchEdge(address, { headers, cache: 'no-store', signal: AbortSignal.timeout(30_000) });
      text = response.status === 304 && known ? known.text : await response.text();
    } catch (error) {
      return { ok: false, reason: reasonOfError(error) };
    }
    if (!response.ok && response.status !== 304) return refused(text, response.status);
    const etag = response.headers.get('etag') ?? known?.etag ?? null;
    // Two copies of one state differ in when they were taken.
    const changed = known === undefined || etag === null || etag !== known.etag;
    const [heartbeat, height] = [response.headers.get(HEARTBEAT), response.headers.get(HEIGHT)];
    const snapshot = { text, scope, address, etag, heartbeat, height, confirmedAt: Date.now() };
    this.#current = snapshot;
    await keep(snapshot);
    return { ok: true, snapshot, changed };
  }
}

const reasonOfError = (error: unknown) => (navigator.onLine ? String((error as Error).message) : 'this device is offline');

function refused(text: string, status: number): Refresh {
  try {
    const { message, details } = (JSON.parse(text) as { error: { message: string; details?: { unit?: string } } }).error;
    // The edge names what there is too much of, bytes or pools.
    return { ok: false, reason: message, tooLarge: details?.unit !== undefined };
  } catch {
    return { ok: false, reason: `status ${status}` };
  }
}

async function keep({ text, scope, address, etag, heartbeat, height, confirmedAt }: Snapshot) {
  const known = { ...(etag ? { etag } : {}), ...(heartbeat ? { [HEARTBEAT]: heartbeat } : {}), ...(height ? { [HEIGHT]: height } : {}) };
  const headers = { 'content-type': 'application/json', [CONFIRMED]: String(confirmedAt), [SCOPE]: encodeURI(scope), [ADDRESS]: encodeURI(address), ...known };
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
