import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveLine } from './live-line.mjs';

/** A terminal that knows what these scripts write: text, a new line, and how to begin a line anew. */
function terminal(columns) {
  const lines = [''];
  return {
    columns,
    lines,
    write(text) {
      for (const [part] of text.matchAll(/\r\x1b\[2K|\n|[^\r\n]+/g)) {
        if (part === '\n') lines.push('');
        else if (part.startsWith('\r')) lines[lines.length - 1] = '';
        else lines[lines.length - 1] += part;
      }
    },
  };
}

const told = (line) => line.replace(/^[⠀-⣿] /, '');

test('two steps share the line, and each leaves one of its own', () => {
  const screen = terminal(60);
  const line = new LiveLine(screen);
  const first = line.begin(() => 'packages 1.0 s');
  const second = line.begin(() => 'wasm 2.0 s');
  first.report('added 3');
  second.report('Compiling\x1b[1m core\x1b[0m\r');
  line.print('said meanwhile\n');
  assert.deepEqual(screen.lines.map(told), ['said meanwhile', 'packages 1.0 s, wasm 2.0 s  Compiling core']);
  first.end('✓ packages');
  first.report('too late');
  assert.deepEqual(screen.lines.map(told), ['said meanwhile', '✓ packages', 'wasm 2.0 s  Compiling core']);
  second.end('✓ wasm');
  line.print('the end\n');
  assert.deepEqual(screen.lines, ['said meanwhile', '✓ packages', '✓ wasm', 'the end', '']);
});

test('what is too long for the terminal is cut, so that it stays one line', () => {
  const screen = terminal(30);
  const line = new LiveLine(screen);
  const steps = ['packages of npm', 'command', 'wasm'].map((name) => line.begin(() => name));
  steps[0].report('word '.repeat(20));
  line.print('once more\n');
  assert.ok(screen.lines.at(-1).length < 30, screen.lines.at(-1));
  for (const step of steps) step.end('done');
});

test('a terminal that does not tell its width shows what is done all the same', () => {
  const screen = terminal(0);
  const step = new LiveLine(screen).begin(() => 'packages 1.0 s');
  assert.equal(told(screen.lines.at(-1)).trimEnd(), 'packages 1.0 s');
  step.end('done');
});
