// `npm run bench`: measures core, wasm, edge, hostile requests and scale, prints one table, and writes docs/performance.md.
//
//   npm run bench -- --only core,wasm    these parts; the others keep their tables
//   npm run bench -- --dry               prints, writes nothing
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { core } from './bench/core.mjs';
import { edge } from './bench/edge.mjs';
import { hostile } from './bench/hostile.mjs';
import { fillIn, show, summary } from './bench/report.mjs';
import { scale } from './bench/scale.mjs';
import { wasm } from './bench/wasm.mjs';
import { root } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { run } from './process/run.mjs';
import { explain, paint, say, Unusable } from './terminal/steps.mjs';
import { ensureAllTools } from './tools.mjs';

const PARTS = { core, wasm, edge, hostile, scale };

endOnSignals();
process.chdir(root);
// A backtrace for every error value would be measured too.
process.env.RUST_BACKTRACE = '0';
try {
  const { values } = parseArgs({ options: { only: { type: 'string' }, dry: { type: 'boolean' } } });
  const names = values.only?.split(',').map((name) => name.trim()) ?? Object.keys(PARTS);
  const unknown = names.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new Unusable(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}.`);
  await ensureAllTools();
  const rows = [];
  for (const name of names) {
    say(paint('bold', `\n=== ${name}`));
    const { rows: found, tables } = await PARTS[name]();
    rows.push(...found);
    const filled = { [`${name}-goals`]: summary(found), [`${name}-taken`]: await taken(name) };
    for (const [table, content] of Object.entries(tables)) {
      filled[`${name}-${table}`] = content;
      say(`\n${paint('bold', `${name}-${table}`)}`);
      show(content);
    }
    // At once, so that a later part that fails takes nothing with it.
    if (!values.dry) await fillIn(join(root, 'docs', 'performance.md'), filled);
  }
  say(paint('bold', '\nall in one'));
  show(summary(rows));
} catch (error) {
  explain(error.code?.startsWith('ERR_PARSE_ARGS') ? new Unusable(error.message) : error);
  // Whatever is still running ends with this process.
  process.exit(1);
}

/** When and on what the numbers were taken; nothing that names the machine. */
async function taken(part) {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const rustc = (await run('rustc', ['--version'])).trim().replace(/ \(.*/, '');
  const date = new Date().toISOString().slice(0, 10);
  return `Taken ${date}: ${cpus().length} cores (${cpu.model.trim()}), ${memory} GiB, ${process.platform} ${process.arch}, ${rustc}, Node ${process.versions.node}. Again: \`npm run bench -- --only ${part}\`.`;
}
