// The `dlmm gateway` in front of a Redis, as the Worker's Upstash.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { targetDir } from '../paths.mjs';
import { Unusable } from '../terminal/steps.mjs';
import { onPort } from './free-port.mjs';
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
  static start(options) {
    return onPort(options.port, async (port) => {
      const gateway = new Gateway();
      gateway.port = port;
      gateway.token = options.token;
      gateway.#options = options;
      await gateway.launch();
      return gateway;
    });
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
