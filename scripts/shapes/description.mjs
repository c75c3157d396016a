// docs/openapi.json, which describes each shape of an answer once: name, type, whether it is always there, and what it means.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { withLists, withoutStatus } from './lists.mjs';

export const DESCRIPTION = join(root, 'docs', 'openapi.json');

const document = JSON.parse(withLists(readFileSync(DESCRIPTION, 'utf8')));
export const { schemas } = document.components;

/** The name behind `$ref`; undefined where a schema is written out. */
export const nameOf = ({ $ref }) => $ref?.split('/').at(-1);

/** What a reference leads to, or the schema itself. */
export const target = (schema) => (schema.$ref === undefined ? schema : schemas[nameOf(schema)]);

const isNull = ({ type }) => type === 'null';

/** The schema of a value that may be null, without null; and whether it may be. */
export function withoutNull(schema) {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices?.length === 2 && choices.some(isNull)) return [choices.find((one) => !isNull(one)), true];
  if (Array.isArray(schema.type) && schema.type.includes('null')) {
    const [type, ...more] = schema.type.filter((one) => one !== 'null');
    return [{ ...schema, type: more.length === 0 ? type : [type, ...more] }, true];
  }
  return [schema, false];
}

/** The schemas that `allOf` takes in. */
export const partsOf = (schema) => (schema.allOf ?? []).filter((part) => part.$ref !== undefined);

/** The variants of a schema that is one of several, told apart by a field. */
export const variantsOf = (schema) => (schema.discriminator === undefined ? undefined : schema.oneOf.map(nameOf));

/** An object whose one member says by its name what it is. */
export const isTagged = ({ minProperties, maxProperties }) => minProperties === 1 && maxProperties === 1;

/** The errors: code, status, details and whether the engine of the package has it too. */
export const errors = Object.values(schemas)
  .filter((schema) => schema['x-status'] !== undefined)
  .map((schema) => ({
    code: schema.properties.code.const,
    status: schema['x-status'],
    description: withoutStatus(schema.description),
    'x-see': schema['x-see'],
    details: schema.properties.details,
    ofEngine: schema['x-engine'] === true,
  }));
