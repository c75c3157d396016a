// Which of the fields that docs/openapi.json describes answers have shown, and how: there, absent, null, and each value of a list of values.
import * as description from './api-description.mjs';

const { schemaOf, fits } = description;

/** What was met of one field. */
class Sightings {
  there = 0;
  absent = 0;
  null = 0;
  notNull = 0;
  values = new Set();

  note(value) {
    this.there += 1;
    if (value === null) this.null += 1;
    else this.notNull += 1;
    if (typeof value === 'string' || typeof value === 'number') this.values.add(value);
  }
}

/** Goes through schemas, and through answers along with them. */
export class DescribedFields {
  /** By place: the schema's name and the fields on the way. */
  #fields = new Map();
  #listed = new Set();
  /** The values of schemas that are lists of values, as far as they are not met. Each error code has a schema of its own. */
  #named = new Map();
  #met = new Map();

  constructor(schemas) {
    for (const schema of schemas) this.#list(schema, '');
  }

  /** Notes the fields of an answer. */
  meet(schema, value) {
    this.#walk(schema, value, '');
  }

  /** What the answers have not shown of the description: it may say too much. */
  *unmet() {
    for (const [place, { schema, isRequired }] of this.#fields) {
      const met = this.#met.get(place);
      if (met === undefined || met.there === 0) {
        yield `${place}: never there`;
        continue;
      }
      if (!isRequired && met.absent === 0) yield `${place}: always there, but not required`;
      const [values, isNullable] = valuesOf(schema);
      if (isNullable && met.null === 0) yield `${place}: never null`;
      if (isNullable && met.notNull === 0) yield `${place}: never anything but null`;
      for (const value of values) if (!met.values.has(value)) yield `${place}: never ${value}`;
    }
    for (const [name, values] of this.#named) for (const value of values) yield `${name}: never ${value}`;
  }

  #list(schema, at) {
    const [known, place] = entered(schema, at);
    if (this.#listed.has(known)) return;
    this.#listed.add(known);
    if (known.enum !== undefined && place !== at && place !== 'ErrorCode') this.#named.set(place, new Set(known.enum));
    for (const part of [...(known.allOf ?? []), ...choicesOf(known)]) this.#list(part, place);
    for (const [name, field] of Object.entries(known.properties ?? {})) {
      this.#fields.set(`${place}.${name}`, { schema: field, isRequired: (known.required ?? []).includes(name) });
      this.#list(field, `${place}.${name}`);
    }
    for (const inner of [known.items, known.additionalProperties]) if (typeof inner === 'object') this.#list(inner, `${place}[]`);
  }

  #walk(schema, value, at) {
    if (value === null || value === undefined) return;
    const [known, place] = entered(schema, at);
    this.#named.get(place)?.delete(value);
    for (const part of known.allOf ?? []) this.#walk(part, value, place);
    const choice = choiceOf(known, value);
    if (choice !== undefined) this.#walk(choice, value, place);
    for (const [name, field] of Object.entries(known.properties ?? {})) {
      const met = this.#sightings(`${place}.${name}`);
      if (!(name in value)) {
        met.absent += 1;
        continue;
      }
      met.note(value[name]);
      this.#walk(field, value[name], `${place}.${name}`);
    }
    const inner = Array.isArray(value) ? known.items : known.additionalProperties;
    if (typeof inner === 'object') Object.values(value).forEach((one) => this.#walk(inner, one, `${place}[]`));
  }

  #sightings(place) {
    if (!this.#met.has(place)) this.#met.set(place, new Sightings());
    return this.#met.get(place);
  }
}

const nameOf = ({ $ref }) => $ref?.split('/').at(-1);

/** A schema behind its references; it is known by its name, wherever it is used. */
function entered(schema, at) {
  const name = nameOf(schema);
  return name === undefined ? [schema, at] : entered(schemaOf(name), name);
}

/** The forms that a value may have, but for null. */
const choicesOf = (schema) => (schema.oneOf ?? schema.anyOf ?? []).filter(({ type }) => type !== 'null');

/** The form that a value has. */
function choiceOf(schema, value) {
  const choices = choicesOf(schema);
  if (choices.length < 2) return choices[0];
  const { propertyName, mapping } = schema.discriminator ?? {};
  if (propertyName !== undefined) return { $ref: mapping[value[propertyName]] };
  return choices.find((one) => isOne(one, value));
}

function isOne(schema, value) {
  try {
    fits(schema, value, '');
    return true;
  } catch {
    return false;
  }
}

/** The values that a schema lists itself, and whether null is one. */
function valuesOf(schema) {
  const known = entered(schema, '')[0];
  const isNullable = [known.type].flat().includes('null') || (known.oneOf ?? known.anyOf ?? []).some(({ type }) => type === 'null');
  return [(schema.enum ?? []).filter((value) => value !== null), isNullable];
}
