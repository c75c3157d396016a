// A real Prometheus and promtool, for one test file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Service } from '../../scripts/process/service.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { freePort } from '../e2e/stack/index.mjs';

/** Runs promtool and gives how it ended and all that it wrote. */
export async function promtool(args, { input = '' } = {}) {
  const child = execFile('promtool', args);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  return { status, output: out + problems };
}

/**
 * Starts Prometheus on a free port, with its data in a temporary folder.
 *
 * @param {string} config text of its configuration file
 */
export async function startPrometheus(config) {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  const port = await freePort();
  const service = await Service.start({
    name: 'prometheus',
    command: 'prometheus',
    args: [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    ready: (line) => line.includes('Server is ready to receive web requests'),
  });
  whenDone(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (path) => {
    const { status, data, error } = await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
    assert.equal(status, 'success', error);
    return data;
  };
  return {
    ask,
    /** The result of a query: one entry for each series. A query that Prometheus refuses throws. */
    query: async (expr) => (await ask(`query?query=${encodeURIComponent(expr)}`)).result,
  };
}
