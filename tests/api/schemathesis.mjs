// Runs Schemathesis: it generates requests from docs/openapi.json, sound and unsound ones, and judges the answers by it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { CommandFailed, run } from '../../scripts/process/run.mjs';
import { ensureSchemathesis } from '../../scripts/tools/python-tool.mjs';

/** What is judged about every answer. */
const CHECKS = [
  'no_fault_of_the_service',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
  'missing_required_header',
  'ignored_auth',
];

/** Paths whose answers go on. */
const ENDLESS = ['/quote/stream', '/changes'];

const here = (name) => join(root, 'tests', 'api', name);

/**
 * Gives how many requests were sent; throws with the whole report where an answer is not as described.
 *
 * @param {object} options
 * @param {string} options.url of the Worker
 * @param {number} options.examples requests an operation draws
 * @param {string} options.apiKey
 * @param {string} options.adminToken
 * @param {string[]} [options.without] checks that are left out
 */
export async function judge({ url, examples, apiKey, adminToken, without = [] }) {
  const checks = CHECKS.filter((name) => !without.includes(name));
  const args = [
    ...['--no-color', '--config-file', here('schemathesis.toml')],
    ...['run', join(root, 'docs', 'openapi.json'), '--url', url, '--checks', checks.join(',')],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(examples), '--continue-on-failure'],
    // An answer that goes on until its time is over would take that time for each request; tests/e2e/worker has the streams.
    ...ENDLESS.flatMap((path) => ['--exclude-path', path]),
    // The same requests each time; DLMM_TEST_SEED draws others.
    ...['--seed', process.env.DLMM_TEST_SEED || '20', '--generation-database', 'none'],
    // It says that generated symbols are often unknown, which is so.
    ...['--warnings', 'off'],
  ];
  const env = { API_KEY: apiKey, ADMIN_TOKEN: adminToken, SCHEMATHESIS_HOOKS: here('hooks.py'), PYTHONDONTWRITEBYTECODE: '1' };
  const lines = [];
  // It keeps what it sent in a folder beside it.
  const cwd = await mkdtemp(join(tmpdir(), 'dlmm-api-'));
  try {
    await run(await ensureSchemathesis(), args, { cwd, env, onLine: (line) => lines.push(line), label: 'schemathesis' });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
  const generated = lines.map((line) => line.match(/^\s+(\d+) generated/)?.[1]).find((count) => count !== undefined);
  return Number(generated);
}
