// One version everywhere: `npm run versions` compares, `npm run versions -- v0.2.0` also with a tag, `-- --set 0.2.0` writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../paths.mjs';

/** A version in running text: `0.2.0`, or `0.2.0-rc.1` before it. */
const VERSION = String.raw`\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?`;

/** Where the version stands, each with a pattern whose one group is it. */
export const PLACES = [
  ['Cargo.toml', /^\[workspace\.package\]\nversion = "(.+)"$/m],
  ['Cargo.toml', /^dlmm-core = \{ path = "core", version = "(.+)" \}$/m],
  ['Cargo.toml', /^dlmm-model = \{ path = "fuzz\/model", version = "(.+)" \}$/m],
  ['Cargo.toml', /^dlmm-worker = \{ path = "worker", version = "(.+)" \}$/m],
  ['package.json', /^ {2}"version": "(.+)",$/m],
  ['package-lock.json', /^\{\n {2}"name": ".+",\n {2}"version": "(.+)",$/m],
  ['package-lock.json', /^ {4}"": \{\n {6}"name": ".+",\n {6}"version": "(.+)",$/m],
  ['web/package.json', /^ {2}"version": "(.+)",$/m],
  ['README.md', new RegExp(`\`dlmm-quote-(${VERSION})\\.tgz\``)],
  ['docs/openapi.json', /"info": \{[^}]*?"version": "([^"]+)"/],
  ['docs/cli.md', new RegExp(`tar -xzf dist/dlmm-(${VERSION})-x86_64`)],
  ['docs/cli.md', new RegExp(`install -D dlmm-(${VERSION})-x86_64`)],
];

/** The version in a text; throws where none stands, so that nothing is ever named after `undefined`. */
export function versionIn(text, file, pattern) {
  const [, version] = text.match(pattern) ?? [];
  if (version === undefined) throw new Error(`${file} has no version where ${pattern} looks for it`);
  return version;
}

/** The version of every place. */
export const versions = (folder = root) =>
  PLACES.map(([file, pattern]) => ({ file, version: versionIn(readFileSync(join(folder, file), 'utf8'), file, pattern) }));

/** Those places that do not say this version. */
export const others = (version, folder = root) => versions(folder).filter((place) => place.version !== version);

/** Writes a version into every place. */
export function setVersion(version, folder = root) {
  if (!new RegExp(`^${VERSION}$`).test(version ?? '')) throw new Error('--set wants a version such as 0.2.0 or 0.2.0-rc.1');
  for (const [file, pattern] of PLACES) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(pattern, (whole, old) => whole.replace(old, version)));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [first, second] = process.argv.slice(2);
  if (first === '--set') {
    setVersion(second);
    console.log('Now run: cargo update --workspace --offline (the lock file names the version too)');
  }
  const wanted = first === '--set' ? second : (first?.replace(/^v/, '') ?? versions()[0].version);
  const wrong = others(wanted);
  for (const { file, version } of wrong) console.error(`${file} says ${version}, not ${wanted}`);
  console.log(wrong.length === 0 ? `${wanted} everywhere` : `${wrong.length} places differ`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
