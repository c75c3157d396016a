// Numbers as the tables show them, the tables on a terminal, and their places in docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { say } from '../terminal/steps.mjs';

const digits = (number) => (number >= 100 ? Math.round(number).toString() : number.toPrecision(3));

/** Nanoseconds in the unit that suits them. */
export function time(ns) {
  if (ns < 1_000) return `${digits(ns)} ns`;
  if (ns < 1e6) return `${digits(ns / 1e3)} µs`;
  return ns < 1e9 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`;
}

export const times = (ratio) => `${digits(ratio)}×`;

/** A whole number with thin groups; a dash where there is none. */
export const count = (number) => (number === undefined ? '-' : Math.round(number).toLocaleString('en').replaceAll(',', ' '));

export const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** The one table of all parts. */
export const summary = (rows) => ({
  head: ['what', 'ours', 'beside it', 'ratio', 'goal', ''],
  rows: rows.map(({ what, ours, beside = '', ratio = '', goal = '', met }) => [what, ours, beside, ratio, goal, met === undefined ? '' : met ? 'met' : '**not met**']),
});

/** Prints a table in columns. */
export function show({ head, rows }) {
  const plain = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll(/[`*]/g, '')));
  const widths = head.map((_, at) => Math.max(...plain.map((row) => row[at].length)));
  const line = (row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ');
  const [first, ...others] = plain.map(line);
  say([first, '-'.repeat(first.length), ...others].join('\n'));
}

const markdown = ({ head, rows }) =>
  [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/**
 * Puts texts between the markers of their names in a file; a name without markers is an error.
 *
 * @param {string} file
 * @param {Record<string, string | { head: string[], rows: string[][] }>} parts
 */
export async function fillIn(file, parts) {
  let text = await readFile(file, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from < 0 || to < from) throw new Error(`${file} has no markers ${open}`);
    const filled = typeof part === 'string' ? part : markdown(part);
    text = `${text.slice(0, from + open.length)}\n${filled}\n${text.slice(to)}`;
  }
  await writeFile(file, text);
}
