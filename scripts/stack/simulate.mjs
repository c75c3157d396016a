// `dlmm simulate`: a market that moves.
import { Service } from '../process/service.mjs';
import { dlmmBin } from './gateway.mjs';

/**
 * Starts it; it is there once the first swap was written.
 *
 * @param {object} options
 * @param {string} options.redisUrl
 * @param {string[]} [options.args] further options of the command
 * @param {(line: string) => void} [options.onLine]
 */
export async function simulate({ redisUrl, args = [], onLine }) {
  return Service.start({
    name: 'dlmm simulate',
    command: await dlmmBin(),
    args: ['simulate', ...args],
    // In the environment, because the URL may hold a password.
    env: { REDIS_URL: redisUrl },
    ready: (line) => line !== '',
    onLine,
  });
}
