// One at a time, across processes: two clones may install the same tool at once.
import { rmSync } from 'node:fs';
import { mkdir, open, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 3_000;
const STALE_MS = 20_000;

const held = new Set();
process.on('exit', () => {
  for (const path of held) rmSync(path, { force: true });
});

/**
 * Runs `work` while holding the lock file `path`.
 *
 * The holder touches the file every few seconds; one that has not been touched for longer was left by a
 * process that was killed, and is taken over. Should two take over at the same moment, both run: the lock
 * spares work, what it guards must still end with an atomic rename.
 */
export async function withLock(path, work, onWait = () => {}) {
  await mkdir(dirname(path), { recursive: true });
  while (!(await take(path))) {
    onWait('waiting for another process that does the same');
    await sleep(500);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, BEAT_MS);
  beat.unref();
  held.add(path);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
    held.delete(path);
  }
}

async function take(path) {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const taken = await stat(path).catch(() => undefined);
  if (taken !== undefined && Date.now() - taken.mtimeMs > STALE_MS) await rm(path, { force: true });
  return false;
}
