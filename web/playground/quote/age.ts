// What an answer says of the age of its state.
import type { Outcome, Quote } from './answer.ts';

/** Warnings that go by the moment of reading, not by the state. */
const AGE_WARNINGS: ReadonlySet<string> = new Set(['AGE_UNKNOWN', 'TIME_AHEAD', 'STATE_OLD', 'HEARTBEAT_INVALID']);

/** Whether a warning is about the age of the state. */
export const isAboutAge = ({ code }: { code: string }) => AGE_WARNINGS.has(code);

/** Whether the state of a quote is old, or nobody knows how old it is. */
export const isDoubtful = ({ warnings }: Quote) => warnings.some(isAboutAge);

/** Whether this place refuses because the state is too old. */
export const isTooOld = (outcome: Outcome | undefined) => outcome?.kind === 'refusal' && outcome.refusal.code === 'STALE_STATE';
