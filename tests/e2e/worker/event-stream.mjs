// A stream of the Worker as a client reads it: events one by one, and what Redis is told to make them come.
import assert from 'node:assert/strict';
import { eventually } from './market.mjs';

const open = new Set();

/** Ends all streams that a test has left open. */
export function closeStreams() {
  open.forEach((stream) => stream.close());
}

/**
 * Opens a stream. `events` fills as they come; the stream goes on until `close`, or until the Worker ends it. `id` of an event
 * is the count in it, `lastEventId` the text that a client sends back.
 */
export async function openStream(worker, path, { headers, paused = false } = {}) {
  const controller = new AbortController();
  const response = await worker.fetch(path, { headers, signal: controller.signal });
  const stream = new EventStream(response, controller);
  open.add(stream);
  if (response.status === 200 && !paused) stream.read();
  return stream;
}

class EventStream {
  events = [];
  comments = 0;
  retry = undefined;
  /** How the body ended: `whole`, or `broken`; none while it goes on. */
  ended = undefined;
  #controller;

  constructor(response, controller) {
    this.response = response;
    this.status = response.status;
    this.#controller = controller;
  }

  async read() {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const bytes of this.response.body) {
        text += decoder.decode(bytes, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop();
        blocks.forEach((block) => this.#take(block));
      }
      this.ended = 'whole';
    } catch {
      this.ended = 'broken';
    }
  }

  #take(block) {
    const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]));
    if ('retry' in fields) this.retry = Number(fields.retry);
    if ('event' in fields) this.events.push({ at: Date.now(), event: fields.event, id: parseInt(fields.id, 10), lastEventId: fields.id, data: JSON.parse(fields.data), text: fields.data });
    else this.comments += 1;
  }

  /** The first event from `from` on that fits, once there is one. */
  async next(fits = () => true, from = 0) {
    return eventually(async () => {
      assert.ok(this.ended === undefined || this.events.slice(from).some(fits), `ended ${this.ended}: ${JSON.stringify(this.events).slice(-500)}`);
      return this.events.slice(from).find(fits);
    }, 15_000);
  }

  close() {
    open.delete(this);
    this.#controller.abort();
  }
}

/** Writes texts as a producer does: in one step with the message that tells of them. `keys: false` leaves them out of it. */
export async function publish(redis, pools, texts, { block_height = null, keys = true, more = [] } = {}) {
  const script = `
    local seq = redis.call('HINCRBY', 'metadata', 'seq', 1)
    for at = 3, #ARGV, 2 do redis.call('SET', ARGV[at], ARGV[at + 1]) end
    redis.call('PUBLISH', 'dlmm:changes', '{"seq":' .. seq .. ',' .. ARGV[1])
    if ARGV[2] ~= '' then redis.call('HSET', 'metadata', 'block_height', ARGV[2]) end
    return seq`;
  const message = { block_height, taken_at: new Date().toISOString(), pools, ...(keys && { keys: Object.fromEntries(texts) }) };
  return Number(await redis.command('EVAL', script, 0, JSON.stringify(message).slice(1), block_height ?? '', ...texts.flat(), ...more));
}

/** One connection for many commands. */
export function connected(redis, work) {
  return redis.session((client) => work({ command: (...words) => client.sendCommand(words.map(String)) }));
}

/** A stored bin with another price. */
export async function withPrice(redis, key, price) {
  const text = await redis.command('GET', key);
  return [key, JSON.stringify({ ...JSON.parse(text), price })];
}

/** A number of the Worker's metrics. */
export async function metric(worker, name) {
  const text = await (await worker.fetch('/metrics')).text();
  const line = text.split('\n').find((line) => line.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

/** An answer without what differs between two answers of one state. */
export function settled(answer) {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return text
    .replace(/"request_id":"[^"]*"/, '"request_id":""')
    .replace(/"read_at":"[^"]*"/, '"read_at":""')
    .replace(/"age_ms":(\d+|null)/g, '"age_ms":0');
}

/** Until a message has come, a stream polls; this has one come. */
export async function heard(worker, redis) {
  await eventually(async () => ((await metric(worker, 'dlmm_stream_subscriptions')) === (await metric(worker, 'dlmm_streams')) ? true : undefined));
  await publish(redis, [], []);
}
