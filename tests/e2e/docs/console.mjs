// The commands that a page shows, with what it says they print.
import { readFileSync } from 'node:fs';

/** Pages whose commands are run, with how many each shows at least, so that none is lost when a page is rewritten. */
export const PAGES = [
  ['README.md', 2],
  ['docs/cli.md', 13],
  ['docs/http.md', 20],
  ['docs/operations.md', 5],
  ['docs/redis.md', 15],
];

/** A block that is not run says why, in a comment in front of it. */
const BLOCK = /(?:^ *<!-- not run: (?<reason>.+) -->\n+)?^(?<indent> *)```console\n(?<text>[^]*?)^ *```$(?:\n+```jsonc\n(?<json>[^]*?)^```$)?/gm;

/**
 * Reads the `console` blocks of a page: lines after `$ ` are commands, with what a `\` at the end or a here-document
 * continues, and what follows is their output. A block of `jsonc` behind them is the output of the last one, with comments for what
 * is left out.
 */
export function commandsOf(file) {
  const page = readFileSync(file, 'utf8');
  return [...page.matchAll(BLOCK)].flatMap(({ groups: { reason, indent, text, json } }) => {
    const commands = [];
    let open;
    for (const line of text.split('\n').map((line) => line.slice(indent.length))) {
      const last = commands.at(-1);
      if (open !== undefined) {
        last.command += `\n${line}`;
        if (open(line)) open = undefined;
      } else if (line.startsWith('$ ')) {
        commands.push({ command: line.slice(2), output: '', reason });
        open = continuation(line);
      } else if (last !== undefined) last.output += `${line}\n`;
    }
    if (json !== undefined) commands.at(-1).output = json.replace(/\/\*.*?\*\/|\/\/.*$/gm, '...');
    return commands;
  });
}

/** What ends a command that goes on behind this line. */
function continuation(line) {
  const [, word] = line.match(/<<'(\w+)'$/) ?? [];
  if (word !== undefined) return (next) => next === word;
  return line.endsWith('\\') ? (next) => !next.endsWith('\\') : undefined;
}

/** What changes from one run to the next: times, ages, ids, addresses, sizes in memory, counters. */
const CHANGES = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/\b[0-9a-f]{32}\b/g, 'ID'],
  [/"(\w+_ms|\w+_ms_ago|used_memory_bytes|wasm_memory_bytes|connected_clients|uptime_seconds)": ?\d+/g, '"$1":N'],
  [/"(route_\w+|checks|listings)": ?[\d.]+/g, '"$1":N'],
  [/is \d+ ms old/g, 'is N ms old'],
  [/\b(\d+ (ms|s|min)|less than 1 s)\b( ago)?/g, 'AGE'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  [/(memory +)[\d.]+ \w+/g, '$1SIZE'],
  [/\bversion"?:? ?"?[\d.]+/g, 'VERSION'],
];

const plain = (text) => {
  const settled = CHANGES.reduce((text, [pattern, name]) => text.replace(pattern, name), text);
  // Pages wrap long lines, and the width of a table follows the ages in it.
  return settled.replace(/[─═]+/g, '─').replace(/\s+/g, '');
};

/** Whether an output is the one that a page shows; `...` there stands for anything. */
export function isShown(output, shown) {
  const given = plain(output);
  const [first, ...pieces] = plain(shown).split('...');
  if (pieces.length === 0 || !given.startsWith(first)) return given === first;
  const last = pieces.pop();
  let at = first.length;
  // The earliest place of each piece leaves most room for the next; a pattern with as many wildcards would try them all.
  for (const piece of pieces) {
    const found = given.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return given.length - last.length >= at && given.endsWith(last);
}
