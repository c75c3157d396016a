// Whether edge and browser agree, in words.
import { isTooOld } from '../quote/age.ts';
import type { Outcome } from '../quote/answer.ts';
import type { Comparison } from '../quote/compare.ts';

/** Refusals that are about the edge, not about the trade. */
const UNABLE = new Set([
  ...['REDIS_TIMEOUT', 'REDIS_UNAVAILABLE', 'REDIS_AUTH', 'UPSTREAM_INVALID', 'UPSTREAM_REFUSED', 'CLUSTER_UNSUPPORTED', 'CONFIG_INVALID'],
  ...['UNAUTHORIZED', 'RATE_LIMITED', 'INTERNAL'],
]);

/** How it looks, the verdict, and what explains it. */
export type Verdict = [look: string, mark: string, text: string];

/** Says whether the two agree, and why not. `moved`: whether the edge's snapshot is another one since; `undefined` where it did not say. */
export function verdictOf(
  edge: Outcome | undefined,
  browser: Outcome | undefined,
  comparison: Comparison | undefined,
  moved: boolean | undefined,
): Verdict {
  if (comparison === undefined) {
    if (edge?.kind === 'silence') return ['', 'Edge not reachable', 'The quote on this page comes from your browser and the last snapshot.'];
    if (edge === undefined && browser?.kind === 'silence') return ['', 'Asking the edge …', ''];
    if (browser?.kind === 'silence') return ['', 'Edge only', 'Without a snapshot there is nothing to compare with.'];
    return ['', 'Checking in your browser …', ''];
  }
  if (edge?.kind === 'refusal' && UNABLE.has(edge.refusal.code)) {
    return ['', 'Edge cannot answer', 'The quote of this browser comes from the snapshot. Ask the edge again before you trade on it.'];
  }
  if (isTooOld(edge) !== isTooOld(browser)) {
    return ['', 'Too old for one of them', 'One of the two refuses this state for its age: the edge has its own limit, and looks at another moment.'];
  }
  const { fields, differences } = comparison;
  if (differences.length === 0) {
    const what = edge?.kind === 'refusal' ? 'Both refuse for the same reason.' : 'To the last unit, in every step.';
    return ['equal', 'Checked in your browser: identical', what];
  }
  if (readLess(edge)) {
    const text = 'The edge read fewer bins than your browser holds (KEYS_LIMITED), so the two may choose differently.';
    return ['', 'Not comparable: the edge read less', `${differences.length} of ${fields} fields differ. ${text} ${VERIFY}`];
  }
  // Another moment is no disagreement, and no reason for alarm.
  const [look, mark] = moved === true ? ['', 'Not comparable just now'] : ['differs', 'Checked in your browser: different'];
  const why =
    moved === true
      ? 'The two looked at different moments: Redis moved after the snapshot was taken.'
      : moved === false
        ? 'Redis has not moved since the snapshot was taken, so the settings or the versions of the two differ.'
        : 'Whether Redis moved after the snapshot was taken is not known.';
  return [look, mark, `${differences.length} of ${fields} fields differ. ${why} ${VERIFY}`];
}

const VERIFY = '“Verify the edge” checks the edge against the exact state it used.';

/** Whether the edge says that it could not read as much as it wanted. */
function readLess(edge: Outcome | undefined): boolean {
  const warnings = edge?.kind === 'quote' ? edge.quote.warnings : edge?.kind === 'refusal' ? edge.refusal.details.warnings : undefined;
  return Array.isArray(warnings) && warnings.some(({ code }) => code === 'KEYS_LIMITED');
}
