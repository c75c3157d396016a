// What the dashboard and the alert rules ask of Prometheus.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../../scripts/paths.mjs';

export const ops = (...parts) => join(root, 'ops', ...parts);

/** All alert rules. */
export function alertRules() {
  return parse(readFileSync(ops('prometheus', 'alerts.yml'), 'utf8')).groups.flatMap(({ rules }) => rules);
}

export const dashboard = JSON.parse(readFileSync(ops('grafana', 'dashboard.json'), 'utf8'));

/** The panels that show something, rows left out. */
export const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** Every query of the dashboard as Grafana would send it, with the panel it belongs to. */
export function dashboardQueries(rateInterval) {
  const filled = (expr) => expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$job', '.+');
  return panels.flatMap(({ title, targets }) => targets.map(({ refId, expr }) => ({ name: `${title} ${refId}`, expr: filled(expr) })));
}

/** Names of the Worker's metrics in a query. */
export const metricNames = (expr) => expr.match(/\bdlmm_[a-z_]+/g) ?? [];
