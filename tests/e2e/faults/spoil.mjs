// Faults for the proxy: each takes one exchange and does to it what networks, edges and servers do.
import { brotliCompressSync, gzipSync } from 'node:zlib';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Never answers; tells the connection's end. */
export const drop = ({ response, request }) => {
  request.closed = new Promise((resolve) => response.on('close', resolve));
};

/** Resets the connection before a byte of the answer. */
export const resetBefore = ({ response }) => response.socket.resetAndDestroy();

/** Resets the connection amid the body. */
export const resetAmid = async ({ response, forward }) => {
  const { body } = await forward();
  response.writeHead(200, { ...JSON_TYPE, 'content-length': body.length });
  response.write(body.subarray(0, body.length / 2), () => response.socket.resetAndDestroy());
};

/** Ends a body of unknown length too early, without the mark that ends it. */
export const breakOff = async ({ response, forward }) => {
  const { body } = await forward();
  response.writeHead(200, JSON_TYPE);
  response.write(body.subarray(0, body.length / 2), () => response.socket.destroy());
};

/** Answers after a while. */
export const delay = (ms) => async ({ forward, send }) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  send(await forward());
};

/** Sends headers, then a byte of the body a second. */
export const trickle = async ({ response, forward }) => {
  const { body } = await forward();
  response.writeHead(200, { ...JSON_TYPE, 'content-length': body.length });
  let at = 0;
  const timer = setInterval(() => response.write(body.subarray(at, (at += 1))), 1_000);
  response.on('close', () => clearInterval(timer));
};

/** Answers with this status and body instead. */
export const answer = (status, body, headers = JSON_TYPE) => ({ response }) => {
  response.writeHead(status, headers);
  response.end(body);
};

/** Bends the body that the gateway gave, and sends it with a length that fits. */
export const body = (bend, headers = {}) => async ({ forward, send }) => {
  const answered = await forward();
  send({ ...answered, headers: { ...answered.headers, ...headers }, body: Buffer.from(bend(answered.body)) });
};

/** Bends the list of values in the reply. */
export const values = (bend) => body((text) => {
  const reply = JSON.parse(text);
  return JSON.stringify({ ...reply, result: bend(reply.result) });
});

export const gzip = body(gzipSync, { 'content-encoding': 'gzip' });
export const brotli = body(brotliCompressSync, { 'content-encoding': 'br' });

const TWENTY_MB = 20 * 1024 * 1024;
const large = () => Buffer.concat([Buffer.from('{"result":["'), Buffer.alloc(TWENTY_MB, 'x'), Buffer.from('"]}')]);

/** 20 MB, declared. */
export const tooLarge = body(large);

/** 20 MB of unknown length. */
export const tooLargeInPieces = ({ response }) => {
  response.writeHead(200, JSON_TYPE);
  response.end(large());
};

/** 20 MB that look like 20 kB. */
export const bomb = body(() => gzipSync(large()), { 'content-encoding': 'gzip' });
