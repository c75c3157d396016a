// The files that are written from docs/openapi.json.
import { guide } from './guide.mjs';
import { withLists } from './lists.mjs';
import { declarations, errorDetails } from './types.mjs';

/** Answers of the engine, which a service gives too, and what a request shares with them. */
const ANSWERS = ['ExactInQuote', 'ExactOutQuote', 'PoolList', 'PoolWithBins', 'RouteList', 'PlanMode'];

/** What they hold, by path; some of it from what they held before. */
export const FILES = {
  'docs/openapi.json': withLists,
  'docs/http.md': guide,
  'web/types/answers.d.ts': () => declarations(ANSWERS),
  'web/types/http.d.ts': () => declarations(['Token', 'Pair', 'Health'], { './answers.js': ANSWERS }),
  'web/types/error-details.d.ts': () => errorDetails({ './answers.js': ANSWERS }),
};
