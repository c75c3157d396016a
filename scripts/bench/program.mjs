// A program that measures its cases when asked, one line a question: `NAME MILLISECONDS`, answered by `NANOSECONDS ANSWER`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { adopt, release } from '../process/groups.mjs';
import { timed } from './turns.mjs';

/** A running one. */
export class BenchProgram {
  #child;
  #lines;
  #failed;

  constructor(command, args) {
    const env = { ...process.env, RUST_BACKTRACE: '0' };
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    adopt(this.#child.pid, 'SIGKILL');
    let said = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-4000)));
    this.#failed = new Promise((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${said}`)));
    });
    // Somebody asks before it can matter.
    this.#failed.catch(() => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Measures one case for about `ms`; gives nanoseconds a run, and what it answered. */
  async measure(name, ms = 25) {
    this.#child.stdin.write(`${name} ${ms}\n`);
    const { value } = await Promise.race([this.#lines.next(), this.#failed]);
    // Its output ends just before it does.
    if (value === undefined) await this.#failed;
    const [ns, answer] = value.split(' ');
    return { ns: Number(ns), answer };
  }

  stop() {
    this.#child.removeAllListeners('close');
    release(this.#child.pid);
  }
}

/** The other side, in Node: measures functions by their name until its input ends. */
export async function serveCases(cases) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ms] = line.split(' ');
    if (!(name in cases)) throw new Error(`no case ${name}`);
    const { ns, answer } = timed(cases[name], Number(ms));
    process.stdout.write(`${ns} ${answer}\n`);
  }
}
