// The same request to Redis as the engine makes, the reply read as text, and a constant answer.
export default {
  async fetch(_, env) {
    const headers = { authorization: `Bearer ${env.UPSTASH_REDIS_REST_TOKEN}`, 'content-type': 'application/json' };
    const reply = await fetch(env.UPSTASH_REDIS_REST_URL, { method: 'POST', headers, body: env.COMMAND });
    return Response.json({ success: true, amount_out: 498506.650578, read: (await reply.text()).length });
  },
};
