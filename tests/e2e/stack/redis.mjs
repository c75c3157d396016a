// A real redis-server for one test file, with a client beside it.
import { createClient } from '@redis/client';
import { RedisServer } from '../../../scripts/stack/redis.mjs';
import { whenDone } from './cleanup.mjs';
import { Monitor } from './monitor.mjs';

class TestRedis extends RedisServer {
  /**
   * Sends one command over a connection of its own and gives its reply; an error reply is thrown.
   *
   * @example await redis.command('SET', 'pool:BTC-USDC-25', JSON.stringify(pool))
   */
  async command(...words) {
    return this.session((client) => client.sendCommand(words.map(String)));
  }

  /** Sends commands in one MULTI/EXEC and gives their replies. */
  async transaction(commands) {
    return this.session(async (client) => {
      const multi = client.multi();
      for (const words of commands) multi.addCommand(words.map(String));
      return multi.exec();
    });
  }

  /** Runs `work` with a connected client of the default user. */
  async session(work) {
    const client = await this.#connect();
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }

  /** Starts collecting every command that this server runs. */
  async monitor() {
    const monitor = await Monitor.start(await this.#connect(), (...words) => this.command(...words));
    whenDone(() => monitor.stop());
    return monitor;
  }

  async #connect() {
    // RESP2 keeps replies in the shapes that redis-cli shows.
    const client = createClient({ url: this.url, RESP: 2, socket: { reconnectStrategy: false } });
    // The failure of a connection is reported by whoever awaits it; without a listener it would end the process.
    client.on('error', () => {});
    return client.connect();
  }
}

/** Starts a redis-server on a free port; options as in `RedisServer.start`. */
export async function startRedis(options) {
  const redis = await TestRedis.start(options);
  whenDone(() => redis.stop());
  return redis;
}
