// What quotes read from Redis, counted by Redis itself, once nothing else is under way.
import { eventually } from './market.mjs';

/** A number of `/metrics`. */
export async function metric(worker, name) {
  const text = await (await worker.fetch('/metrics')).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))[1]);
}

/**
 * Waits until a Worker has listed the pools this often. Of the set `pools` the first listing takes what it finds, and a
 * second one behind the first answer completes it: its MGET of all pools would count as a read if it came late.
 */
export const listed = (worker, listings = 2) =>
  eventually(async () => ((await metric(worker, 'dlmm_topology_listings_total')) >= listings ? true : undefined));

/**
 * Counts the reads of pools and bins from here on; the Worker must have answered before. Gives a function that gives the
 * keys of each since it was called last.
 */
export async function startCountingReads({ redis, worker }, listings) {
  await listed(worker, listings);
  const monitor = await redis.monitor();
  await monitor.clear();
  return async () => {
    const commands = await monitor.commands();
    await monitor.clear();
    return commands.filter(({ name, args }) => name === 'MGET' && args.some((key) => key.startsWith('bin:'))).map(({ args }) => args);
  };
}
