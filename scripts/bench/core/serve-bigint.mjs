// Serves the BigInt walk as `dlmm-bench serve` serves core's. The answer mixes in the fees, as there.
import { readFileSync } from 'node:fs';
import { DEPTHS } from '../depths.mjs';
import { serveCases } from '../program.mjs';
import { leastInput, readPool, walk } from './bigint-walk.mjs';

const pool = readPool(JSON.parse(readFileSync(process.argv[2], 'utf8')).pools[0]);
const RESERVE = 1_000_000_000n;

const answer = (amount) => {
  const { given, steps } = walk(pool, true, amount, 350);
  return steps.reduce((mixed, { protocol, provider, variable }) => mixed + (protocol ^ provider ^ variable), 0n) ^ given;
};

await serveCases(
  Object.fromEntries(
    DEPTHS.map((depth) => {
      const amount = leastInput(pool, true, (RESERVE * BigInt(2 * depth - 1)) / 2n);
      return [`walk/${depth}`, () => answer(amount)];
    }),
  ),
);
