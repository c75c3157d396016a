// `dlmm-quote/client` in Cloudflare Workers.
import { Client } from './client-core.js';

export { DlmmError } from './client-core.js';

export class QuoteClient extends Client {
  // As of `DlmmError`.
  static get name() {
    return 'QuoteClient';
  }

  constructor(options) {
    super(options, () => import('./workerd.js'));
  }
}
