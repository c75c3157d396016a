// Real parts for end-to-end tests: redis-server, `dlmm gateway`, and the built Worker under workerd.
//
//     const redis = await startRedis();
//     const gateway = await startGateway({ redisUrl: redis.url });
//     const worker = await startWorker({ vars: upstashVars(gateway) });
//     const answer = await worker.fetch('/quote?token_in=BTC&token_out=USDC&amount_in=1.0');
//
// Everything listens on 127.0.0.1 on a free port and is stopped when the tests of the file are over.
export { freePort } from '../../../scripts/stack/free-port.mjs';
export { startGateway } from './gateway.mjs';
export { startRedis } from './redis.mjs';
export { startWorker } from './worker.mjs';

/** The variables with which a Worker finds a gateway. */
export function upstashVars({ url, token }) {
  return { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token };
}
