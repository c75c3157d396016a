// With Upstash's own client, as its documentation shows it: MGET, values parsed by the client, a swap on floats.
import { Redis } from '@upstash/redis/cloudflare';
import { quote } from './float-walk.mjs';

export default {
  async fetch(request, env) {
    const { amount_in } = await request.json();
    const redis = Redis.fromEnv(env);
    const [, ...keys] = JSON.parse(env.COMMAND);
    return Response.json(quote(await redis.mget(...keys), Number(amount_in)));
  },
};
