// A Worker under workerd alone, as it runs on Cloudflare's machines: no wrangler, no miniflare between it and its clients.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { root, targetDir, workerBuild } from '../../paths.mjs';
import { Service } from '../../process/service.mjs';
import { freePort } from '../../stack/free-port.mjs';

const folder = join(targetDir, 'bench', 'edge');

/** The engine's own build. */
export const ENGINE = { modules: '(name = "index.js", esModule = embed "/index.js"), (name = "index_bg.wasm", wasm = embed "/index_bg.wasm")', folder: workerBuild };

/** Bundles one of the Workers beside it. */
export async function bundled(name) {
  const entry = join(root, 'scripts', 'bench', 'edge', 'workers', `${name}.mjs`);
  const outfile = join(folder, `${name}.js`);
  await build({ entryPoints: [entry], outfile, bundle: true, minify: true, format: 'esm', conditions: ['workerd', 'worker', 'browser'], logLevel: 'silent' });
  return { modules: `(name = "index.js", esModule = embed "/${name}.js")`, folder };
}

export class Workerd {
  #service;

  /** Starts a Worker with variables, and waits until it listens: its isolate has served no request then. */
  static async start(name, { modules, folder: imports }, vars) {
    const { default: command } = createRequire(join(root, 'package.json'))('workerd');
    const workerd = new Workerd();
    workerd.port = await freePort();
    await mkdir(folder, { recursive: true });
    const config = join(folder, `${name}.capnp`);
    await writeFile(config, await configuration(modules, vars, workerd.port));
    workerd.#service = new Service({ name: `workerd ${name}`, command, args: ['serve', config, '-I', imports] });
    workerd.url = `http://127.0.0.1:${workerd.port}`;
    await workerd.#listens();
    return workerd;
  }

  get pid() {
    return this.#service.pid;
  }

  async #listens() {
    let ended;
    this.#service.ended.then(({ how }) => (ended = how));
    for (let tries = 0; tries < 600 && ended === undefined; tries += 1) {
      if (await accepts(this.port)) return;
      await sleep(25);
    }
    throw new Error(`workerd does not listen (${ended ?? 'still starting'}):\n${this.#service.log.join('\n')}`);
  }

  stop() {
    return this.#service.stop();
  }
}

async function configuration(modules, vars, port) {
  const wrangler = await readFile(join(root, 'wrangler.toml'), 'utf8');
  const [, date] = wrangler.match(/^compatibility_date = "(.+)"$/m);
  const [, flags] = wrangler.match(/^compatibility_flags = (\[.+\])$/m);
  const bindings = Object.entries(vars).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (modules = [${modules}], compatibilityDate = "${date}", compatibilityFlags = ${flags}, bindings = [${bindings.join(', ')}]);
`;
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
