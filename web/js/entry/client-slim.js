// `dlmm-quote/client/slim`: for a live engine the caller loads the wasm file, with `init` of `dlmm-quote/slim`.
import { Client } from './client-core.js';

export { DlmmError } from './client-core.js';

export class QuoteClient extends Client {
  // As of `DlmmError`.
  static get name() {
    return 'QuoteClient';
  }

  constructor(options) {
    super(options, () => import('./slim.js'));
  }
}
