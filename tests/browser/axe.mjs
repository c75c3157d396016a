import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** As text that the debugger runs: the page's own policy forbids foreign scripts. */
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const WCAG_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Demands that axe finds nothing against WCAG 2.2 AA and, unless the markup is a library's, nothing against its own advice. */
export async function assertAccessible(page, { advice = true } = {}) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (runOnly) => {
    const { violations } = await axe.run(document, { runOnly });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
  }, advice ? [...WCAG_AA, 'best-practice'] : WCAG_AA);
  assert.deepEqual(violations, []);
}
