// `dlmm-quote/client`: a quote service over HTTP. The engine is loaded when a live one is wanted, and not before.
import { Client } from './client-core.js';

export { DlmmError } from './client-core.js';

export class QuoteClient extends Client {
  // As of `DlmmError`.
  static get name() {
    return 'QuoteClient';
  }

  constructor(options) {
    super(options, () => import('./index.js'));
  }
}
