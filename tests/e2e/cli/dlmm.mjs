// What the tests of the command line share: running `dlmm` to its end, and data to run it on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../../../scripts/paths.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { whenDone } from '../stack/cleanup.mjs';

const bin = await dlmmBin();

/** Runs `dlmm` with nothing of our own environment; `redis` is its REDIS_URL, `input` its standard input. */
export async function dlmm(args, { redis, env = {}, input = '' } = {}) {
  const settings = redis === undefined ? env : { REDIS_URL: redis.url ?? redis, ...env };
  const child = spawn(bin, args, { env: settings, stdio: 'pipe', timeout: 60_000 });
  // A command that does not read its input closes it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  return { status, stdout, stderr };
}

/** Runs `dlmm`, demands success, and gives what it wrote to standard output. */
export async function succeed(args, options) {
  const { status, stdout, stderr } = await dlmm(args, options);
  if (status !== 0) throw new Error(`dlmm ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** As `succeed`, and reads the output as JSON. */
export const json = async (args, options) => JSON.parse(await succeed(args, options));

/** Sends one request a line and gives one answer a line. */
export async function batch(requests, args, options) {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const lines = (await succeed(['quote', '--requests', '-', ...args], { ...options, input })).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** A folder that is gone when the tests of the file are over. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-cli-'));
  whenDone(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Networks of several tokens, as snapshots in the exact form. */
export function networks() {
  const { cases } = JSON.parse(readFileSync(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  return cases.map(({ snapshot }) => snapshot);
}

/** Puts a user in place who may do only what `rules` say, and gives the URL to log in with. */
export async function userOf(redis, ...rules) {
  const name = `user${Math.random().toString(36).slice(2)}`;
  await redis.command('ACL', 'SETUSER', name, 'on', '>pw', '~*', 'resetchannels', '-@all', ...rules);
  return redis.urlFor(name, 'pw');
}

/** Changes a stored JSON value; numbers that JavaScript cannot keep must not be in it. */
export async function change(redis, key, edit) {
  const value = JSON.parse(await redis.command('GET', key));
  edit(value);
  await redis.command('SET', key, JSON.stringify(value));
}
