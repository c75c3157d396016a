import { invalidRequest } from './error.js';
import { entriesOf, fieldJson, objectJson } from './plain-json.js';

/** The JSON text of a request: whole amounts may be bigints, and what is undefined is not given. */
export function requestText(request) {
  return objectJson(given(request).map(([name, value]) => [name, requestField(name, value)]));
}

/** The same as a query string: lists with commas, and the plan by the names it has there. */
export function requestQuery(request) {
  const query = new URLSearchParams();
  for (const [name, value] of given(request)) {
    if (value === null) continue;
    if (name === 'plan') for (const [part, of] of planEntries(value)) query.set(`plan_${part}`, plain(`plan.${part}`, of));
    else if (Array.isArray(value)) query.set(name, value.map((item) => plain(name, item)).join());
    else query.set(name, plain(name, value));
  }
  return query;
}

const given = (request) => entriesOf('request', request).filter(([, value]) => value !== undefined);

const planEntries = (plan) => entriesOf('plan', plan).filter(([, value]) => value !== undefined && value !== null);

/** A value in a query has no quotes around it. */
function plain(name, value) {
  if (typeof value === 'object') throw invalidRequest(name, 'must be a text, a number or a boolean');
  const json = requestField(name, value);
  return typeof value === 'string' ? value : json.replace(/^"|"$/g, '');
}

/** Over HTTP smallest units are a string of digits; a bigint is exactly that. */
function requestField(name, value) {
  return fieldJson(name, typeof value === 'bigint' && name.endsWith('_atomic') ? String(value) : value);
}
