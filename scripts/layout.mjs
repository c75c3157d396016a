// How the sources are laid out: no circle of files, no source file too long to read.
//
//   node scripts/layout.mjs         the step `layout` of npm test
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { circlesOf } from './layout/circles.mjs';
import { jsFilesOf } from './layout/js-files.mjs';
import { filesOf } from './layout/rust-files.mjs';
import { root } from './paths.mjs';
import { run } from './process/run.mjs';
import { explain, say, Unusable } from './terminal/steps.mjs';

const CRATES = ['core', 'worker', 'cli', 'web', 'bench', 'fuzz', 'fuzz/model'];

/** Circles that are known and still to be taken apart, a file of each and why. A circle that is gone must go here too. */
const KNOWN_CIRCLES = {};

const SOURCES = /\.(rs|mjs|cjs|js|ts|css|html|py|sh)$/;
const SCRIPTS = /\.(mjs|cjs|js|ts)$/;
const MAX_LINES = 400;
/** What a generated file says in its first lines. */
const GENERATED = /generated/i;

/** Checks everything; throws with all that is wrong. */
export async function checkLayout() {
  const names = await sources();
  const wrong = [...circles(names), ...(await longFiles(names))];
  if (wrong.length > 0) throw new Unusable(wrong.join('\n'));
  say('No circle of files, and no source file too long.');
}

async function sources() {
  const names = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })).split('\n');
  return names.filter((name) => SOURCES.test(name) && existsSync(join(root, name)));
}

function circles(names) {
  const roots = CRATES.flatMap((crate) => ['lib.rs', 'main.rs'].map((name) => join(root, crate, 'src', name))).filter(existsSync);
  const graphs = [...roots.map(filesOf), jsFilesOf(names.filter((name) => SCRIPTS.test(name)).map((name) => join(root, name)))];
  const found = graphs.flatMap(circlesOf).map((circle) => circle.map((file) => relative(root, file)));
  const known = (circle) => circle.some((file) => file in KNOWN_CIRCLES);
  const gone = Object.keys(KNOWN_CIRCLES).filter((file) => !found.some((circle) => circle.includes(file)));
  return [
    ...found.filter((circle) => !known(circle)).map((circle) => `These files use each other in a circle: ${circle.join(', ')}`),
    ...gone.map((file) => `${file} is in no circle any more: take it out of KNOWN_CIRCLES.`),
  ];
}

async function longFiles(names) {
  const wrong = await Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(join(root, name), 'utf8')).split('\n');
      const length = lines.at(-1) === '' ? lines.length - 1 : lines.length;
      if (length <= MAX_LINES || GENERATED.test(lines.slice(0, 5).join('\n'))) return [];
      return [`${name} has ${length} lines; ${MAX_LINES} are the most.`];
    }),
  );
  return wrong.flat();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await checkLayout();
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
