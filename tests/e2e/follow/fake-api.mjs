// An API of the chain that serves blocks as pages: blocks, logs of a contract by cursor, transactions. A test changes what it
// serves between two requests, and lets requests fail.
import { createServer } from 'node:http';
import { whenDone } from '../stack/cleanup.mjs';

/** `2147483647`: a transaction of a block of its own, and not of a microblock. */
const ANCHORED = 2147483647;

/**
 * Starts it with a chain: bodies of `/new_block`, from the oldest on.
 *
 * `state.chain` may be replaced at any time. `state.before` is called with each path before it is answered and may answer
 * itself: `{ status, headers }`. `state.change` may change an answer. `state.logsTo` is the height
 * above which there are no logs yet. `state.paths` are the paths that were asked for.
 */
export async function startFakeApi(core, chain) {
  const state = { chain, before: () => undefined, paths: [], limit: Infinity, logsTo: Infinity, change: (_, answer) => answer };

  /** All logs of the core, the oldest first, as `{ cursor, entry }`. */
  const logs = () =>
    state.chain.filter(({ block_height }) => block_height <= state.logsTo).flatMap(({ block_height, transactions, events }) => {
      const committed = events.filter(({ committed, contract_event }) => committed && contract_event.contract_identifier === core);
      return committed
        .map(({ txid, event_index, contract_event: { contract_identifier, topic, raw_value } }) => {
          const { tx_index } = transactions.find((one) => one.txid === txid);
          const contract_log = { contract_id: contract_identifier, topic, value: { hex: raw_value, repr: '' } };
          const entry = { event_index, event_type: 'smart_contract_log', tx_id: txid, contract_log };
          return { order: [tx_index, event_index], cursor: `${block_height}:${ANCHORED}:${tx_index}:${event_index}`, entry };
        })
        .sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
    });

  const blockOf = ({ block_height, block_hash, index_block_hash, parent_index_block_hash, block_time }) => ({
    canonical: true,
    height: block_height,
    hash: block_hash,
    index_block_hash,
    parent_index_block_hash,
    block_time,
    burn_block_time: block_time,
  });

  const answers = [
    [/^\/extended\/v2\/blocks$/, (_, query) => {
      const [limit, offset] = [Number(query.get('limit')), Number(query.get('offset'))];
      const newest = [...state.chain].reverse();
      return { limit, offset, total: newest.length, results: newest.slice(offset, offset + limit).map(blockOf) };
    }],
    [/^\/extended\/v2\/blocks\/(0x[0-9a-f]+)$/, ([hash]) => {
      const block = state.chain.find(({ index_block_hash }) => index_block_hash === hash);
      if (block !== undefined) return blockOf(block);
      const left = state.left?.find(({ index_block_hash }) => index_block_hash === hash);
      return left && { ...blockOf(left), canonical: false };
    }],
    [/^\/extended\/v2\/smart-contracts\/([^/]+)\/logs$/, ([contract], query) => {
      if (contract !== core) return undefined;
      const newest = logs().reverse();
      const limit = Math.min(Number(query.get('limit')), state.limit);
      const cursor = query.get('cursor');
      const from = cursor === null ? 0 : newest.findIndex((log) => log.cursor === cursor);
      // As the real one: the cursor must be that of an event that is there.
      if (from < 0) return undefined;
      const page = newest.slice(from, from + limit);
      return {
        limit, offset: 0, total: newest.length,
        next_cursor: newest[from - limit]?.cursor ?? null,
        prev_cursor: newest[from + limit]?.cursor ?? null,
        cursor: page[0]?.cursor ?? null,
        results: page.map(({ entry }) => entry),
      };
    }],
    [/^\/extended\/v1\/tx\/(0x[0-9a-f]+)$/, ([txid]) => {
      const block = state.chain.find(({ transactions }) => transactions.some((one) => one.txid === txid));
      if (block === undefined) return undefined;
      const { tx_index, status } = block.transactions.find((one) => one.txid === txid);
      return { tx_id: txid, tx_status: status, tx_index, canonical: true, microblock_canonical: true, block_hash: block.block_hash, block_height: block.block_height };
    }],
  ];

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://api');
    state.paths.push(request.url);
    state.headers = request.headers;
    const own = state.before(request.url);
    if (own !== undefined) {
      response.writeHead(own.status, own.headers ?? {}).end(own.body ?? '{}');
      return;
    }
    let answer;
    for (const [path, give] of answers) {
      const found = url.pathname.match(path);
      if (found !== null) answer = give(found.slice(1), url.searchParams);
    }
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    if (answer !== undefined) answer = state.change(request.url, answer);
    response.end(JSON.stringify(answer ?? { error: 'not found' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.close());
  return Object.assign(state, { url: `http://127.0.0.1:${server.address().port}` });
}
