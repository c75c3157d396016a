// A program that runs until it is stopped: Redis, the gateway, wrangler.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { adopt, release, signalGroup } from './groups.mjs';
import { CommandFailed } from './run.mjs';
import { Tail } from './tail.mjs';

/** How long a program may take to end after SIGTERM. */
const GRACE_MS = 8_000;

/**
 * One running program and everything it has started itself.
 *
 * Its process group is not the terminal's: a Ctrl-C reaches only the script, which then stops its programs in order.
 */
export class Service {
  #child;
  #log = new Tail(200);
  #lineWaiters = new Set();
  #stopping = false;
  #paused = false;

  /**
   * Starts `command` and resolves once a line of its output satisfies `ready`.
   *
   * @param {object} options
   * @param {string} options.name
   * @param {string} options.command
   * @param {string[]} options.args
   * @param {Record<string, string | undefined>} [options.env] added to this process's environment
   * @param {string} [options.cwd]
   * @param {(line: string) => unknown} options.ready
   * @param {number} [options.readyMs]
   * @param {(line: string) => void} [options.onLine]
   */
  static async start({ ready, readyMs = 30_000, ...options }) {
    const service = new Service(options);
    try {
      await service.#waitForLine(ready, readyMs);
    } catch (error) {
      await service.kill();
      throw error;
    }
    service.#letGo();
    return service;
  }

  constructor({ name, command, args, env, cwd, onLine }) {
    this.name = name;
    this.#child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    adopt(this.pid, 'SIGKILL');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.push(line);
        onLine?.(line);
        for (const waiter of this.#lineWaiters) waiter(line);
      });
    }
    /** Resolves with how it ended, once all its output was read; `expected` says whether somebody stopped it. */
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        const how = error.code === 'ENOENT' ? `${command} was not found` : error.message;
        resolve({ how, expected: false });
      });
      this.#child.once('exit', () => release(this.pid));
      this.#child.once('close', (code, signal) => {
        resolve({ how: signal ? `ended by ${signal}` : `exit code ${code}`, expected: this.#stopping });
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** The last lines of its output, stdout and stderr in one. */
  get log() {
    return [...this.#log.lines];
  }

  /** Asks it to end, and makes it end if it does not. */
  async stop() {
    this.#stopping = true;
    if (this.#paused) this.resume();
    this.#child.ref();
    signalGroup(this.pid, 'SIGTERM');
    const force = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), GRACE_MS);
    await this.ended;
    clearTimeout(force);
  }

  /** Ends it at once, without a chance to say goodbye to its clients. */
  async kill() {
    this.#stopping = true;
    this.#child.ref();
    signalGroup(this.pid, 'SIGKILL');
    await this.ended;
  }

  /** Freezes it: connections stay open and nothing is answered. */
  pause() {
    this.#paused = true;
    signalGroup(this.pid, 'SIGSTOP');
  }

  /** Undoes `pause`. */
  resume() {
    this.#paused = false;
    signalGroup(this.pid, 'SIGCONT');
  }

  async #waitForLine(ready, readyMs) {
    let waiter;
    const line = new Promise((resolve) => {
      waiter = (text) => ready(text) && resolve();
      this.#lineWaiters.add(waiter);
    });
    const timer = new AbortController();
    const outcome = await Promise.race([
      line,
      this.ended.then(({ how }) => how),
      sleep(readyMs, `not ready after ${readyMs / 1000} s`, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    this.#lineWaiters.delete(waiter);
    if (outcome !== undefined) throw new CommandFailed(this.name, outcome, this.log);
  }

  /** A program that is ready must not keep the script alive by itself. */
  #letGo() {
    this.#child.unref();
    this.#child.stdout.unref();
    this.#child.stderr.unref();
  }
}
