// Runs one command to its end.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { adopt, release, signalGroup } from './groups.mjs';
import { Tail } from './tail.mjs';

/** A command that could not be started or that ended with another code than 0. */
export class CommandFailed extends Error {
  constructor(label, reason, tail) {
    super(`${label}: ${reason}`);
    this.name = 'CommandFailed';
    this.tail = tail;
  }
}

/**
 * Runs `command` and resolves with everything it wrote to stdout.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {Record<string, string | undefined>} [options.env] added to this process's environment
 * @param {(line: string, stream: 'stdout' | 'stderr') => void} [options.onLine]
 * @param {string} [options.label] what to call it in an error; the command and its first argument if absent
 * @param {AbortSignal} [options.signal] ends the command and what it has started
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd, env, onLine, label, signal } = {}) {
  const name = label ?? [command, args[0]].filter(Boolean).join(' ');
  return new Promise((resolve, reject) => {
    const tail = new Tail(100);
    let stdout = '';
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    adopt(child.pid, 'SIGTERM');
    const abort = () => signalGroup(child.pid, 'SIGTERM');
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    for (const stream of ['stdout', 'stderr']) {
      createInterface({ input: child[stream] }).on('line', (line) => {
        tail.push(line);
        onLine?.(line, stream);
      });
    }
    child.on('error', (error) => {
      const reason = error.code === 'ENOENT' ? 'command not found' : error.message;
      reject(new CommandFailed(name, reason, tail.lines));
    });
    child.on('exit', () => release(child.pid));
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', abort);
      if (code === 0) resolve(stdout);
      else reject(new CommandFailed(name, killedBy ? `ended by ${killedBy}` : `exit code ${code}`, tail.lines));
    });
  });
}
