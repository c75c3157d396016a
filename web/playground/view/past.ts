// Marks the pictures as those of an earlier quote.
import { byId } from './dom.ts';

const sections = ['route', 'liquidity', 'depth'].map((id) => byId(id));

/** Says that the pictures belong to an earlier quote; `undefined`: they belong to the one on screen. */
export function markPast(text: string | undefined) {
  for (const section of sections) {
    section.classList.toggle('past', text !== undefined);
    const line = section.querySelector<HTMLElement>('.past-line');
    if (line === null) continue;
    line.hidden = text === undefined;
    if (line.textContent !== (text ?? '')) line.textContent = text ?? '';
  }
}
