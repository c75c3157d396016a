// A server that answers as its script says: for faults that no real Redis or gateway gives on demand.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { whenDone } from '../stack/cleanup.mjs';

/** What a healthy database answers to the pipeline that /health sends first. */
export const HEALTHY = JSON.stringify([{ result: 'PONG' }, { result: 3 }, { result: 'redis_version:7.0.15\r\n' }]);

const POOL = { pool_id: 'P', token_x: 'A', token_y: 'B', active_bin_id: 500, status: 'active', last_updated: 1 };

/** Tells the request that asks Redis how it is from those that list and read pools. */
export const isPing = ({ body }) => body.startsWith('[["PING"]');

/** Answers as a healthy database with one pool. */
export function answerHealthy(request, response) {
  const [command] = [JSON.parse(request.body)].flat(2);
  const replies = {
    PING: HEALTHY,
    SMEMBERS: JSON.stringify([{ result: ['P'] }, { result: ['1', null, null, null] }, { result: 3 }]),
    SCARD: JSON.stringify([{ result: 1 }, { result: ['1', null, null, null] }, { result: 3 }]),
    SCAN: JSON.stringify({ result: ['0', ['pool:P']] }),
    MGET: JSON.stringify({ result: [JSON.stringify(POOL)] }),
  };
  send(response, 200, replies[command]);
}

/**
 * Starts a server on a free port.
 *
 * @param {(request: { url, headers, body }, response: import('node:http').ServerResponse, count: number) => void} answer
 *   gets the request, the response to write, and how many requests came before
 */
export async function startScriptedServer(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request) body += chunk;
    } catch (error) {
      // A Worker that is stopped breaks off what it sends in the background.
      if (error.code === 'ECONNRESET') return;
      throw error;
    }
    const seen = { url: request.url, method: request.method, headers: request.headers, body };
    requests.push(seen);
    response.on('error', () => {});
    answer(seen, response, requests.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenDone(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, token: 'scripted-token', requests };
}

/** Sends a whole answer. */
export function send(response, status, body, headers = { 'content-type': 'application/json' }) {
  response.writeHead(status, headers);
  response.end(body);
}
