// How `npm test` runs a command: quietly where only the verdict counts, in full where it runs tests.
import { basename } from 'node:path';
import { run } from '../process/run.mjs';
import { Tail } from '../process/tail.mjs';
import { say, step } from '../terminal/steps.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };

/** Gives how many tests the suites have run so far. */
export const testCounts = () => ({ ...counts });

/** Runs a command that says something only when it fails. */
export function check(command, args, env) {
  const label = labelOf(command, args);
  return step(label, (report) => run(command, args, { env, onLine: report, label }));
}

/** Runs tests: their output is shown as it comes, what the compiler says only if it fails. */
export async function suite(command, args, env, cwd) {
  const label = labelOf(command, args);
  const compiler = new Tail(60);
  say(label);
  const onLine = (line, stream) => {
    if (stream === 'stderr') return compiler.push(line);
    say(line);
    count(line);
  };
  try {
    await run(command, args, { env, cwd, onLine, label });
  } catch (error) {
    error.tail = compiler.lines;
    throw error;
  }
}

const labelOf = (command, args) => [basename(command), ...args].join(' ');

/** Adds up the closing lines of cargo's test runner and of Node's. */
function count(text) {
  const line = text.replace(/\x1b\[[0-9;]*m/g, '');
  const cargo = line.match(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/);
  if (cargo) {
    counts.passed += Number(cargo[1]);
    counts.failed += Number(cargo[2]);
    counts.skipped += Number(cargo[3]);
  }
  const node = line.match(/^(?:ℹ|#) (pass|fail|cancelled|skipped) (\d+)$/);
  if (node) counts[{ pass: 'passed', fail: 'failed', cancelled: 'failed', skipped: 'skipped' }[node[1]]] += Number(node[2]);
}
