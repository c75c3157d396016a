// What a process computes: time of its threads on a processor, so that other work on the machine does not count.
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that its threads have had a processor for; NaN where the system does not tell. */
async function cpuMs(pid) {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => undefined);
  if (threads === undefined) return NaN;
  // A thread may end in between.
  const each = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0'));
  return (await Promise.all(each)).reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** Waits until it computes nothing any more: compilers and collectors of V8 work behind the answers. */
export async function settled(pid) {
  for (let before = await cpuMs(pid), quiet = 0; quiet < 3; ) {
    await sleep(10);
    const now = await cpuMs(pid);
    quiet = now - before < 0.1 ? quiet + 1 : 0;
    before = now;
  }
}

/** Milliseconds that a process computes for `work` and what follows it. */
export async function cpuOf(pid, work) {
  await settled(pid);
  const before = await cpuMs(pid);
  const done = await work();
  await settled(pid);
  return { ms: (await cpuMs(pid)) - before, done };
}
