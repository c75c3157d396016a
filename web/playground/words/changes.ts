// How often a quote changed, in words.
import { rough } from './numbers.ts';

/** Where quotes came and went, but all of them gave as much, it is no change. */
export function changesIn(span: string, changes: number, [low, high]: readonly [number, number], token: string): string {
  if (changes === 0 || low === high) return `No change in ${span}`;
  return `${changes} ${changes === 1 ? 'change' : 'changes'} in ${span}: between ${rough(low)} and ${rough(high)} ${token}`;
}
