// The package's types of answers, written from docs/openapi.json.
//
// Two things differ from the JSON of the service, because a JavaScript number is a float: decimal numbers are strings here. What else
// TypeScript needs to know stands beside the field as `x-typescript`: a type, or false for what the package never shows.
import { errors, isTagged, nameOf, partsOf, schemas, target, variantsOf, withoutNull } from './description.mjs';

/** Types that are called otherwise than their schemas. */
const NAMES = {
  ExactInQuote: 'ExactInFields',
  ExactOutQuote: 'ExactOutFields',
  FeeParts: 'TokenFees',
  PoolFees: 'FeeParameters',
  PoolList: 'Pools',
  RouteList: 'Routes',
};
/** Types that are written by hand, and where. */
const BY_HAND = { Decimal: './numbers.js', Units: './numbers.js', ErrorCode: './errors.js' };
const OF_JSON = { integer: 'number', number: 'Decimal', string: 'string', boolean: 'boolean', null: 'null' };
const STEP = '  ';

const typeName = (schema) => NAMES[schema] ?? schema;
const comment = (text, gap) => (text === undefined ? '' : `${gap}/** ${text.replaceAll('*/', '* /').replaceAll('\n', ' ')} */\n`);

/** Whether a schema is a type of its own, and not only another word for a string or a number. */
const isNamed = (schema) => schema['x-typescript'] === undefined && (schema.properties ?? schema.enum ?? schema.oneOf ?? schema.additionalProperties ?? schema.allOf) !== undefined;

function typeOf(schema, gap) {
  if (schema['x-typescript'] !== undefined) return schema['x-typescript'];
  const [known, isNullable] = withoutNull(schema);
  return isNullable ? `${knownType(known, gap)} | null` : knownType(known, gap);
}

function knownType(schema, gap) {
  const name = nameOf(schema);
  if (name !== undefined) return isNamed(schemas[name]) ? typeName(name) : typeOf(schemas[name], gap);
  if (schema['x-typescript'] !== undefined) return schema['x-typescript'];
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return [...new Set(choices.map((one) => typeOf(one, gap)))].join(' | ');
  if (schema.allOf !== undefined && schema.properties === undefined) return schema.allOf.map((one) => typeOf(one, gap)).join(' & ');
  if (schema.type === 'array') return listOf(typeOf(schema.items, gap), schema);
  if (schema.type === 'object') return objectType(schema, gap);
  if (OF_JSON[schema.type] === undefined) throw new Error(`no type is known for ${JSON.stringify(schema)}`);
  return OF_JSON[schema.type];
}

const literal = (value) => (typeof value === 'string' ? `'${value}'` : String(value));

function listOf(item, { minItems, maxItems }) {
  if (minItems !== undefined && minItems === maxItems) return `[${Array(minItems).fill(item).join(', ')}]`;
  return /[ {]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function objectType(schema, gap) {
  const { properties = {}, additionalProperties: more } = schema;
  if (typeof more === 'object') return `Record<string, ${typeOf(more, gap)}>`;
  if (Object.keys(properties).length === 0) return 'Record<string, never>';
  return `{\n${members(schema, gap + STEP)}${gap}}`;
}

/** The fields of an object, each with what the description says of it. */
function members({ properties, required = [] }, gap) {
  const shown = Object.entries(properties).filter(([, schema]) => schema['x-typescript'] !== false);
  const member = ([name, schema]) => `${comment(schema.description, gap)}${gap}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, gap)};\n`;
  return shown.map(member).join('');
}

/** One declaration. */
function declaration(name) {
  const schema = schemas[name];
  const head = comment(schema.description, '');
  const variants = variantsOf(schema);
  if (variants !== undefined) {
    const variant = (one) => `${comment(schemas[one].description, STEP)}${STEP}| ${objectType(schemas[one], STEP)}`;
    return `${head}export type ${typeName(name)} =\n${variants.map(variant).join('\n')};\n`;
  }
  if (isTagged(schema)) {
    const variant = ([field, one]) => `${comment(one.description, STEP)}${STEP}| { ${field}: ${typeOf(one, STEP)} }`;
    return `${head}export type ${typeName(name)} =\n${Object.entries(schema.properties).map(variant).join('\n')};\n`;
  }
  if (schema.properties === undefined) return `${head}export type ${typeName(name)} = ${knownType(schema, '')};\n`;
  const parts = partsOf(schema).map((part) => typeName(nameOf(part)));
  const base = parts.length > 0 ? ` extends ${parts.join(', ')}` : '';
  return `${head}export interface ${typeName(name)}${base} {\n${members(schema, STEP)}}\n`;
}

/** Names of the schemas that others are made of, those included, as far as they are types. */
function reached(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || BY_HAND[name] !== undefined || !isNamed(schemas[name])) continue;
    found.add(name);
    // The variants of a union are written inside of it.
    for (const one of variantsOf(schemas[name]) ?? [name]) reached(references(schemas[one]), found);
  }
  return found;
}

function references(node) {
  if (typeof node !== 'object' || node === null || node['x-typescript'] !== undefined) return [];
  return [nameOf(node), ...Object.entries(node).flatMap(([key, child]) => (key === 'mapping' ? [] : references(child)))].filter((name) => typeof name === 'string');
}

const HEAD = '// Generated from docs/openapi.json, as a test demands: UPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs\n';

/** A file with these types and all that they are made of; what is in another file is imported from there. */
export function declarations(names, elsewhere = {}) {
  const wanted = reached(names);
  const taken = Object.entries(elsewhere).flatMap(([file, roots]) => [...reached(roots)].filter((name) => wanted.has(name)).map((name) => [typeName(name), file]));
  const own = Object.keys(schemas).filter((name) => wanted.has(name) && !taken.some(([type]) => type === typeName(name)));
  return written(own.map(declaration).join('\n'), taken);
}

/** The facts of each error, by code; what they hold of answers is imported from there. */
export function errorDetails(elsewhere) {
  const table = (name, about, of) => `/** ${about} */\nexport interface ${name} {\n${of.map(({ code, description, details }) => `${comment(description, STEP)}${STEP}${code}: ${typeOf(details, STEP)};\n`).join('')}}\n`;
  const both = [
    table('AnsweredDetails', 'Facts of the errors that the engine and a service over HTTP have, by code.', errors.filter(({ ofEngine }) => ofEngine)),
    table('AnsweredServiceDetails', 'Facts of the errors that only a service over HTTP has, by code.', errors.filter(({ ofEngine }) => !ofEngine)),
  ];
  const text = both.join('\n');
  const words = wordsOf(text);
  const taken = Object.entries(elsewhere).flatMap(([file, roots]) => [...reached(roots)].map((name) => [typeName(name), file]));
  return written(text, taken.filter(([type]) => words.has(type)));
}

/** The words of a file beside its comments. */
const wordsOf = (text) => new Set(text.replaceAll(/\/\*\*.*\*\//g, '').match(/\w+/g));

function written(text, taken) {
  const words = wordsOf(text);
  const imported = [...taken, ...Object.entries(BY_HAND).filter(([name]) => words.has(name))].toSorted();
  const line = (file) => `import type { ${imported.filter(([, from]) => from === file).map(([name]) => name).join(', ')} } from '${file}';\n`;
  const lines = [...new Set(imported.map(([, file]) => file))].map(line);
  return `${HEAD}${lines.sort().join('')}\n${text}`;
}
