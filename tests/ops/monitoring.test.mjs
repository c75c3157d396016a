// The metrics, the alert rules and the dashboard against a real Worker, promtool and Prometheus.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { ONE_BTC, eventually, post, startMarket } from '../e2e/worker/market.mjs';
import { alertRules, dashboard, dashboardQueries, metricNames, ops, panels } from './dashboard.mjs';
import { anchorsOf } from '../docs/markdown.mjs';
import { promtool, startPrometheus } from './prometheus.mjs';

const RULES = ops('prometheus', 'alerts.yml');
/** Long enough for all rates to appear on a slow machine, and never waited for in full. */
const PATIENCE_MS = 120_000;

let redis;
let worker;

before(async () => {
  ({ redis, worker } = await startMarket());
  await traffic();
});

/** A producer that lives, quotes both ways, a new pair, one with a warning, refusals, other paths. */
async function traffic() {
  await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()));
  for (const request of [
    ONE_BTC,
    { token_in: 'SOL', token_out: 'BTC', amount_in: 1 },
    { token_in: 'USDC', token_out: 'BTC', amount_out: '0.5' },
    { token_in: 'BTC', token_out: 'DOGE', amount_in: 1 },
    { token_in: 'BTC', token_out: 'BTC', amount_in: 1 },
    { ...ONE_BTC, amount_in: 1e9 },
    { ...ONE_BTC, amount_in: 1e6, allow_partial: true },
  ]) {
    await post(worker, request);
  }
  for (const path of ['/health', '/pools', '/nothing']) await (await worker.fetch(path)).arrayBuffer();
  // A stream, as far as its first event.
  const stream = (await worker.fetch('/quote/stream?token_in=BTC&token_out=USDC&amount_in=1')).body.getReader();
  await stream.read();
  await stream.cancel();
}

const metrics = async () => (await worker.fetch('/metrics')).text();

test('promtool finds nothing to say about the metrics', async () => {
  const text = await metrics();
  assert.match(text, /^dlmm_errors_total\{code="SAME_TOKEN"\} \d+$/m);
  assert.deepEqual(await promtool(['check', 'metrics'], { input: text }), { status: 0, output: '' });
  const broken = await promtool(['check', 'metrics'], { input: text.replaceAll('dlmm_requests_total', 'dlmm_requests') });
  assert.notDeepEqual(broken, { status: 0, output: '' }, 'promtool would not have noticed');
});

test('the rules and the configuration are valid', async () => {
  for (const args of [['check', 'rules', RULES], ['check', 'config', ops('prometheus', 'prometheus.yml')]]) {
    const { status, output } = await promtool(args);
    assert.equal(status, 0, output);
  }
});

test('each rule fires in a case of its own and is silent in others', async () => {
  const { status, output } = await promtool(['test', 'rules', ops('prometheus', 'alerts.test.yml')]);
  assert.equal(status, 0, output);
  const cases = readFileSync(ops('prometheus', 'alerts.test.yml'), 'utf8');
  const untried = alertRules().filter(({ alert }) => !cases.includes(`alertname="${alert}"`));
  assert.deepEqual(untried, []);
});

test('each rule says what happened and leads to a section of the runbook', () => {
  const anchors = anchorsOf(join(root, 'docs', 'operations.md'));
  for (const { alert, annotations, labels } of alertRules()) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.ok(annotations.summary.length > 10 && annotations.description.length > 20, alert);
    const [file, section] = annotations.runbook.split('#');
    assert.equal(file, 'docs/operations.md', alert);
    assert.ok(anchors.includes(section), `${alert}: no section ${section}`);
  }
});

test('rules and dashboard name only metrics and codes that exist', async () => {
  const text = await metrics();
  const known = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, kind]) =>
    kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
  ));
  const codes = new Set(readFileSync(join(root, 'worker', 'src', 'http', 'code.rs'), 'utf8').match(/^ {4}[A-Z]\w+ "[A-Z_]+" \d{3}$/gm).map((row) => row.split('"')[1]));
  const warnings = readFileSync(join(root, 'core', 'src', 'warning.rs'), 'utf8').match(/=> "[A-Z_]+"/g).map((row) => row.split('"')[1]);
  for (const code of warnings) codes.add(code);
  const queries = [...alertRules().map(({ alert, expr }) => ({ name: alert, expr })), ...dashboardQueries('1m')];
  for (const { name, expr } of queries) {
    for (const metric of metricNames(expr)) assert.ok(known.has(metric), `${name}: ${metric}`);
    for (const [, listed] of expr.matchAll(/code=~?"([^"]+)"/g)) {
      for (const code of listed.split('|')) assert.ok(codes.has(code), `${name}: ${code}`);
    }
  }
  const shown = new Set(queries.flatMap(({ expr }) => metricNames(expr)));
  assert.deepEqual([...known].filter((metric) => !shown.has(metric)), [], 'metrics that nobody looks at');
});

test('the dashboard takes its data source from a variable, sets units, and no panels overlap', () => {
  const variables = dashboard.templating.list.map(({ name }) => name);
  assert.deepEqual(variables, ['datasource', 'job']);
  const cells = new Set();
  for (const { title, datasource, targets, fieldConfig, gridPos } of panels) {
    assert.equal(datasource.uid, '${datasource}', title);
    assert.ok(targets.every((target) => target.datasource.uid === '${datasource}'), title);
    assert.ok(fieldConfig.defaults.unit, title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.equal(cells.has(`${x} ${y}`), false, title);
        cells.add(`${x} ${y}`);
      }
    }
  }
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});

test('a Prometheus that scrapes the Worker has data for every query', async () => {
  const prometheus = await startPrometheus(`
global: { scrape_interval: 200ms, evaluation_interval: 200ms }
rule_files: [${JSON.stringify(RULES)}]
scrape_configs:
  - job_name: dlmm-test
    static_configs: [{ targets: [${JSON.stringify(new URL(worker.url).host)}] }]
`);
  const missing = new Set(dashboardQueries('1m').map(({ name }) => name));
  await eventually(async () => {
    await traffic();
    for (const { name, expr } of dashboardQueries('1m')) {
      if (!missing.has(name)) continue;
      const series = await prometheus.query(expr);
      // A rate over one scrape is not a number yet.
      if (series.length > 0 && series.every(({ value: [, number] }) => Number.isFinite(Number(number)))) missing.delete(name);
    }
    return missing.size === 0 ? true : undefined;
  }, PATIENCE_MS).catch((error) => assert.fail(`no data for ${[...missing].join(', ')}: ${error.message}`));

  for (const { alert, expr } of alertRules()) assert.ok(Array.isArray(await prometheus.query(expr)), alert);
  const rules = await eventually(async () => {
    const { groups } = await prometheus.ask('rules');
    const all = groups.flatMap((group) => group.rules);
    return all.every(({ health }) => health !== 'unknown') ? all : undefined;
  }, PATIENCE_MS);
  assert.deepEqual(rules.map(({ name, health, state }) => [name, health, state]), alertRules().map(({ alert }) => [alert, 'ok', 'inactive']));

  // Without Redis the rule for it, and no other, sees the fault; it fires after its two minutes.
  await redis.stop();
  const raised = await eventually(async () => {
    await post(worker, ONE_BTC);
    const { alerts } = await prometheus.ask('alerts');
    return alerts.length > 0 ? alerts : undefined;
  }, PATIENCE_MS);
  assert.deepEqual(raised.map(({ labels, state }) => [labels.alertname, state]), [['DlmmRedisUnreachable', 'pending']]);
});
