// `dlmm-quote/client` in Cloudflare Workers.
import { Client } from './client-core.js';

export { DlmmError } from './client-core.js';

export class QuoteClient extends Client {
  constructor(options) {
    super(options, () => import('./workerd.js'));
  }
}
