import { DlmmError } from './error.js';

const unfit = (reason) => new DlmmError('INVALID_REQUEST', `batch ${reason}`, { field: 'batch' });

/** The answers of a batch that was asked for with `share_state`, each with its own `input` again. */
export function resolveInputs(given) {
  const batch = typeof given === 'string' ? parsed(given) : given;
  if (!Array.isArray(batch?.answers)) throw unfit('must be the answer of POST /quotes');
  return batch.answers.map((entry) => {
    const { input_ref: reference, ...answer } = entry ?? {};
    if (reference === undefined) return entry;
    const { state, pools: places, ...input } = reference ?? {};
    const pools = Array.isArray(places) ? places.map((place) => batch.states?.[state]?.pools?.[place]) : [undefined];
    if (pools.includes(undefined)) throw unfit('refers to a state that is not in it');
    return { ...answer, input: { ...input, pools } };
  });
}

/** Whatever a JSON parser makes of the numbers of an answer, `verify` undoes. */
function parsed(text) {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw unfit(`is not JSON: ${error.message}`);
  }
}
