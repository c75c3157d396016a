import { ACCEPT, isInColumns, nextOf, plainSnapshot } from '../snapshot-columns.js';

/** Asks for the snapshot of a market again and again; what has not changed is not sent, and has no `text`. */
export class SnapshotPoller {
  #service;
  #query;
  #etag;

  constructor(service, query) {
    this.#service = service;
    this.#query = query;
  }

  async ask(signal) {
    const first = await this.#page(this.#query, signal, this.#etag);
    if (first.text === undefined) return first;
    const pages = [first.text];
    for (let next = nextOf(first.text); next !== undefined; next = nextOf(pages.at(-1))) {
      const query = new URLSearchParams(this.#query);
      query.set('after', next);
      pages.push((await this.#page(query, signal)).text);
    }
    if (pages.length === 1 && !isInColumns(first.text)) return first;
    // The tag of one page does not speak of the others.
    return { ...first, text: plainSnapshot(pages), etag: pages.length === 1 ? first.etag : undefined };
  }

  /** This one is in place, so "not changed" means that it holds. */
  placed(etag) {
    this.#etag = etag;
  }

  /** What is in place is of another source: no tag speaks of it. */
  forget() {
    this.#etag = undefined;
  }

  #page(query, signal, etag) {
    const headers = { accept: ACCEPT, ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    return this.#service.ask('/snapshot', { query, headers, signal, accepts: 304 }, (text, response) => {
      const told = { heartbeatMs: response.headers.get('x-dlmm-heartbeat'), blockHeight: response.headers.get('x-dlmm-block-height') };
      return response.status === 304 ? told : { ...told, text, etag: response.headers.get('etag') ?? undefined };
    });
  }
}
