// The core: swaps bin by bin, beside big integers and JavaScript; routes, splits and decoding.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { modernNode } from '../tools/npm-packages.mjs';
import { buildBenchProgram, buildInside, writeMarket } from './core/builds.mjs';
import { instructionCounts } from './core/counts.mjs';
import { insideOf } from './core/inside.mjs';
import { DEPTHS, perBin } from './depths.mjs';
import { BenchProgram } from './program.mjs';
import { count, time, times } from './report.mjs';
import { takeTurns, timed } from './turns.mjs';

const QUOTES = ['candidates/3', 'route/3', 'candidates/20', 'route/20', 'candidates/200', 'route/200', 'split/at-most-4', 'split/any', 'plan/simple', 'plan/explicit', 'decode/pool', 'decode/101-bins'];

export async function core() {
  const program = await buildBenchProgram();
  const inside = await insideOf(await readFile(await buildInside('release')), timed);
  const names = (await run(program, ['list'])).trim().split('\n');
  const ladder = await writeMarket(program, 'ladder');
  const native = new BenchProgram(program, ['serve']);
  const bigint = new BenchProgram(await modernNode(), [join(root, 'scripts/bench/core/serve-bigint.mjs'), ladder]);
  try {
    await assertSameAnswers(native, bigint, inside, names);
    const wasm = (name) => async () => inside(names.indexOf(name), 25).ns;
    const ns = (from, name) => async () => (await from.measure(name)).ns;
    const walks = {};
    for (const depth of DEPTHS) {
      walks[depth] = await takeTurns({
        core: ns(native, `walk/${depth}`),
        large: ns(native, `walk-large/${depth}`),
        out: ns(native, `exact-out/${depth}`),
        model: ns(native, `model/${depth}`),
        bigint: ns(bigint, `walk/${depth}`),
        wasm: wasm(`walk/${depth}`),
        wasmLarge: wasm(`walk-large/${depth}`),
      });
    }
    const quotes = await takeTurns(Object.fromEntries(QUOTES.flatMap((name) => [[name, ns(native, name)], [`${name} in wasm`, wasm(name)]])));
    return report(walks, quotes, await instructionCounts(program, names));
  } finally {
    native.stop();
    bigint.stop();
  }
}

async function assertSameAnswers(native, bigint, inside, names) {
  for (const depth of DEPTHS) {
    const name = `walk/${depth}`;
    const answers = [await native.measure(name, 1), await bigint.measure(name, 1), await native.measure(`model/${depth}`, 1)];
    const [expected, ...others] = answers.map(({ answer }) => answer);
    const low = inside(names.indexOf(name), 1).answer;
    if (others.some((answer) => answer !== expected) || BigInt(expected) % (1n << 64n) !== low) {
      throw new Error(`${name}: core, BigInt, model and wasm answer ${[expected, ...others, low].join(', ')}`);
    }
  }
}

function report(walks, quotes, counts) {
  const slope = (who) => perBin(Object.fromEntries(DEPTHS.map((depth) => [depth, walks[depth][who]])));
  const slopes = Object.fromEntries(Object.keys(walks[1]).map((who) => [who, slope(who)]));
  const [split, single] = [Math.max(quotes['split/at-most-4'], quotes['split/any']), quotes['route/20']];
  const rows = [
    { what: 'one bin of a swap, native', ours: time(slopes.core), goal: '≤ 12 ns', met: slopes.core <= 12 },
    { what: 'one bin of a swap, products above 64 bits, native', ours: time(slopes.large) },
    { what: 'one bin of a swap, wasm', ours: time(slopes.wasm), goal: '≤ 60 ns', met: slopes.wasm <= 60 },
    beside('50 bins, native, beside JavaScript BigInt', walks[50].core, walks[50].bigint, 20),
    beside('50 bins, wasm, beside JavaScript BigInt', walks[50].wasm, walks[50].bigint),
    beside('50 bins, native, beside big integers in Rust', walks[50].core, walks[50].model, 5),
    { what: 'split over 20 pools, beside its best single route', ours: time(split), beside: time(single), ratio: `${times(split / single)} the time`, goal: '≤ 10×', met: split / single <= 10 },
    ...['simple', 'explicit'].map((mode) => {
      const plan = quotes[`plan/${mode}`];
      return { what: `plan of a quote through 28 bins, \`${mode}\`, native`, ours: time(plan), goal: '< 30 µs', met: plan < 30_000 };
    }),
  ];
  const swaps = {
    head: ['swap through', ...DEPTHS.map((depth) => `${depth} bins`), 'one bin more'],
    rows: [
      ['core, native', 'core'],
      ['core, native, products above 64 bits', 'large'],
      ['core, native, exact out', 'out'],
      ['core, wasm', 'wasm'],
      ['core, wasm, products above 64 bits', 'wasmLarge'],
      ['big integers in Rust (`dlmm-model`)', 'model'],
      ['JavaScript BigInt', 'bigint'],
    ].map(([name, who]) => [name, ...DEPTHS.map((depth) => time(walks[depth][who])), time(slopes[who])]),
  };
  const others = {
    head: ['case', 'native', 'wasm', 'instructions (native)'],
    rows: QUOTES.map((name) => [`\`${name}\``, time(quotes[name]), time(quotes[`${name} in wasm`]), count(counts?.[name])]),
  };
  return { rows, tables: { swaps, quotes: others } };
}

function beside(what, ours, other, least) {
  const ratio = other / ours;
  const goal = least === undefined ? {} : { goal: `≥ ${least}×`, met: ratio >= least };
  return { what, ours: time(ours), beside: time(other), ratio: `${times(ratio)} as fast`, ...goal };
}
