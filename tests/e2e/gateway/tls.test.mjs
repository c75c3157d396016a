// `rediss://`: TLS to a real redis-server, and what is not trusted.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort, startRedis } from '../stack/index.mjs';
import { logged, startFront } from './rest.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dlmm-tls-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name) => join(folder, name);

/** Makes a certificate authority and a certificate for `localhost`. */
function makeCertificates() {
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = (name) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file(name)];
  openssl('req', '-x509', ...newKey('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=test authority');
  openssl('req', ...newKey('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost');
  writeFileSync(file('server.ext'), 'subjectAltName=DNS:localhost\n');
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('server.ext')];
  openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-days', '2', '-out', file('server.pem'));
}

async function startSecureRedis() {
  makeCertificates();
  const tlsPort = await freePort();
  const files = ['--tls-cert-file', file('server.pem'), '--tls-key-file', file('server.key')];
  const trust = ['--tls-ca-cert-file', file('ca.pem'), '--tls-auth-clients', 'no'];
  await startRedis({ args: ['--tls-port', String(tlsPort), ...files, ...trust] });
  return tlsPort;
}

/** The gateway inherits the setting from this process. */
async function startTrusting(caFile, redisUrl) {
  process.env.REDIS_CA_CERT = caFile;
  try {
    return await startFront(redisUrl);
  } finally {
    delete process.env.REDIS_CA_CERT;
  }
}

const skip = spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed';

test('speaks TLS to rediss:// and trusts only whom it should', { skip }, async (t) => {
  const port = await startSecureRedis();
  const refused = async ({ gateway, call }, reason) => {
    assert.equal((await call('/get/k')).status, 503);
    await logged(gateway, reason);
  };
  await t.test('an authority named by REDIS_CA_CERT', async () => {
    const { call } = await startTrusting(file('ca.pem'), `rediss://localhost:${port}`);
    assert.equal((await call('/set/k/v')).json.result, 'OK');
    assert.deepEqual((await call('/multi-exec', { body: [['GET', 'k']] })).json, [{ result: 'v' }]);
  });
  await t.test('not an authority nobody knows', async () => {
    await refused(
      await startFront(`rediss://localhost:${port}`),
      /no TLS connection to Redis at localhost:\d+: .*UnknownIssuer/,
    );
  });
  await t.test('not a certificate for another name', async () => {
    const url = `rediss://127.0.0.1:${port}`;
    await refused(
      await startTrusting(file('ca.pem'), url),
      /no TLS connection to Redis at 127\.0\.0\.1:\d+: .*not valid for/,
    );
  });
  await t.test('not a file that cannot be read', async () => {
    await refused(
      await startTrusting(file('absent.pem'), `rediss://localhost:${port}`),
      /REDIS_CA_CERT cannot be read/,
    );
  });
  await t.test('and is not spoken to with plain bytes', async () => {
    await refused(await startFront(`redis://localhost:${port}`), /does not answer as Redis does/);
  });
});
