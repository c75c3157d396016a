import { invalidRequest } from './error.js';

const unfit = (reason) => invalidRequest('batch', reason);

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

/** Checks a quote by its text. Of a batch, or an answer that was taken out of one, it is said what to check instead. */
export function checkedAlone(text, check) {
  try {
    return check();
  } catch (error) {
    if (error.code !== 'INVALID_REQUEST' || !['success', 'input'].includes(error.details.field)) throw error;
    const { answers, input_ref: reference } = parsed(text);
    if (Array.isArray(answers)) throw invalidRequest('success', 'is missing: this is a batch; check each quote that resolveInputs(batch) gives');
    if (reference !== undefined) throw invalidRequest('input', 'stands in the batch of this answer (share_state): check the quote that resolveInputs(batch) gives');
    throw error;
  }
}

/** Whatever a JSON parser makes of the numbers of an answer, `verify` undoes. */
function parsed(text) {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw unfit(`is not JSON: ${error.message}`);
  }
}
