// The alert rules and the dashboard of `dlmm follow` against what it tells of itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { blocksOf, readRecording } from '../../scripts/chain/recording.mjs';
import { root } from '../../scripts/paths.mjs';
import { anchorsOf } from '../docs/markdown.mjs';
import { startFollower } from '../e2e/follow/follower.mjs';
import { startRedis } from '../e2e/stack/index.mjs';
import { ops } from './dashboard.mjs';
import { promtool } from './prometheus.mjs';

const rules = parse(readFileSync(ops('prometheus', 'follow-alerts.yml'), 'utf8')).groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(readFileSync(ops('grafana', 'follow.json'), 'utf8'));
const named = (expr) => expr.match(/\bdlmm_follow_[a-z_]+/g);

test('rules and panels name metrics that exist, and every metric is looked at', async () => {
  const recording = readRecording();
  const follower = await startFollower({ redis: await startRedis(), recording });
  await follower.take(...blocksOf(recording).slice(0, 10));
  const { text } = await follower.get('/metrics');
  const known = new Set([...text.matchAll(/^# TYPE (\S+) (?:gauge|counter)$/gm)].map(([, name]) => name));
  for (const name of known) assert.match(text, new RegExp(`^# HELP ${name} .+\\.$`, 'm'));
  for (const { alert, expr } of rules) for (const name of named(expr)) assert.ok(known.has(name), `${alert}: ${name}`);
  const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => named(expr))));
  assert.deepEqual([...known].filter((name) => !shown.has(name)), []);
  assert.deepEqual([...shown].filter((name) => !known.has(name)), []);
});

test('promtool takes the rules and the metrics, and each rule fires in a case of its own and is silent in others', async () => {
  const [file, cases] = ['follow-alerts.yml', 'follow-alerts.test.yml'].map((name) => ops('prometheus', name));
  for (const args of [['check', 'rules', file], ['test', 'rules', cases]]) {
    const { status, output } = await promtool(args);
    assert.equal(status, 0, output);
  }
  const tried = readFileSync(cases, 'utf8');
  assert.deepEqual(rules.filter(({ alert }) => !tried.includes(`alertname="${alert}"`)), []);
  const recording = readRecording();
  const follower = await startFollower({ redis: await startRedis(), recording });
  await follower.take(...blocksOf(recording).slice(0, 10));
  const { text } = await follower.get('/metrics');
  assert.deepEqual(await promtool(['check', 'metrics'], { input: text }), { status: 0, output: '' });
});

test('each rule says what happened and leads to a section', () => {
  for (const { alert, annotations, labels } of rules) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    const [file, section] = annotations.runbook.split('#');
    assert.ok(anchorsOf(join(root, file)).includes(section), `${alert}: ${annotations.runbook}`);
  }
});
