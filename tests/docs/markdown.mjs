// Headings and links of Markdown pages.
import { readFileSync } from 'node:fs';

/** The text without code, where a `#` or a bracket is no heading and no link. */
function prose(file) {
  return readFileSync(file, 'utf8').replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** Headings of a page as anchors, the way GitHub makes them. */
export function anchorsOf(file) {
  const seen = new Map();
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) => {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
    const times = seen.get(plain) ?? 0;
    seen.set(plain, times + 1);
    return times === 0 ? plain : `${plain}-${times}`;
  });
}

/** Targets of the links of a page. */
export const linksOf = (file) => [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
