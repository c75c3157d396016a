// Stands between Worker and gateway, and spoils what the script says. Remembers what the Worker was given.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { whenDone } from '../stack/cleanup.mjs';

/** Starts a proxy in front of a gateway. Until told otherwise everything passes. */
export async function startProxy(gateway) {
  const proxy = new Proxy(gateway);
  await proxy.start();
  return proxy;
}

class Proxy {
  /** Every request that came, as `{ url, command, commands, keys }`, of a pipeline the first command and how many there are. */
  requests = [];
  /** The texts of every MGET reply that went back whole, as a map of keys. */
  readings = [];
  #gateway;
  #server;
  #next = [];
  #always;
  #scope;

  constructor(gateway) {
    this.#gateway = gateway;
    this.token = gateway.token;
  }

  async start() {
    this.#server = createServer((request, response) => this.#serve(request, response).catch(() => response.destroy()));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    whenDone(async () => {
      this.#server.closeAllConnections();
      await new Promise((resolve) => this.#server.close(resolve));
    });
  }

  /** Reads of pools and bins that came so far. */
  get reads() {
    return this.requests.filter(isRead);
  }

  /** The next reads of pools and bins meet these faults, one each; then all passes. */
  nextReads(...faults) {
    this.#next = faults;
    this.#always = undefined;
  }

  /** Every read of pools and bins meets this fault. */
  everyRead(fault) {
    [this.#next, this.#always, this.#scope] = [[], fault, isRead];
  }

  /** Every request meets this fault. */
  everything(fault) {
    [this.#next, this.#always, this.#scope] = [[], fault, () => true];
  }

  /** Lets all pass again. */
  heal() {
    this.nextReads();
  }

  async #serve(request, response) {
    response.on('error', () => {});
    const body = Buffer.concat(await Array.fromAsync(request));
    const [first, ...rest] = JSON.parse(body);
    const commands = Array.isArray(first) ? rest.length + 1 : 1;
    const seen = { url: request.url, command: [first].flat()[0], commands, keys: Array.isArray(first) ? [] : rest };
    this.requests.push(seen);
    const forward = async () => {
      const answer = await fetch(this.#gateway.url + request.url, { method: 'POST', headers: pick(request.headers), body });
      return { status: answer.status, headers: { 'content-type': 'application/json' }, body: Buffer.from(await answer.arrayBuffer()) };
    };
    const fault = isRead(seen) && this.#next.length > 0 ? this.#next.shift() : this.#always && this.#scope(seen) ? this.#always : pass;
    await fault({ request: seen, response, forward, send: (answer) => this.#send(seen, response, answer) });
  }

  #send({ command, keys }, response, { status, headers, body }) {
    const texts = command === 'MGET' ? textsOf(plain(headers['content-encoding'], body)) : undefined;
    if (texts?.length === keys.length) this.readings.push(new Map(keys.map((key, index) => [key, texts[index]])));
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  }
}

const pick = ({ authorization }) => ({ authorization, 'content-type': 'application/json' });

const isRead = ({ url, command, keys }) => url === '/' && command === 'MGET' && keys.some((key) => key.startsWith('bin:'));

const pass = async ({ forward, send }) => send(await forward());

const plain = (encoding, body) => (encoding === 'gzip' ? gunzipSync(body) : encoding === 'br' ? brotliDecompressSync(body) : body);

function textsOf(body) {
  try {
    return JSON.parse(body).result;
  } catch {
    return undefined;
  }
}
