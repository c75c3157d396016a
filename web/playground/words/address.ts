// What the address says beside the form, in words: nothing that a link holds is dropped without a word.
import type { Trade } from '../trade/trade.ts';

/** Says what is kept of the address though the form does not show it, and what is not used; an empty text where there is neither. */
export function addressNote({ more, unused }: Pick<Trade, 'more' | 'unused'>): string {
  const kept = Object.entries(more).map(([name, text]) => `${name} ${text}`);
  const sentences = [
    kept.length > 0 && `Also asked for, from the address: ${kept.join(', ')}.`,
    unused.length > 0 && `Not used of the address: ${unused.join(', ')}.`,
  ];
  return sentences.filter(Boolean).join(' ');
}
