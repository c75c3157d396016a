// The JSON Schemas of docs/schema, ready to judge values.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { root } from '../../scripts/paths.mjs';

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
for (const name of ['pool', 'bin', 'metadata', 'snapshot']) {
  ajv.addSchema(JSON.parse(readFileSync(join(root, 'docs', 'schema', `${name}.json`), 'utf8')));
}

/** Says whether the schema takes a value given as JSON text. What is not JSON is refused by any schema. */
export function accepts(schema, text) {
  try {
    return ajv.validate(`${schema}.json`, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Demands that the schema takes a value. */
export function assertValid(schema, value, what) {
  assert.ok(ajv.validate(`${schema}.json`, value), `${what}: ${ajv.errorsText()}`);
}
