// Why a stream is not followed any further. What a caller hears of is a DlmmError.
import { DlmmError } from '../error.js';

export const reasonOf = (error) => String(error?.cause?.message || error?.message || error);

/** A stream that was there and broke off, or went silent; `asleep` where it was this machine that was not there. */
export class Lost extends DlmmError {
  constructor(path, error, { silent = false, asleep = false } = {}) {
    const reason = reasonOf(error);
    super('SERVICE_UNREACHABLE', `the stream of ${path} is lost: ${reason}`, { path, reason });
    Object.defineProperties(this, { silent: { value: silent }, asleep: { value: asleep } });
  }
}

/** A stream that does not get through, though the service may be well. */
export class NoStream extends DlmmError {
  constructor(path, reason) {
    super('SERVICE_UNREACHABLE', `there is no stream of ${path}: ${reason}`, { path, reason });
  }
}

/** An event that cannot be what the service means. */
export class Garbled extends DlmmError {
  constructor(path, error) {
    const reason = reasonOf(error);
    super('ANSWER_INVALID', `an event of ${path} cannot be read: ${reason}`, { path, status: 200, reason });
  }
}

/** A stream goes on from a state that is not the one here any more: what it tells does not add up. It has to begin anew. */
export class Parted extends Error {}

/** What the service says on a stream that it cannot go on with for now, such as that Redis is gone. */
export class Refused extends DlmmError {
  constructor({ error, request_id = null }) {
    super(String(error.code), String(error.message), error.details, request_id);
  }
}
