// The Worker's entry: what the platform calls. It stands in for the entry that worker-build writes, which wraps each
// request in two proxies and a class of its own; a request that is refused costs less than those.
import { __wbg_reset_state, __worker_init_state } from './index.js';
import { serve } from 'seam';

export { StreamHub } from 'hub';

Error.stackTraceLimit = 100;

/** Kept by `worker`, whose hook notes here that an instance panicked. */
const state = __worker_init_state();

export default {
  fetch(request, env, context) {
    if (state.criticalError) {
      console.log('Reinitializing Wasm application');
      __wbg_reset_state();
      state.criticalError = false;
      state.instanceId += 1;
    }
    return serve(request, env, context);
  },
};
