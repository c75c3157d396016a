// What every way to load the package shares: the classes, and one instance of the engine.
export { resolveInputs } from '../batch.js';
export { QuoteEngine, verify } from '../engine.js';
export { DlmmError } from '../error.js';
export { init, initSync, loadWhenNeeded } from '../instance.js';
