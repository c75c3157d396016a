/** What marks a refusal, whichever copy of the package made it: an application may hold one for `import` and one for `require`. */
const MARK = Symbol.for('dlmm-quote.DlmmError');

/**
 * Why a call has no result. Branch on `code`, which never changes; `details` holds the facts.
 */
export class DlmmError extends Error {
  constructor(code, message, details = {}, requestId = null) {
    super(message);
    this.name = 'DlmmError';
    this.code = code;
    this.details = details;
    // What an operator finds in his log; only where a service has answered.
    if (requestId !== null) this.requestId = requestId;
    Object.defineProperty(this, MARK, { value: true });
  }

  // What minifies this file gives the class another name, which consoles would show.
  static get name() {
    return 'DlmmError';
  }

  static [Symbol.hasInstance](value) {
    // A class that extends this one is asked as usual.
    return this === DlmmError ? value?.[MARK] === true : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** As the HTTP API answers it. */
  toJSON() {
    const { code, message, details, requestId = null } = this;
    return { success: false, error: { code, message, details }, request_id: requestId };
  }
}

export const invalidRequest = (field, reason) => new DlmmError('INVALID_REQUEST', `${field} ${reason}`, { field });
