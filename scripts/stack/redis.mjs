// A redis-server of our own: on 127.0.0.1, in memory only, in a folder that goes away with it.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPort } from './free-port.mjs';
import { Server } from './server.mjs';

/** Temporary folders; one that ended without `stop` is deleted with the process. */
const folders = new Set();
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const isReady = (line) => line.includes('Ready to accept connections');

export class RedisServer extends Server {
  #args;
  #dir;
  #dirIsOurs;

  /**
   * @param {object} [options]
   * @param {number} [options.port] a free one if absent
   * @param {string} [options.password] for the default user
   * @param {string} [options.aclfile] path of an ACL file
   * @param {string} [options.dir] working folder; a temporary one, deleted by `stop`, if absent
   * @param {string[]} [options.args] further options of redis-server
   */
  static start({ port: wanted, password, aclfile, dir, args = [] } = {}) {
    return onPort(wanted, async (port) => {
      const server = new this();
      server.#dir = dir ?? join(tmpdir(), `dlmm-redis-${randomUUID()}`);
      server.#dirIsOurs = dir === undefined;
      server.port = port;
      server.password = password;
      server.#args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', server.#dir];
      server.#args.push('--save', '', '--appendonly', 'no');
      if (password !== undefined) server.#args.push('--requirepass', password);
      if (aclfile !== undefined) server.#args.push('--aclfile', aclfile);
      server.#args.push(...args);
      await server.launch();
      return server;
    });
  }

  /** Address with the default user's password, for the `redis` crate and for clients. */
  get url() {
    const login = this.password === undefined ? '' : `:${encodeURIComponent(this.password)}@`;
    return `redis://${login}127.0.0.1:${this.port}`;
  }

  /** Address for another user of the ACL file. */
  urlFor(user, password) {
    return `redis://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
  }

  async stop() {
    await super.stop();
    await this.#cleanUp();
  }

  async kill() {
    await super.kill();
    await this.#cleanUp();
  }

  /** Starts it, empty: it keeps nothing. */
  async launch() {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    if (this.#dirIsOurs) folders.add(this.#dir);
    try {
      await this.run({ name: 'redis-server', command: 'redis-server', args: this.#args, ready: isReady });
    } catch (error) {
      await this.#cleanUp();
      throw error;
    }
  }

  async #cleanUp() {
    if (!this.#dirIsOurs) return;
    await rm(this.#dir, { recursive: true, force: true });
    folders.delete(this.#dir);
  }
}
