// The tables of docs/http.md that list fields, warnings and errors, written from docs/openapi.json between their markers.
//
// `x-see` beside a description holds links to sections of the guide, which have no place in the description itself.
import { errors, isTagged, nameOf, partsOf, schemas, target, variantsOf, withoutNull } from './description.mjs';

const MARKED = /(<!-- (fields|warnings|errors|values)(?: of ([\w,. ]+))?: written from openapi\.json -->\n).*?(<!-- \/\2 -->)/gs;

/** What the table of request fields and that of the whole input tell already. */
const TOLD = ['CheckedRequest', 'InputReference'];

/** The guide with its tables written anew. */
export function guide(text) {
  const marked = (kind) => [...text.matchAll(MARKED)].filter(([, , of]) => of === kind).map(([, , , of]) => of);
  const elsewhere = new Set([...TOLD, ...marked('fields').flatMap((names) => names.split(', '))]);
  const listed = new Set(marked('values').map(fieldAt));
  const tables = {
    fields: (names) => fieldTable(names.split(', '), elsewhere, listed),
    warnings: warningTable,
    errors: errorTable,
    values: valueTable,
  };
  return text.replace(MARKED, (_, open, kind, of, close) => `${open}${tables[kind](of)}${close}`);
}

const table = (columns, rows) => [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`.replaceAll('|  |', '| |')).join('');

const code = (text) => `\`${text}\``;

/** What a schema says of itself, with where to read on. */
function meaning({ description, 'x-see': see = [] }) {
  return [description, see.length === 0 ? '' : `See ${see.join(' and ')}.`].join(' ').trim();
}

function fieldTable(names, elsewhere, listed) {
  const shown = new Set(names);
  const rows = [];
  const list = (schema, prefix) => {
    for (const part of partsOf(schema)) listOnce(part, prefix);
    const { properties = {}, required = [] } = schema;
    for (const [name, field] of Object.entries(properties)) {
      if (name.endsWith('_atomic') && name.replace('_atomic', '') in properties) continue;
      const isPair = `${name}_atomic` in properties;
      const about = listed.has(field) ? field.description.replace(VALUES, '').trim() : aboutField(field, isPair);
      const shownNames = isPair ? `${code(prefix + name)}, ${code(`${name}_atomic`)}` : code(prefix + name);
      if (about !== undefined) rows.push([shownNames, typeWords(field, isPair, required.includes(name)), about]);
      const [inner, step] = within(field);
      if (inner !== undefined && !isTagged(target(inner))) listOnce(inner, `${prefix}${name}${step}.`);
    }
  };
  const listOnce = (schema, prefix) => {
    const name = nameOf(schema);
    if (name !== undefined && (shown.has(name) || elsewhere.has(name) || variantsOf(schemas[name]) !== undefined)) return;
    if (name !== undefined) shown.add(name);
    list(target(schema), prefix);
  };
  names.forEach((name) => list(schemas[name], ''));
  return table(['Field', 'Type', 'Meaning'], rows);
}

/** What is said of a field; nothing where its name and its example say it all. */
function aboutField(field, isPair) {
  if (field.description !== undefined) {
    const said = meaning(field);
    return isPair ? said.replace(/ Whole tokens\.|, in whole tokens/, '') : said;
  }
  const [known] = withoutNull(field);
  if (target(known).enum === undefined) return undefined;
  if (target(known).description === undefined) throw new Error(`nobody says what these mean: ${target(known).enum.join(', ')}`);
  return meaning(target(known));
}

/** The object inside of a field, and how the way to its fields is written. */
function within(field) {
  const [known] = withoutNull(field);
  const schema = target(known);
  if (schema.type === 'array') return hasFields(schema.items) ? [schema.items, '[]'] : [undefined];
  if (typeof schema.additionalProperties === 'object') return hasFields(schema.additionalProperties) ? [schema.additionalProperties, '.*'] : [undefined];
  return [hasFields(known) ? known : undefined, ''];
}

const hasFields = (schema) => target(schema).properties !== undefined;

function typeWords(field, isPair, isRequired) {
  const [known, isNullable] = withoutNull(field.$ref === undefined ? field : withRefNull(field));
  const word = isPair ? 'amount' : wordFor(target(known), known);
  return [word, ...(isNullable ? ['or `null`'] : []), ...(isRequired ? [] : ['may be absent'])].join(', ').replace(', or', ' or');
}

/** A named schema may itself say that the value may be null. */
const withRefNull = (field) => ([target(field).type].flat().includes('null') ? target(field) : field);

function wordFor(schema, { $ref }) {
  if (nameOf({ $ref }) === 'AtomicAmount' || schema.pattern === '^[0-9]{1,39}$') return 'string of digits';
  if (nameOf({ $ref }) === 'Time') return 'time';
  if (schema.const !== undefined) return code(schema.const);
  if (schema.anyOf !== undefined) return 'as stored';
  const [type] = withoutNull(schema)[0].type === undefined ? ['object'] : [withoutNull(schema)[0].type].flat();
  return { integer: 'whole number', number: 'number', array: 'list' }[type] ?? type;
}

function factsOf({ properties, required = [] }, but = []) {
  const names = Object.keys(properties).filter((name) => !but.includes(name));
  return names.map((name) => (required.includes(name) ? code(name) : `at times ${code(name)}`)).join(', ');
}

function warningTable() {
  const rows = variantsOf(schemas.Warning).map((name) => [code(schemas[name].properties.code.const), factsOf(schemas[name], ['code']), meaning(schemas[name])]);
  return table(['Code', 'Facts', 'Meaning'], rows);
}

function errorTable() {
  return table(['Code', 'Status', 'Details', 'When'], errors.map((error) => [code(error.code), error.status, factsOf(error.details), meaning(error)]));
}

const fieldAt = (place) => {
  const [schema, ...path] = place.split('.');
  return path.reduce((at, name) => at.properties[name], schemas[schema]);
};

/** Values in a description, each in front of what it means. */
const VALUES = /(`[^`]+`(?:, `[^`]+`)*): (.*?)(?=\s`[^`]+`(?:, `[^`]+`)*: |$)/g;

function valueTable(place) {
  const field = fieldAt(place);
  const rows = [...field.description.matchAll(VALUES)].map(([, values, about]) => [values, about[0].toUpperCase() + about.slice(1)]);
  const told = new Set(rows.flatMap(([values]) => values.split(', ')));
  const untold = field.enum.filter((value) => !told.has(code(value)));
  if (untold.length > 0) throw new Error(`${place} does not say what ${untold.join(', ')} means`);
  return table(['Value', 'Meaning'], rows);
}
