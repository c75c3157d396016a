// The Worker under workerd over a Redis that holds one network, and what it computes for a request.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { targetDir } from '../../paths.mjs';
import { run } from '../../process/run.mjs';
import { Gateway } from '../../stack/gateway.mjs';
import { RedisServer } from '../../stack/redis.mjs';
import { ENGINE, Workerd } from '../edge/workerd.mjs';
import { cpuOf } from './cpu.mjs';

export class HostileWorker {
  #running = [];

  /** Seeds a Redis from a snapshot and starts a gateway and a Worker of the default settings before it. */
  static async start(name, snapshot) {
    const all = new HostileWorker();
    try {
      const redis = all.#keep(await RedisServer.start());
      await run(join(targetDir, 'debug', 'dlmm'), ['seed', '--redis', redis.url, '--from', snapshot]);
      const token = randomBytes(16).toString('hex');
      const gateway = all.#keep(await Gateway.start({ redisUrl: redis.url, token }));
      // A busy machine may keep the Worker waiting.
      const vars = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: token, LOG_LEVEL: 'error', REDIS_SOCKET_TIMEOUT: '30' };
      all.worker = all.#keep(await Workerd.start(name, ENGINE, vars));
      return all;
    } catch (error) {
      await all.stop();
      throw error;
    }
  }

  #keep(one) {
    this.#running.push(one);
    return one;
  }

  async ask({ path, body }) {
    const response = await fetch(this.worker.url + path, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${response.status} for ${JSON.stringify(body).slice(0, 200)}: ${text.slice(0, 500)}`);
    return text.length;
  }

  /** Milliseconds it computes for a request, bytes that Redis sends for it, and characters of the answer. */
  async measure(request) {
    const before = await this.#received();
    const { ms, done } = await cpuOf(this.worker.pid, () => this.ask(request));
    return { ms, bytes: (await this.#received()) - before, written: done };
  }

  async #received() {
    const text = await (await fetch(`${this.worker.url}/metrics`)).text();
    return Number(text.match(/^dlmm_redis_received_bytes_total (\d+)$/m)[1]);
  }

  async stop() {
    for (const one of this.#running.reverse()) await one.stop();
  }
}
