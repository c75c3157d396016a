// `dlmm follow` for tests: started on a free port, fed with blocks, and what it wrote read back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokensFile } from '../../../scripts/chain/recording.mjs';
import { onPort } from '../../../scripts/stack/free-port.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { Server } from '../../../scripts/stack/server.mjs';
import { whenDone } from '../stack/cleanup.mjs';

class Follower extends Server {
  lines = [];

  static start(options) {
    return onPort(options.port, async (port) => {
      const follower = new Follower();
      follower.options = options;
      follower.port = port;
      await follower.launch();
      return follower;
    });
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async launch() {
    const { redisUrl, core, tokens, poll, host = '127.0.0.1', flags = ['--from-genesis', '--allow-unverified'] } = this.options;
    const address = `${host}:${this.port}`;
    const source = poll === undefined ? ['--listen', address] : ['--poll', poll, '--http', address];
    await this.run({
      name: 'dlmm follow',
      command: await dlmmBin(),
      args: ['follow', '--core', core, '--redis', redisUrl, '--tokens', tokens, ...source, ...flags],
      env: {},
      ready: (line) => line.includes('listening on '),
      onLine: (line) => this.lines.push(line),
    });
  }

  /** Posts a block once; gives status and body. */
  async post(block, path = '/new_block') {
    const body = typeof block === 'string' ? block : JSON.stringify(block);
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body, headers });
    return { status: response.status, body: await response.json() };
  }

  /** Posts blocks as a node does, in order, and demands that each is taken. */
  async take(...blocks) {
    for (const block of blocks) {
      const { status, body } = await this.post(block);
      if (status !== 200) throw new Error(`block ${block.block_height}: ${status} ${JSON.stringify(body)}`);
    }
  }

  async get(path) {
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, text: await response.text() };
  }
}

/** Starts a follower of the recording's core. Options: `redis`, `recording`, `flags`, `tokens` (text of the file), `poll` (an API's URL). */
export async function startFollower({ redis, redisUrl = redis.url, recording, flags, poll, host, tokens = tokensFile(recording) }) {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-follow-'));
  whenDone(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tokens.json');
  writeFileSync(file, tokens);
  const follower = await Follower.start({ redisUrl, core: recording.core, tokens: file, flags, poll, host });
  whenDone(() => follower.stop());
  return follower;
}

/** Everything in Redis but what differs from run to run: the follower's own records, the heartbeat and the count. */
export async function contents(redis) {
  return redis.session(async (client) => {
    const found = {};
    for (const key of (await client.sendCommand(['KEYS', '*'])).sort()) {
      if (key.startsWith('follower:')) continue;
      const type = await client.sendCommand(['TYPE', key]);
      if (type === 'string') found[key] = await client.sendCommand(['GET', key]);
      else if (type === 'set') found[key] = (await client.sendCommand(['SMEMBERS', key])).sort();
      else {
        const flat = await client.sendCommand(['HGETALL', key]);
        const pairs = Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
        found[key] = Object.fromEntries(
          pairs.filter(([field]) => !['heartbeat_ms', 'seq'].includes(field)).sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      }
    }
    return found;
  });
}
