// docs/openapi.json is OpenAPI 3.1, its examples fit, and as tests read it, it lets nothing pass that it does not name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as description from './api-description.mjs';

test('is OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(description.file);
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
});

test('gives examples that fit, for every operation', () => {
  const found = [...description.examples()];
  for (const { at, schema, value } of found) description.fits(schema, value, at);
  const ok = found.filter(({ at }) => at.includes('/responses/200/')).map(({ at }) => at);
  for (const operation of description.operations) {
    const [method, path] = operation.split(' ');
    assert.ok(ok.some((at) => at.startsWith(`/paths/${path}/${method.toLowerCase()}/`)), operation);
  }
});

test('as read here lets no field pass that it does not name', () => {
  const found = [...description.examples()].find(({ at }) => at.includes('/quote/post/responses/200/'));
  const refuses = (edit) => {
    const value = structuredClone(found.value);
    edit(value);
    assert.throws(() => description.fits(found.schema, value, 'edited'), /edited/, String(edit));
  };
  refuses((answer) => (answer.extra = 1));
  refuses((answer) => (answer.state.extra = 1));
  refuses((answer) => (answer.routes[0].hops[0].fees.extra = 1));
  refuses((answer) => (answer.warnings = [{ code: 'NEW' }]));
  refuses((answer) => (answer.amount_out_atomic = 5));
  refuses((answer) => delete answer.minimum_received);
  refuses((answer) => (answer.maximum_sent = answer.minimum_received));
});
