// Options that several calls of a client take.
import { invalidRequest } from '../error.js';
import { checkKind, checkNames } from '../plain-json.js';

/** Refuses a signal that is none. */
export function checkSignal(signal) {
  if (signal !== undefined && signal !== null && typeof signal.addEventListener !== 'function') throw invalidRequest('signal', 'must be an AbortSignal');
}

export function signalOf(options) {
  checkNames(options, ['signal']);
  checkSignal(options.signal);
  return options.signal;
}

export function streamOptions(options) {
  checkNames(options, ['signal', 'onState']);
  const { signal, onState } = options;
  checkSignal(signal);
  checkKind('onState', onState, 'function');
  return { signal, onState };
}
