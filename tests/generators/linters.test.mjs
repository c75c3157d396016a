// What linters of API descriptions say.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../scripts/process/run.mjs';
import { command, DESCRIPTION, workplace } from './description.mjs';

test('Spectral finds no error', async () => {
  const ruleset = join(await workplace(), 'spectral.yaml');
  await writeFile(ruleset, 'extends: ["spectral:oas"]\n');
  const found = JSON.parse(await run(command('spectral'), ['lint', '--ruleset', ruleset, '--format', 'json', '--quiet', '--fail-severity', 'error', DESCRIPTION]));
  assert.deepEqual(found.filter(({ severity }) => severity === 0), []);
});

test('Redocly takes it', async () => {
  await run(command('redocly'), ['lint', DESCRIPTION], { env: { REDOCLY_TELEMETRY: 'off' } });
});
