// docs/openapi.json as a judge of answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020.js';
import { root } from '../../../scripts/paths.mjs';

export const file = join(root, 'docs', 'openapi.json');
const ID = 'api';
/** The document, with references to schemas that hold from anywhere. */
const document = JSON.parse(readFileSync(file, 'utf8').replaceAll('"#/components/schemas/', `"${ID}#/$defs/`));
const { paths, components } = document;

/** What other schemas take in, so that it cannot be closed itself. */
const OPEN = new Set(Object.values(components.schemas).flatMap(({ allOf = [] }) => allOf.flatMap(({ $ref }) => $ref?.split('/').at(-1) ?? [])));

// Clients must let new fields pass, so the document leaves objects open. Here a field that is not described is a fault.
close(components.schemas);
for (const name of OPEN) delete components.schemas[name].unevaluatedProperties;

function close(schema, holder) {
  if (typeof schema !== 'object' || schema === null) return;
  if (Array.isArray(schema)) return schema.forEach((one) => close(one, holder));
  // Where it is used as it is, what is open for others is closed as well.
  const isShape = schema.properties !== undefined || OPEN.has(schema.$ref?.split('/').at(-1));
  if (isShape && holder !== 'allOf' && schema.additionalProperties === undefined) schema.unevaluatedProperties = false;
  Object.entries(schema).forEach(([key, child]) => close(child, key));
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: false, verbose: true });
addFormats.default(ajv);
ajv.addVocabulary(['discriminator', 'x-status', 'x-engine', 'x-see', 'x-typescript']);
ajv.addSchema({ $id: ID, $defs: components.schemas });

const validators = new Map();
function validate(schema, value, where) {
  if (!validators.has(schema)) validators.set(schema, ajv.compile(schema));
  const check = validators.get(schema);
  const shown = () => `${where}: ${ajv.errorsText(check.errors)}\n${JSON.stringify(value).slice(0, 1_000)}`;
  assert.ok(check(value), check.errors && shown());
}

const target = (node) => (node?.$ref === undefined ? node : node.$ref.slice(2).split('/').reduce((at, key) => at[key], document));

/** The template of the path that a request went to. */
function templateOf(path) {
  const [bare] = path.split('?');
  if (bare in paths) return bare;
  return Object.keys(paths).find((template) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(bare));
}

/** Answers that no operation describes: unknown paths and wrong methods. */
const { Unauthorized, NotFound, MethodNotAllowed, ServiceFault } = components.responses;
const ELSEWHERE = { 401: Unauthorized, 404: NotFound, 405: MethodNotAllowed, 500: ServiceFault };

/**
 * Demands that an answer is one that the document describes: status, headers, body.
 *
 * @param {string} method
 * @param {string} path with query
 * @param {Response} response
 * @param {string} text its body
 */
export function assertDescribed(method, path, response, text) {
  const where = `${method} ${path.slice(0, 200)} ${response.status}`;
  const operation = paths[templateOf(path)]?.[method.toLowerCase()];
  const described = target(operation === undefined ? ELSEWHERE[response.status] : operation.responses[response.status]);
  assert.ok(described, `${where} is not described: ${text.slice(0, 300)}`);
  for (const [name, header] of Object.entries(described.headers)) {
    const { required, schema } = target(header);
    const value = response.headers.get(name);
    if (value === null) assert.ok(!required, `${where}: header ${name}`);
    else validate(schema, schema.type === 'integer' ? Number(value) : value, `${where}, header ${name}`);
  }
  if (described.content === undefined) return assert.equal(text, '', where);
  const type = response.headers.get('content-type').split(';')[0];
  const content = described.content[type];
  assert.ok(content, `${where}: ${type}`);
  validate(content.schema, type.endsWith('json') ? JSON.parse(text) : text, where);
}

/** Demands that a request body is one that the document describes. */
export function assertRequestDescribed(path, body) {
  validate(paths[path].post.requestBody.content['application/json'].schema, body, `body of POST ${path}`);
}

/** Every example of the document with the schema that it must fit. */
export function* examples(node = document, at = '') {
  if (typeof node !== 'object' || node === null) return;
  if (node.schema !== undefined && node.examples !== undefined) {
    for (const [name, { value }] of Object.entries(node.examples)) yield { at: `${at}/${name}`, schema: node.schema, value };
  }
  for (const [key, child] of Object.entries(node)) yield* examples(child, `${at}/${key}`);
}

/** The schemas of answers: of each operation's success, and of refusals. */
export function answerSchemas() {
  const contents = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ responses }) => target(responses[200]).content));
  const success = contents.flatMap((content) => Object.entries(content)).filter(([type]) => type.endsWith('json'));
  const events = Object.values(paths).flatMap(({ get }) => Object.values(get === undefined ? {} : target(get.responses[200]).content['text/event-stream']?.['x-events'] ?? {}));
  return [...success.map(([, { schema }]) => schema), ...events, named('Error')];
}

/** Demands that an event of a stream is one that the document describes, and gives its schema. */
export function assertEvent(path, event, data) {
  const schema = target(paths[templateOf(path)].get.responses[200]).content['text/event-stream']['x-events'][event];
  assert.ok(schema, `${path}: ${event} is not described`);
  validate(schema, data, `${event} of ${path}`);
  return schema;
}

/** The schema that an answer of this success has. */
export const schemaOfAnswer = (method, path, type) => target(paths[templateOf(path)][method.toLowerCase()].responses[200]).content[type].schema;

export const schemaOf = (name) => components.schemas[name];
export const named = (name) => ({ $ref: `${ID}#/$defs/${name}` });
export const fits = (schema, value, where) => validate(schema, value, where);
export const warningCodes = Object.keys(components.schemas.Warning.discriminator.mapping);
export const errorCodes = components.schemas.ErrorCode.enum;
export const lostReasons = components.schemas.LostCandidate.properties.reason.enum;
export const operations = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
export { templateOf };
