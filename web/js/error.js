/**
 * Why a call has no result. Branch on `code`, which never changes; `details` holds the facts.
 */
export class DlmmError extends Error {
  constructor(code, message, details = {}) {
    super(message);
    this.name = 'DlmmError';
    this.code = code;
    this.details = details;
  }

  /** As the HTTP API answers it. */
  toJSON() {
    const { code, message, details } = this;
    return { success: false, error: { code, message, details }, request_id: null };
  }
}

export const invalidRequest = (field, reason) => new DlmmError('INVALID_REQUEST', `${field} ${reason}`, { field });
