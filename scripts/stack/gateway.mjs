// The `dlmm gateway` in front of a Redis, as the Worker's Upstash.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { targetDir } from '../paths.mjs';
import { Unusable } from '../terminal/steps.mjs';
import { freePort } from './free-port.mjs';
import { Server } from './server.mjs';

/** Gives the path of the `dlmm` command: `DLMM_BIN`, else cargo's dev build. */
export async function dlmmBin() {
  if (process.env.DLMM_BIN) return process.env.DLMM_BIN;
  const built = join(targetDir, 'debug', 'dlmm');
  await access(built).catch(() => {
    throw new Unusable('The dlmm command is not built; run: cargo build -p dlmm-cli');
  });
  return built;
}

export class Gateway extends Server {
  #options;

  /**
   * @param {object} options
   * @param {string} options.redisUrl
   * @param {string} options.token
   * @param {string} [options.readOnlyToken]
   * @param {number} [options.port] a free one if absent
   * @param {string[]} [options.flags] further options of the command
   */
  static async start(options) {
    // Between looking for a free port and listening on it another process may take it.
    for (let triesLeft = 2; ; triesLeft -= 1) {
      const gateway = new Gateway();
      gateway.port = options.port ?? (await freePort());
      gateway.token = options.token;
      gateway.#options = options;
      try {
        await gateway.launch();
        return gateway;
      } catch (fault) {
        const taken = fault.tail?.some((line) => line.includes('Address already in use'));
        if (!taken || options.port !== undefined || triesLeft === 0) throw fault;
      }
    }
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async launch() {
    const { redisUrl, token, readOnlyToken, flags = [] } = this.#options;
    await this.run({
      name: 'dlmm gateway',
      command: await dlmmBin(),
      args: ['gateway', '--listen', `127.0.0.1:${this.port}`, ...flags],
      // Not as arguments: every user of the machine can read those.
      env: {
        REDIS_URL: redisUrl,
        UPSTASH_REDIS_REST_TOKEN: token,
        UPSTASH_REDIS_REST_READONLY_TOKEN: readOnlyToken ?? '',
      },
      ready: (line) => line.startsWith('listening on '),
    });
  }
}
