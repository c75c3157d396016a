import { randomUUID } from 'node:crypto';

/** `1690000000.123456 [0 127.0.0.1:51234] "MGET" "pool:a" "bin:a:500"` */
const LINE = /^(?<time>[\d.]+) \[(?<db>\d+) (?<client>[^\]]*)\] (?<words>.*)$/;

/** What a redis-server was asked, in its order, as its MONITOR tells it. */
export class Monitor {
  #client;
  #send;
  #lines = [];
  #waiters = new Set();

  static async start(client, send) {
    const monitor = new Monitor();
    monitor.#client = client;
    monitor.#send = send;
    await client.monitor((line) => {
      monitor.#lines.push(String(line));
      for (const waiter of monitor.#waiters) waiter(String(line));
    });
    return monitor;
  }

  /**
   * Gives the commands since the start or the last `clear`, each as `{ name, args, client }`, name in capitals.
   *
   * A marker is sent and waited for first, so everything that Redis had run before this call is in the answer.
   */
  async commands() {
    const marker = `marker-${randomUUID()}`;
    const seen = new Promise((resolve) => {
      const waiter = (line) => {
        if (!line.includes(marker)) return;
        this.#waiters.delete(waiter);
        resolve();
      };
      this.#waiters.add(waiter);
    });
    await this.#send('ECHO', marker);
    await seen;
    const parsed = this.#lines.map(parse);
    // The connections that sent the markers said hello too.
    const ours = new Set(parsed.filter(({ args }) => args[0]?.startsWith('marker-')).map(({ client }) => client));
    return parsed.filter(({ client }) => !ours.has(client));
  }

  /** Forgets what was seen so far, everything Redis had run before this call included. */
  async clear() {
    await this.commands();
    this.#lines.length = 0;
  }

  stop() {
    this.#client.destroy();
  }
}

/** Reads one line; words come quoted, with `\"`, `\\`, `\n`, `\r`, `\t`, `\a`, `\b` and `\xHH`. */
export function parse(line) {
  const groups = line.match(LINE)?.groups;
  if (groups === undefined) throw new Error(`not a MONITOR line: ${line}`);
  const words = [...groups.words.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => unescape(word));
  const [name, ...args] = words;
  return { name: name.toUpperCase(), args, client: groups.client };
}

const ESCAPES = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

function unescape(word) {
  const bytes = word.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (_, hex, sign) =>
    hex === undefined ? (ESCAPES[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
