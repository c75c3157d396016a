// A real Redis that fails over: a primary, two replicas, and three sentinels that watch them.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { onPort } from '../../../scripts/stack/free-port.mjs';
import { Server } from '../../../scripts/stack/server.mjs';
import { whenDone } from './cleanup.mjs';
import { startRedis } from './redis.mjs';

/** What the sentinels call the primary. */
export const NAME = 'market';
const REPLICAS = 2;
const SENTINELS = 3;
const QUORUM = 2;

class Sentinel extends Server {
  /** @param {object} options the port of the primary, and the passwords of the servers and of the sentinels */
  static async start({ primary, password, sentinelPassword }) {
    return onPort(undefined, (port) => new this().#launch({ port, primary, password, sentinelPassword }));
  }

  async #launch({ port, primary, password, sentinelPassword }) {
    this.port = port;
    const dir = join(tmpdir(), `dlmm-sentinel-${randomUUID()}`);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    whenDone(() => rm(dir, { recursive: true, force: true }));
    const config = join(dir, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor ${NAME} 127.0.0.1 ${primary} ${QUORUM}`,
      // As short as a busy machine allows: a primary that is only slow must not be deposed.
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 5000`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} ${password}`]),
      ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    await this.run({ name: 'redis-sentinel', command: 'redis-server', args: [config, '--sentinel'], ready: (line) => line.includes('+monitor') });
    whenDone(() => this.stop());
    this.password = sentinelPassword;
    return this;
  }

  /** Sends one command and gives its reply. */
  async command(...words) {
    const client = createClient({ socket: { host: '127.0.0.1', port: this.port, reconnectStrategy: false }, password: this.password, RESP: 2 });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }
}

/**
 * Starts all of it and waits until the sentinels know each other and both replicas.
 *
 * @param {object} [options]
 * @param {string} [options.password] of the servers
 * @param {string} [options.sentinelPassword] of the sentinels
 * @param {string[]} [options.args] further options of the servers
 */
export async function startFailover({ password, sentinelPassword, args = [] } = {}) {
  const login = password === undefined ? [] : ['--masterauth', password];
  const options = { password, args: [...login, '--repl-diskless-sync-delay', '0', ...args] };
  const primary = await startRedis(options);
  const replicas = [];
  for (let n = 0; n < REPLICAS; n += 1) {
    replicas.push(await startRedis({ ...options, args: [...options.args, '--replicaof', '127.0.0.1', String(primary.port)] }));
  }
  await until(async () => (await primary.command('INFO', 'replication')).includes(`connected_slaves:${REPLICAS}`));
  const sentinels = [];
  for (let n = 0; n < SENTINELS; n += 1) sentinels.push(await Sentinel.start({ primary: primary.port, password, sentinelPassword }));
  for (const sentinel of sentinels) {
    await until(async () => {
      const facts = await sentinel.command('SENTINEL', 'MASTER', NAME);
      const fact = (name) => Number(facts[facts.indexOf(name) + 1]);
      return fact('num-slaves') === REPLICAS && fact('num-other-sentinels') === SENTINELS - 1;
    });
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return { primary, replicas, sentinels, servers: [primary, ...replicas], url: `redis+sentinel://${user}${hosts}/${NAME}` };
}

/**
 * Which of the servers the sentinels say is the primary, once they all say the same: whoever leads a failover names the
 * new one before the others have heard of it, and that is enough for our programs.
 */
export async function primaryOf({ sentinels, servers }) {
  const named = async (sentinel) => Number((await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME))[1]);
  let port;
  await until(async () => {
    const ports = new Set(await Promise.all(sentinels.map(named)));
    [port] = ports;
    return ports.size === 1;
  });
  return servers.find((server) => server.port === port);
}

/** Waits until all that the primary has written so far is at every replica. */
export async function replicated(primary, replicas) {
  const offset = async (server, name) => Number(new RegExp(`${name}:(\\d+)`).exec(await server.command('INFO', 'replication'))?.[1]);
  const written = await offset(primary, 'master_repl_offset');
  for (const replica of replicas) await until(async () => (await offset(replica, 'slave_repl_offset')) >= written);
}

/**
 * Waits until it is so; the time is only against hanging. A sentinel that stood still for 2 s on a busy machine does nothing
 * for the 30 s after it (TILT), and that may happen more than once.
 */
export async function until(check, ms = 180_000) {
  const end = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${check}`);
    await sleep(50);
  }
}
