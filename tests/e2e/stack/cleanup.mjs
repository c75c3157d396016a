// Stops what a test file has started, whether its tests passed, failed or were interrupted.
import { after, beforeEach } from 'node:test';
import { endAll, endOnSignals } from '../../../scripts/process/groups.mjs';

const stops = [];

/** Registers what is to be done when the tests of this file are over, last registered first. */
export function whenDone(stop) {
  stops.push(stop);
}

after(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

// A file that fails while it is loaded, before its first test, ends without `after` and without `exit`.
let loading = true;
beforeEach(() => {
  loading = false;
});
process.on('uncaughtExceptionMonitor', () => {
  if (loading) endAll();
});

endOnSignals();
