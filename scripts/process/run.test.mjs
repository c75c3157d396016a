import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFailed, run } from './run.mjs';

const node = (code, options) => run(process.execPath, ['-e', code], options);

test('gives what the command wrote', async () => {
  const lines = [];
  const onLine = (line, stream) => lines.push(`${stream}: ${line}`);
  assert.equal(await node('console.log("out"); console.error("err")', { onLine }), 'out\n');
  assert.deepEqual(lines.sort(), ['stderr: err', 'stdout: out']);
});

test('fails with the end of the log', async () => {
  await assert.rejects(node('console.log("why"); process.exit(3)', { label: 'it' }), (error) => {
    assert.ok(error instanceof CommandFailed);
    assert.deepEqual([error.message, error.tail], ['it: exit code 3', ['why']]);
    return true;
  });
});

test('says that a command is not there', async () => {
  await assert.rejects(run('dlmm-no-such-command', []), /dlmm-no-such-command: command not found/);
});

test('ends the command and what it has started when it is called off', async () => {
  const calledOff = new AbortController();
  const script = 'require("child_process").spawn("sleep", ["600"], { stdio: "inherit" }); console.log("up")';
  const onLine = () => calledOff.abort();
  // Its output stays open until the sleeper has ended too, so this would wait for ten minutes otherwise.
  await assert.rejects(node(`${script}; setInterval(() => {}, 1000)`, { signal: calledOff.signal, onLine }), /SIGTERM/);
});
