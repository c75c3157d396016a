// The container files, as far as they can be tried without Docker: workerd alone is run, the rest is read.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { root, workerBuild } from '../../scripts/paths.mjs';
import { Service } from '../../scripts/process/service.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { freePort, startGateway, startRedis, upstashVars } from '../e2e/stack/index.mjs';
import { dlmm, eventually } from '../e2e/worker/market.mjs';
import { ops } from './dashboard.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const capnp = read('ops', 'container', 'workerd.capnp');
const dockerfile = read('Dockerfile');
const compose = parse(read('compose.yaml'));

/** Starts workerd with nothing but the container's configuration and these settings. */
async function startWorkerd(env) {
  // The package of miniflare: its main file is the path of the program.
  const { default: workerd } = createRequire(import.meta.url)('workerd');
  const port = await freePort();
  const service = new Service({
    name: 'workerd',
    command: workerd,
    args: ['serve', ops('container', 'workerd.capnp'), '-I', workerBuild, '--socket-addr', `http=127.0.0.1:${port}`],
    env,
  });
  whenDone(() => service.stop());
  const ask = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).json();
  await eventually(() => ask('/health').catch(() => undefined), 30_000);
  return ask;
}

test('the Worker quotes under workerd alone, with settings from the environment', async () => {
  const redis = await startRedis({ password: 'a password' });
  await dlmm(['seed', '--redis', redis.url]);
  const gateway = await startGateway({ redisUrl: redis.url });
  const ask = await startWorkerd({ ...upstashVars(gateway), ENVIRONMENT: 'staging', MAX_STATE_AGE_MS: '3600000' });
  const quote = await ask('/quote?token_in=BTC&token_out=USDC&amount_in=1');
  assert.deepEqual([quote.amount_out_atomic, quote.state.source], ['99900000000', 'redis']);
  const health = await ask('/health');
  assert.deepEqual([health.status, health.environment], ['ok', 'staging']);
});

test('a setting that is not there takes its default, and a missing secret is named', async () => {
  const ask = await startWorkerd({ UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined });
  const { error } = await ask('/quote?token_in=BTC&token_out=USDC&amount_in=1');
  assert.equal(error.code, 'CONFIG_INVALID');
  assert.match(error.details.setting, /^UPSTASH_REDIS_REST_/);
});

test('workerd is given every setting, and the compatibility date and flags of wrangler.toml', () => {
  const table = read('worker', 'src', 'config', 'settings.rs');
  const settings = [...table.matchAll(/^    ([A-Z_]+) \{$/gm)].map(([, name]) => name);
  assert.ok(settings.length >= 16);
  assert.deepEqual([...capnp.matchAll(/\(name = "(\w+)", fromEnvironment = "(\w+)"\)/g)].map(([, name, from]) => [name, from]), settings.map((name) => [name, name]));
  const [, date] = read('wrangler.toml').match(/^compatibility_date = "(.+)"$/m);
  assert.ok(capnp.includes(`compatibilityDate = "${date}"`));
  const [, flags] = read('wrangler.toml').match(/^compatibility_flags = (.+)$/m);
  assert.ok(capnp.includes(`compatibilityFlags = ${flags}`));
});

test('compose listens on this machine only, pins versions, and mounts files that exist', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    if (service.image) assert.match(service.image, /:v?\d+\.\d+/, name);
    for (const mount of service.volumes ?? []) {
      const [source] = mount.split(':');
      if (source.startsWith('./')) assert.ok(existsSync(join(root, source)), `${name}: ${source}`);
      else assert.ok(source in compose.volumes, `${name}: ${source}`);
    }
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    for (const other of needed) assert.ok(other in compose.services, `${name}: ${other}`);
    if (service.build) assert.match(dockerfile, new RegExp(`^FROM .* AS ${service.build.target}$`, 'm'), name);
  }
  assert.deepEqual(Object.keys(compose.services), ['redis', 'rest', 'worker', 'dlmm', 'redis-ui', 'prometheus', 'grafana']);
  const { prometheus, worker } = compose.services;
  const config = prometheus.command[0].match(/\/etc\/prometheus\/(.+)$/)[1];
  const { scrape_configs: [{ static_configs: [{ targets }] }] } = parse(readFileSync(ops('prometheus', config), 'utf8'));
  assert.deepEqual(targets, [`worker:${worker.ports[0].split(':').at(-1)}`]);
});

test('no secret stands in compose, and Redis has a password', () => {
  const text = read('compose.yaml');
  for (const name of ['REDIS_PASSWORD', 'REST_TOKEN']) {
    assert.ok(text.includes(`\${${name}:?`), name);
    assert.doesNotMatch(text, new RegExp(`\\$\\{${name}:-`), `${name} has a default`);
  }
  assert.ok(compose.services.redis.command.includes('--requirepass'));
});

test('the Dockerfile copies what exists and what .dockerignore lets through', () => {
  const letThrough = read('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const copies = dockerfile.split('\n').filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
  assert.ok(copies.length >= 6);
  for (const source of copies.flatMap((line) => line.split(' ').slice(1, -1))) {
    assert.ok(existsSync(join(root, source)), source);
    assert.ok(letThrough.some((allowed) => source === allowed || source.startsWith(`${allowed}/`)), `${source} is ignored`);
  }
  const members = [...read('Cargo.toml').match(/members = \[(.*?)\]/s)[1].matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  const copied = copies.flatMap((line) => line.split(' ').slice(1, -1));
  for (const member of members) assert.ok(copied.some((source) => member === source || member.startsWith(`${source}/`)), `cargo wants ${member}`);
  for (const { file, target } of includedFiles()) {
    assert.ok(copies.some((line) => line.split(' ').slice(1, -1).some((source) => target === source || target.startsWith(`${source}/`))), `${file} includes ${target}`);
  }
  for (const built of ['index.js', 'index_bg.wasm']) assert.ok(dockerfile.includes(`worker/build/${built}`) && existsSync(join(workerBuild, built)), built);
});

/** Files that sources of the shipped crates compile in, with their path from the root. */
function includedFiles() {
  return globSync('{core,worker,cli}/src/**/*.rs', { cwd: root }).flatMap((file) => {
    const [shipped] = read(file).split('#[cfg(test)]');
    const paths = [...shipped.matchAll(/include_(?:str|bytes)!\(\s*"([^"]+)"/g)];
    return paths.map(([, path]) => ({ file, target: relative(root, join(root, dirname(file), path)) }));
  });
}
