// All the platform's work of a quote and none of its arithmetic: the body and the reply as bytes, a fetch with a deadline
// that a client's leaving ends, and an answer of the usual size with every header of ours. What JavaScript needs for that
// is the floor for any Worker that does the same.
const BODY = new TextEncoder().encode(JSON.stringify({ success: true, amount_out: 498506.650578, steps: 'x'.repeat(1_950) }));

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, x-dlmm-heartbeat, x-dlmm-source, x-request-id',
  'cross-origin-resource-policy': 'cross-origin',
};

export default {
  async fetch(request, env, context) {
    const arrived = Date.now();
    const { signal } = request;
    const asked = new Uint8Array(await request.arrayBuffer());
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), 5_000);
    if (signal) signal.onabort = () => gone.abort();
    const work = (async () => {
      const reply = await fetch(env.UPSTASH_REDIS_REST_URL, {
        method: 'POST',
        headers: { authorization: `Bearer ${env.UPSTASH_REDIS_REST_TOKEN}`, 'content-type': 'application/json' },
        body: env.COMMAND,
        signal: gone.signal,
        redirect: 'manual',
      });
      const read = new Uint8Array(await reply.arrayBuffer());
      clearTimeout(timer);
      const headers = { ...HEADERS, 'x-request-id': crypto.randomUUID(), 'server-timing': `redis;dur=1, total;dur=${Date.now() - arrived}` };
      if (asked.length === 0 || read.length === 0) headers['x-empty'] = 'true';
      return new Response(BODY, { headers });
    })();
    context.waitUntil(work);
    return work;
  },
};
