import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that has ended but that its parent has not asked about yet (state Z) is not running. */
export function isRunning(pid) {
  return /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());
}

/** Waits for a process to end; says whether it has within ten seconds. */
export async function hasEnded(pid) {
  for (let tries = 0; tries < 100 && isRunning(pid); tries += 1) await sleep(100);
  return !isRunning(pid);
}
