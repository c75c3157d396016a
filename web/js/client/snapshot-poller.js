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
    const headers = this.#etag === undefined ? {} : { 'if-none-match': this.#etag };
    return this.#service.ask('/snapshot', { query: this.#query, headers, signal, accepts: 304 }, (text, response) => {
      const told = { heartbeatMs: response.headers.get('x-dlmm-heartbeat'), blockHeight: response.headers.get('x-dlmm-block-height') };
      return response.status === 304 ? told : { ...told, text, etag: response.headers.get('etag') ?? undefined };
    });
  }

  /** This one is in place, so "not changed" means that it holds. */
  placed(etag) {
    this.#etag = etag;
  }

  /** What is in place is of another source: no tag speaks of it. */
  forget() {
    this.#etag = undefined;
  }
}
