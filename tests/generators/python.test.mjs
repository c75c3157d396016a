// The client that openapi-python-client makes: every call to a running Worker.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../scripts/process/run.mjs';
import { ensureOpenapiPythonClient } from '../../scripts/tools/python-tool.mjs';
import { ADMIN_TOKEN, DESCRIPTION, startEdge, workplace } from './description.mjs';

const PROGRAM = `
import os
from dlmm_quote_engine_client import AuthenticatedClient
from dlmm_quote_engine_client.api.offline import get_snapshot
from dlmm_quote_engine_client.api.operation import clear_cache, get_health, get_metrics
from dlmm_quote_engine_client.api.pools import get_pairs, get_pool, get_pools, get_routes, get_tokens
from dlmm_quote_engine_client.api.quotes import get_quote, post_quote, post_quotes
from dlmm_quote_engine_client.models import QuoteBatch, QuoteRequest

client = AuthenticatedClient(base_url=os.environ["EDGE"], token="${ADMIN_TOKEN}")
named = ["BTC-USDC-25", "SOL-USDC-25"]
request = QuoteRequest(token_in="BTC", token_out="USDC", amount_in="1.0", max_hops=1)

def say(name, answer, what=None):
    print(name, int(answer.status_code), *([] if what is None else [what]))

got = get_quote.sync_detailed(client=client, token_in="BTC", token_out="USDC", amount_in="1.0", max_hops=1, pools=named)
say("get_quote", got, got.parsed.amount_out_atomic)
posted = post_quote.sync_detailed(client=client, body=request)
say("post_quote", posted, posted.parsed.amount_out_atomic)
batch = post_quotes.sync_detailed(client=client, body=QuoteBatch(requests=[request, request]))
say("post_quotes", batch, len(batch.parsed.answers))
say("get_routes", get_routes.sync_detailed(client=client, token_in="BTC", token_out="USDC"))
say("get_pools", get_pools.sync_detailed(client=client, limit=2))
say("get_pool", get_pool.sync_detailed("BTC-USDC-25", client=client))
say("get_pairs", get_pairs.sync_detailed(client=client))
say("get_tokens", get_tokens.sync_detailed(client=client))
say("get_snapshot", get_snapshot.sync_detailed(client=client, pools=named))
say("get_health", get_health.sync_detailed(client=client))
say("get_metrics", get_metrics.sync_detailed(client=client))
say("clear_cache", clear_cache.sync_detailed(client=client))
refused = post_quote.sync_detailed(client=client, body=QuoteRequest(token_in="NONE", token_out="USDC", amount_in=1))
say("refused", refused, refused.parsed.error.code)
`;

test('openapi-python-client', async () => {
  const tool = await ensureOpenapiPythonClient();
  const [url, folder] = [await startEdge(), await workplace()];
  const PATH = `${dirname(tool)}:${process.env.PATH}`;
  await run(tool, ['generate', '--path', DESCRIPTION, '--output-path', join(folder, 'client'), '--fail-on-warning'], { env: { PATH } });
  await writeFile(join(folder, 'client', 'calls.py'), PROGRAM);
  const said = await run(join(dirname(tool), 'python'), ['calls.py'], { cwd: join(folder, 'client'), env: { EDGE: url } });
  assert.deepEqual(said.trim().split('\n'), [
    ...['get_quote 200 99900000000', 'post_quote 200 99900000000', 'post_quotes 200 2', 'get_routes 200', 'get_pools 200', 'get_pool 200', 'get_pairs 200', 'get_tokens 200'],
    ...['get_snapshot 200', 'get_health 200', 'get_metrics 200', 'clear_cache 200', 'refused 404 UNKNOWN_TOKEN'],
  ]);
});
