// Shows what a script is doing: one line a step, its elapsed time, and the log's end when it fails.
// Steps may run side by side.
import { LiveLine } from './live-line.mjs';

const QUIET_MS = 15_000;

const COLOURS = { green: 32, red: 31, dim: 2, bold: 1 };

export const paint = (colour, text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;

const live = new LiveLine(process.stdout, (text) => paint('dim', text));

/** Writes `1.4 s` or `2 min 05 s`. */
export function elapsed(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

/**
 * Runs `work` as a named step. `work` is handed a function that takes the latest line of its log, which a
 * terminal shows beside the name and a log file sees every 15 seconds.
 */
export async function step(name, work) {
  const began = Date.now();
  const display = process.stdout.isTTY ? live.begin(() => `${name} ${elapsed(Date.now() - began)}`) : plainLines(name, began);
  const report = (line) => line.trim() !== '' && display.report(line);
  try {
    const result = await work(report);
    display.end(`${paint('green', '✓')} ${name} ${paint('dim', elapsed(Date.now() - began))}`);
    return result;
  } catch (error) {
    display.end(`${paint('red', '✗')} ${name} ${paint('dim', elapsed(Date.now() - began))}`);
    throw error;
  }
}

/** Prints a line that needs no step. */
export const say = (text = '') => live.print(`${text}\n`);

/** Prints an error and the end of the log it carries. */
export function explain(error) {
  const lines = (error?.tail ?? []).map((text) => `${paint('dim', '  |')} ${text}`);
  say(['', ...lines, `${paint('red', 'error:')} ${error?.message ?? error}`].join('\n'));
  // A plain Error here is a fault of the script itself: show where.
  if (error?.tail === undefined && error?.name !== 'Unusable') say(error?.stack ?? '');
}

/** Something the person at the keyboard has to do; its message says what. */
export class Unusable extends Error {
  name = 'Unusable';
}

function plainLines(name, began) {
  let latest = '';
  process.stdout.write(`· ${name}\n`);
  const timer = setInterval(() => process.stdout.write(`  … ${name} ${elapsed(Date.now() - began)}  ${latest}\n`), QUIET_MS);
  return {
    report: (line) => (latest = line.trim().slice(0, 160)),
    end: (line) => {
      clearInterval(timer);
      process.stdout.write(`${line}\n`);
    },
  };
}
