// Edge against browser, field by field. What may differ between two places is left out: times, source and ids.
import { isAboutAge, isTooOld } from './age.ts';
import type { Outcome, Warning } from './answer.ts';

/** One field on which two answers disagree; `undefined` where an answer lacks it. */
export interface Difference {
  path: string;
  edge: string | undefined;
  browser: string | undefined;
}

/** Fields that say when and where, not what. */
const CIRCUMSTANCES = new Set(['state', 'request_id', 'message']);

export interface Comparison {
  /** How many fields were compared. */
  fields: number;
  differences: Difference[];
}

/** Compares what two places answered; `undefined` unless both did. */
export function compare(edge: Outcome, browser: Outcome): Comparison | undefined {
  if (edge.kind === 'silence' || browser.kind === 'silence') return undefined;
  const [atEdge, atBrowser] = [flatten(answerOf(edge)), flatten(answerOf(browser))];
  const paths = new Set([...atEdge.keys(), ...atBrowser.keys()]);
  const differences: Difference[] = [];
  for (const path of paths) {
    const difference = { path, edge: atEdge.get(path), browser: atBrowser.get(path) };
    if (difference.edge !== difference.browser) differences.push(difference);
  }
  // Smallest units first: they decide, the rest follows from them.
  const rank = ({ path }: Difference) => (path.endsWith('_atomic') ? 0 : 1);
  differences.sort((a, b) => rank(a) - rank(b) || a.path.split('.').length - b.path.split('.').length);
  return { fields: paths.size, differences };
}

/** Warnings about the place: where the edge has its state from, that it chose among more pools than a snapshot of a pair has, and that it read less. */
const OF_THE_PLACE: ReadonlySet<string> = new Set(['SAMPLE_STATE', 'CANDIDATES_LIMITED', 'KEYS_LIMITED']);

const isOfTheTrade = (warning: Warning) => !OF_THE_PLACE.has(warning.code) && !isAboutAge(warning);

/** Without what goes by place and moment: those warnings, and how old the state is. */
function answerOf(outcome: Exclude<Outcome, { kind: 'silence' }>) {
  if (outcome.kind === 'refusal') {
    const { warnings, ...details } = outcome.refusal.details;
    if (isTooOld(outcome)) for (const name of ['age_ms', 'block_height']) delete details[name];
    return { ...outcome.refusal, details: { ...details, warnings: Array.isArray(warnings) ? warnings.filter(isOfTheTrade) : [] } };
  }
  return { ...outcome.quote, warnings: outcome.quote.warnings.filter(isOfTheTrade) };
}

function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (path !== '' || !CIRCUMSTANCES.has(name)) flatten(inner, path === '' ? name : `${path}.${name}`, into);
    }
    if (Array.isArray(value)) into.set(`${path}.length`, String(value.length));
  } else {
    into.set(path, String(value));
  }
  return into;
}
