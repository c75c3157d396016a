// A command on a terminal of its own, and what it drew there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** Starts a command on a terminal by `script` (util-linux). What it writes to standard output may go to a file instead. */
export function onTerminal(words, { env = {}, out } = {}) {
  // The shell would take Ctrl-C for itself.
  const command = `exec ${words.map(quoted).join(' ')}` + (out === undefined ? '' : ` > ${quoted(out)}`);
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: { PATH: process.env.PATH, TERM: 'xterm', ...env }, stdio: 'pipe', timeout: 60_000 });
  const ended = once(child, 'close');
  const drawn = text(child.stdout);
  return {
    child,
    /** The exit code and every line that was drawn, those drawn over included. */
    async result() {
      const [shown, [status]] = await Promise.all([drawn, ended]);
      return { status, lines: plain(shown) };
    },
  };
}

/** Lines without the codes that move and clear. */
export const plain = (shown) => shown.split(/[\r\n]+/).map((line) => line.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').trim()).filter((line) => line !== '');
