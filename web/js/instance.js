// The one WebAssembly instance of this module: loaded once, and given up when it traps.
import instantiate, { initSync as instantiateSync } from '#wasm';
import { DlmmError, invalidRequest } from './error.js';

let ready = false;
let fault;
let packed;

/** Gives the wasm file to be loaded when it is first needed, so that an import costs nothing and cannot fail. */
export function loadWhenNeeded(unpack) {
  packed = unpack;
}

/** Loads the engine; a second call waits for the first and does nothing else. */
export async function init(source) {
  if (ready) return;
  try {
    await instantiate({ module_or_path: await required(source) });
  } catch (error) {
    throw notLoaded(error);
  }
  ready = true;
}

/** As `init`, at once. */
export function initSync(source) {
  if (ready) return;
  try {
    instantiateSync({ module: required(source) });
  } catch (error) {
    throw notLoaded(error);
  }
  ready = true;
}

function required(source) {
  if (source === undefined || source === null) {
    throw invalidRequest('source', 'is missing: give the wasm file as a URL, a Response, its bytes or a module');
  }
  return source;
}

function notLoaded(error) {
  if (error instanceof DlmmError) return error;
  const reason = String(error?.message ?? error);
  return new DlmmError('ENGINE_NOT_READY', `the engine could not be loaded: ${reason}`, { reason });
}

/** Runs `work`, which calls into the engine, and turns whatever it throws into a DlmmError. */
export function guard(work) {
  if (fault !== undefined) throw internal(fault);
  if (!ready && packed !== undefined) initSync(packed());
  if (!ready) {
    throw new DlmmError('ENGINE_NOT_READY', 'the engine is not loaded: call init() first and wait for it');
  }
  try {
    return work();
  } catch (thrown) {
    // A refusal is thrown as JSON text. Anything else is a trap: nothing is known about the instance's memory after
    // it, so no later answer could be trusted.
    if (typeof thrown !== 'string') {
      fault = String(thrown?.message ?? thrown);
      throw internal(fault);
    }
    const { code, message, details } = JSON.parse(thrown);
    throw new DlmmError(code, message, details);
  }
}

const internal = (reason) =>
  new DlmmError('INTERNAL', 'the engine failed and cannot be used any more; load the module again', { reason });
