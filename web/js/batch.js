import { DlmmError } from './error.js';

const unfit = (reason) => new DlmmError('INVALID_REQUEST', `batch ${reason}`, { field: 'batch' });

/** The answers of a batch that was asked for with `share_state`, each with its own `input` again. */
export function resolveInputs(batch) {
  if (!Array.isArray(batch?.answers)) throw unfit('must be the answer of POST /quotes');
  return batch.answers.map(({ input_ref: reference, ...answer }) => {
    if (reference === undefined) return answer;
    const { state, pools: places, ...input } = reference;
    const pools = places.map((place) => batch.states?.[state]?.pools?.[place]);
    if (pools.includes(undefined)) throw unfit('refers to a state that is not in it');
    return { ...answer, input: { ...input, pools } };
  });
}
