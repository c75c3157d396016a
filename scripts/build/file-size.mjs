// How large a file is, and how large on the wire.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Gives the bytes of a file: as they are, and compressed as hard as gzip and brotli can. */
export const fileSize = async (path) => bytesSize(await readFile(path));

/** As `fileSize`, of bytes in memory. */
export const bytesSize = (content) => ({
  raw: content.length,
  gzip: gzipSync(content, { level: 9 }).length,
  brotli: brotliCompressSync(content).length,
});

/** Writes sizes for people; 1 kB is 1000 bytes. */
export function shownSize({ raw, gzip, brotli }) {
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  return `${kb(raw)}, ${kb(gzip)} gzip, ${kb(brotli)} brotli`;
}
