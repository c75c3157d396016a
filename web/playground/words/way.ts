// How this page learns of changes, in words.
import type { Way } from '../quote/live.ts';
import { duration } from './time.ts';

/** Gives how it looks, and what it says; `undefined` before anything is known. */
export function wayText(way: Way | 'by hand' | 'every 30 s' | undefined): [look: string, text: string] {
  if (way === undefined) return ['', 'Connecting …'];
  if (way === 'by hand') return ['', 'By hand: this page asks when you do.'];
  if (way === 'every 30 s') return ['', 'This page asks every 30 s.'];
  const heard = Number.isFinite(way.ageMs) && way.ageMs >= 1000 ? ` The edge was last heard ${duration(way.ageMs)} ago.` : '';
  if (way.state === 'live') return ['live', 'Live: changes come by themselves.'];
  if (way.state === 'stale') return ['stale', `Catching up: the edge is being asked.${heard}`];
  return ['offline', `Not connected: trying again.${heard}`];
}
