// Starts things, never stops them, and ends badly; run by stack.test.mjs.
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { startRedis, startWorker } from './index.mjs';

const [how] = process.argv.slice(2);

if (how === 'load') {
  const [redis, other] = [await startRedis(), await startRedis()];
  process.stdout.write(`\npid ${redis.pid}\npid ${other.pid}\n`);
  throw new Error('on purpose');
}

test('leaks', async () => {
  const redis = await startRedis();
  await startWorker();
  const processes = execFileSync('ps', ['-axo', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  const ours = processes.map((line) => line.trim().split(/\s+/)).filter(([parent]) => Number(parent) === process.pid);
  const [, workerd] = ours.find((words) => words.join(' ').includes('workerd serve'));
  process.stdout.write(`\npid ${redis.pid}\npid ${workerd}\n`);
  if (how === 'fail') throw new Error('on purpose');
  if (how === 'exit') process.exit(3);
  process.kill(process.pid, how);
  await new Promise(() => {});
});
