// `npm run archives`: the command line as an archive for one system, with manual pages, completions and checksums.
//
//   npm run archives                                       for this machine, into dist/
//   npm run archives -- --target aarch64-apple-darwin      for another target that cargo can build
//   npm run archives -- --bin target/debug/dlmm --out DIR  of a command that is built already
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root, targetDir } from '../paths.mjs';
import { endOnSignals } from '../process/groups.mjs';
import { run } from '../process/run.mjs';
import { explain, say } from '../terminal/steps.mjs';
import { versions } from './versions.mjs';

const SHELLS = { bash: 'dlmm.bash', zsh: '_dlmm', fish: 'dlmm.fish' };

/** The target of this machine's compiler. */
async function hostTarget() {
  const [, host] = (await run('rustc', ['-vV'])).match(/^host: (.+)$/m);
  return host;
}

async function build(target) {
  await run('cargo', ['build', '--release', '--locked', '-p', 'dlmm-cli', '--target', target], { cwd: root, label: 'cargo build' });
  return join(targetDir, target, 'release', target.includes('windows') ? 'dlmm.exe' : 'dlmm');
}

/** Fills the folder of an archive. Pages and completions are written by `helper`, which this machine can run. */
async function fill(folder, { bin, helper }) {
  mkdirSync(join(folder, 'completions'), { recursive: true });
  const command = join(folder, basename(bin));
  copyFileSync(bin, command);
  chmodSync(command, 0o755);
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE', 'CHANGELOG.md']) copyFileSync(join(root, file), join(folder, file));
  copyFileSync(join(root, 'cli', 'README.md'), join(folder, 'README.md'));
  for (const [shell, file] of Object.entries(SHELLS)) writeFileSync(join(folder, 'completions', file), await run(helper, ['completions', shell]));
  await run(helper, ['man', '--out', join(folder, 'man')]);
}

/** The same bytes for the same content, where tar can do that. */
const REPRODUCIBLE = process.platform === 'linux' ? ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'] : [];

/** Makes the archive of one target and gives its path. */
export async function makeArchive({ target, bin, out = join(root, 'dist') } = {}) {
  const host = await hostTarget();
  target ??= host;
  bin ??= await build(target);
  // Another system's command does not run here; this system's writes the same pages.
  const helper = target === host ? bin : await build(host);
  const name = `dlmm-${versions()[0].version}-${target}`;
  const work = mkdtempSync(join(tmpdir(), 'dlmm-archive-'));
  try {
    await fill(join(work, name), { bin, helper });
    mkdirSync(out, { recursive: true });
    const archive = join(out, `${name}.${target.includes('windows') ? 'zip' : 'tar.gz'}`);
    if (target.includes('windows')) await run('tar', ['-a', '-cf', archive, '-C', work, name]);
    else await run('tar', [...REPRODUCIBLE, '-czf', archive, '-C', work, name], { env: { ...process.env, GZIP: '-n' } });
    writeChecksums(out);
    return archive;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** SHA256SUMS of every archive that is there, as sha256sum reads it. */
export function writeChecksums(folder) {
  const archives = readdirSync(folder).filter((file) => /\.(tar\.gz|zip)$/.test(file)).sort();
  const line = (file) => `${createHash('sha256').update(readFileSync(join(folder, file))).digest('hex')}  ${file}\n`;
  writeFileSync(join(folder, 'SHA256SUMS'), archives.map(line).join(''));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    const { values } = parseArgs({ options: { target: { type: 'string' }, bin: { type: 'string' }, out: { type: 'string' } } });
    const { target, bin, out } = values;
    if (bin !== undefined && !existsSync(bin)) throw new Error(`${bin} is not there`);
    say(await makeArchive({ target, bin: bin && resolve(bin), out: out && resolve(out) }));
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
