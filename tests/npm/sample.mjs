// The sample market as a snapshot, copied from a seeded Redis by the command line.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dlmm } from '../e2e/worker/market.mjs';
import { startRedis } from '../e2e/stack/index.mjs';
import { temporaryFolder } from './package.mjs';

/** Gives the text of the snapshot. */
export async function sampleSnapshot() {
  const redis = await startRedis();
  await dlmm(['seed', '--redis', redis.url]);
  const file = join(await temporaryFolder(), 'sample.json');
  await dlmm(['snapshot', '--redis', redis.url, '--out', file]);
  return readFile(file, 'utf8');
}

/** A program that quotes 1 BTC of `snapshot.json` and prints what it gives. `load` defines `engine`. */
export const quoteOneBtc = (load) => `${load}
const quote = engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n });
console.log(quote.amount_out, quote.minimum_received_atomic);
`;

/** What it prints. */
export const ONE_BTC_GIVES = '99900.0 99400500000';
