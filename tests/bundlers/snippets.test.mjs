// The code of docs/live.md with the oldest TypeScript and on each Node that the package supports.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';

// Programs of Linux on x64; elsewhere the Nodes that are there have to do.
const nodes = ['node-20', 'node-22'].map((name) => join(root, 'tests/bundlers/node_modules', name, 'bin/node')).filter(existsSync);
process.env.DLMM_NODES = nodes.join(' ');
await import('../npm/client/snippets.test.mjs');
