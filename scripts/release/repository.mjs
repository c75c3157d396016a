// Writes down where this is published from: `npm run repository -- https://github.com/OWNER/NAME`.
//
// npm's provenance wants `repository` to be the place that the workflow ran in, and a fork is published from its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const [url] = process.argv.slice(2);
if (!/^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(url ?? '')) throw new Error('it wants an address such as https://github.com/OWNER/NAME');

const cargo = join(root, 'Cargo.toml');
writeFileSync(cargo, readFileSync(cargo, 'utf8').replace(/^repository = ".*"$/m, `repository = "${url}"`));
const file = join(root, 'web', 'package.json');
const text = readFileSync(file, 'utf8');
const repository = `  "repository": { "type": "git", "url": "git+${url}.git", "directory": "web" },`;
const without = text.replace(/^ {2}"repository": .*\n/m, '');
writeFileSync(file, without.replace(/^ {2}"license": .*$/m, (license) => `${license}\n${repository}`));
console.log(`repository is ${url} in Cargo.toml and web/package.json`);
