import { DlmmError, invalidRequest } from './error.js';

/** Levels of objects and lists inside each other at most; a snapshot has five. */
const MAX_DEPTH = 16;
/** Every decimal number of so many digits survives the way through a double. */
const SAFE_DIGITS = 15;

/** What cannot be written as JSON without a loss, and where it stands. */
export class Unwritable extends Error {
  constructor(reason) {
    super(reason);
    this.place = '';
  }

  /** Says where in the data of this name it stands. */
  within(name) {
    return `${name}${this.place} ${this.message}`;
  }
}

/**
 * Writes plain data as JSON text with every digit: null, booleans, strings, bigints, lists, plain objects, and
 * numbers that a double cannot have changed. Throws an Unwritable for anything else.
 *
 * `matters(name, holder)`, if given, says whether anybody reads a field's numbers to the last digit. Where nobody does, a number is
 * written as JSON.stringify would, whatever has become of it.
 */
export function jsonOf(value, matters) {
  return written(value, 0, matters, matters === undefined);
}

/** The entries of an object or a Map, as they are. Taken once, so that a getter of the caller's runs, and fails, out here. */
export function entriesOf(name, object) {
  if (object === null || typeof object !== 'object' || Array.isArray(object)) throw invalidRequest(name, 'must be an object');
  const entries = object instanceof Map ? [...object] : Object.entries(object);
  if (entries.some(([key]) => typeof key !== 'string')) throw invalidRequest(name, 'must have names only');
  return entries;
}

/** Refuses options that nothing reads: what is misspelt would be ignored without a word. */
export function checkNames(options, names) {
  // Its entries are no fields.
  if (options instanceof Map) throw invalidRequest('options', 'must be an object, not a Map');
  for (const [name] of entriesOf('options', options)) if (!names.includes(name)) throw invalidRequest(name, 'is not an option here');
}

/** Refuses an option that is not of its kind, a `function`, a `boolean` or an `object`: it would be misread, or fail where nobody looks. */
export function checkKind(name, value, kind) {
  if (value !== undefined && (typeof value !== kind || value === null)) throw invalidRequest(name, `must be a${kind === 'object' ? 'n' : ''} ${kind}`);
}

/** As jsonOf, of a field of a request: what is wrong is a refusal that names it. */
export function fieldJson(name, value, matters) {
  try {
    return jsonOf(value, matters);
  } catch (error) {
    if (!(error instanceof Unwritable)) throw error;
    throw new DlmmError('INVALID_REQUEST', error.within(name), { field: name });
  }
}

/** The JSON text of an object that has these fields. */
export const objectJson = (fields) => `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`;

function written(value, depth, matters, exact) {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'bigint':
      return String(value);
    case 'number':
      return exact ? numberText(value) : JSON.stringify(value);
    case 'object':
      if (depth >= MAX_DEPTH) throw new Unwritable('is nested too deep');
      if (Array.isArray(value)) return `[${Array.from(value, (item, at) => part(item, depth, matters, exact, `[${at}]`)).join()}]`;
      if (isPlain(value)) {
        // As JSON.stringify, it leaves out what is undefined.
        const given = Object.entries(value).filter(([, item]) => item !== undefined);
        return objectJson(given.map(([name, item]) => [name, part(item, depth, matters, exact || matters(name, value), `.${name}`)]));
      }
  }
  throw new Unwritable('is not plain data');
}

function part(value, depth, matters, exact, step) {
  try {
    return written(value, depth + 1, matters, exact);
  } catch (error) {
    if (error instanceof Unwritable) error.place = step + error.place;
    throw error;
  }
}

function numberText(number) {
  const text = String(number);
  if (!Number.isFinite(number)) throw new Unwritable(`is ${text}, not a number`);
  if (!Number.isSafeInteger(number) && significantDigits(text) > SAFE_DIGITS) {
    throw new Unwritable(`is ${text}, more digits than a JavaScript number keeps: write it as a string or a bigint`);
  }
  return text;
}

/** Counts the digits between the first and the last that is not zero. */
function significantDigits(number) {
  return number.split('e')[0].replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
}

/** Whether an object is no instance of a class: a class may mean something else by its fields, or write itself in another way. */
function isPlain(object) {
  const parent = Object.getPrototypeOf(object);
  return parent === null || Object.getPrototypeOf(parent) === null;
}
