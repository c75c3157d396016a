// Shows what a script is doing: one line a step, its elapsed time, and the log's end when it fails.
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const QUIET_MS = 15_000;

const COLOURS = { green: 32, red: 31, dim: 2, bold: 1 };

export const paint = (colour, text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;

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
  const display = process.stdout.isTTY ? liveLine(name, began) : plainLines(name, began);
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
export const say = (text = '') => process.stdout.write(`${text}\n`);

/** Prints an error and the end of the log it carries. */
export function explain(error) {
  process.stdout.write('\n');
  for (const line of error?.tail ?? []) process.stdout.write(`${paint('dim', '  |')} ${line}\n`);
  process.stdout.write(`${paint('red', 'error:')} ${error?.message ?? error}\n`);
  // A plain Error here is a fault of the script itself: show where.
  if (error?.tail === undefined && error?.name !== 'Unusable') process.stdout.write(`${error?.stack ?? ''}\n`);
}

/** Something the person at the keyboard has to do; its message says what. */
export class Unusable extends Error {
  name = 'Unusable';
}

function liveLine(name, began) {
  let latest = '';
  let frame = 0;
  const draw = () => {
    const head = `${SPINNER[(frame = (frame + 1) % SPINNER.length)]} ${name} ${elapsed(Date.now() - began)}`;
    const room = Math.max(0, (process.stdout.columns ?? 80) - head.length - 4);
    process.stdout.write(`\r\x1b[2K${head}  ${paint('dim', latest.slice(0, room))}`);
  };
  draw();
  const timer = setInterval(draw, 120);
  return {
    // Control characters of another program's progress bar would tear this line.
    report: (line) => (latest = line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replace(/[\x00-\x1f]/g, ' ').trim()),
    end: (line) => {
      clearInterval(timer);
      process.stdout.write(`\r\x1b[2K${line}\n`);
    },
  };
}

function plainLines(name, began) {
  let latest = '';
  process.stdout.write(`· ${name}\n`);
  const timer = setInterval(() => process.stdout.write(`  … ${elapsed(Date.now() - began)}  ${latest}\n`), QUIET_MS);
  return {
    report: (line) => (latest = line.trim().slice(0, 160)),
    end: (line) => {
      clearInterval(timer);
      process.stdout.write(`${line}\n`);
    },
  };
}
