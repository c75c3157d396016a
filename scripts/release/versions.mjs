// One version everywhere: `npm run versions` compares, `npm run versions -- v0.2.0` also with a tag, `-- --set 0.2.0` writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../paths.mjs';

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
  ['README.md', /`dlmm-quote-(\d+\.\d+\.\d+)\.tgz`/],
  ['docs/openapi.json', /"info": \{[^}]*?"version": "([^"]+)"/],
  ['docs/cli.md', /dist\/dlmm-(\d+\.\d+\.\d+)-/],
];

/** The version in a text; throws where none stands, so that nothing is ever named after `undefined`. */
export function versionIn(text, file, pattern) {
  const [, version] = text.match(pattern) ?? [];
  if (version === undefined) throw new Error(`${file} has no version where ${pattern} looks for it`);
  return version;
}

/** The version of every place. */
export const versions = () => PLACES.map(([file, pattern]) => ({ file, version: versionIn(readFileSync(join(root, file), 'utf8'), file, pattern) }));

/** Those places that do not say this version. */
export const others = (version) => versions().filter((place) => place.version !== version);

function set(version) {
  for (const [file, pattern] of PLACES) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(pattern, (whole, old) => whole.replace(old, version)));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [first, second] = process.argv.slice(2);
  if (first === '--set') {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(second ?? '')) throw new Error('--set wants a version such as 0.2.0');
    set(second);
    console.log('Now run: cargo update --workspace --offline (the lock file names the version too)');
  }
  const wanted = first === '--set' ? second : (first?.replace(/^v/, '') ?? versions()[0].version);
  const wrong = others(wanted);
  for (const { file, version } of wrong) console.error(`${file} says ${version}, not ${wanted}`);
  console.log(wrong.length === 0 ? `${wanted} everywhere` : `${wrong.length} places differ`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
