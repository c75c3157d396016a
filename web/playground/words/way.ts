// How this page learns of changes, in words.
import type { Way } from '../quote/live.ts';
import { duration } from './time.ts';

/** A question younger than this means that the client asks: it does so every two seconds, more or less. */
const ASKS_MS = 8000;

/** Gives how it looks, and what it says; `undefined` before anything is known. */
export function wayText(way: Way | 'by hand' | 'every 30 s' | 'nothing' | undefined, now = Date.now()): [look: string, text: string] {
  if (way === undefined) return ['', 'Connecting …'];
  if (way === 'by hand') return ['', 'By hand: this page asks when you do.'];
  if (way === 'nothing') return ['', 'Nothing is asked.'];
  if (way === 'every 30 s') return ['', 'This page asks every 30 s.'];
  const ageMs = way.heardAt === undefined ? 0 : now - way.heardAt;
  const heard = ageMs >= 1000 ? ` The edge was last heard ${duration(ageMs)} ago.` : '';
  if (way.state === 'refused') return ['', 'Not followed: the edge refuses this request.'];
  if (way.state === 'live') {
    const asks = now - (way.askedAt() ?? Number.NEGATIVE_INFINITY) < ASKS_MS;
    return ['live', asks ? 'Live: this page asks every two seconds.' : 'Live: changes come by themselves.'];
  }
  if (way.state === 'stale') return ['stale', `Catching up: the edge is being asked.${heard}`];
  return ['offline', `Not connected: trying again.${heard}`];
}
