// Stops what a test file has started, whether its tests passed, failed or were interrupted.
import { after } from 'node:test';
import { endOnSignals } from '../../../scripts/process/groups.mjs';

const stops = [];

/** Registers what is to be done when the tests of this file are over, last registered first. */
export function whenDone(stop) {
  stops.push(stop);
}

after(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

endOnSignals();
