// A node that answers read-only calls from a checkpoint of the recording.
import { createServer } from 'node:http';
import { Cl, cvToHex, hexToCV } from '@stacks/transactions';
import { whenDone } from '../stack/cleanup.mjs';

/** The factor tables of the recording, by bin step. */
function tables({ core, transactions }) {
  const steps = {};
  for (const { events } of transactions) {
    for (const { contract, raw_value } of events) {
      if (contract !== core) continue;
      const { value } = hexToCV(raw_value);
      if (value.action?.value !== 'add-bin-step') continue;
      steps[value.data.value.step.value] = value.data.value.factors;
    }
  }
  return steps;
}

/** Starts it. `state.pools` are a checkpoint's; a test may change them. Counts `reads`, by tip. */
export async function startFakeNode(recording, state) {
  const steps = tables(recording);
  const reads = {};
  const tokens = state.tokens ?? {};
  const poolOf = (contract) => state.pools.find((pool) => pool.contract === contract);
  const functions = {
    'get-last-pool-id': () => Cl.ok(Cl.uint(state.pools.length)),
    'get-bin-steps': () => Cl.ok(Cl.list(Object.keys(steps).map((step) => Cl.uint(step)))),
    'get-bin-factors-by-step': (_, [step]) => Cl.ok(Cl.some(steps[step.value])),
    'get-pool-by-id': (_, [id]) => {
      const pool = state.pools.find(({ get_pool }) => get_pool['pool-id'] === String(id.value));
      if (pool === undefined) return Cl.ok(Cl.none());
      const [address, name] = pool.contract.split('.');
      return Cl.ok(Cl.some(Cl.tuple({ id, 'pool-contract': Cl.contractPrincipal(address, name), status: Cl.bool(pool.status) })));
    },
    'get-pool': (contract) => {
      const { get_pool } = poolOf(contract);
      const fields = {};
      for (const [name, text] of Object.entries(get_pool)) {
        if (name.endsWith('-token')) fields[name] = Cl.contractPrincipal(...text.split('.'));
        else fields[name] = name === 'active-bin-id' ? Cl.int(text) : Cl.uint(text);
      }
      return Cl.ok(Cl.tuple(fields));
    },
    'get-bin-balances': (contract, [id]) => {
      const { x, y } = poolOf(contract).bins.find(({ bin_id }) => String(bin_id) === String(id.value)) ?? { x: 0, y: 0 };
      return Cl.ok(Cl.tuple({ 'x-balance': Cl.uint(x), 'y-balance': Cl.uint(y), 'bin-shares': Cl.uint(0) }));
    },
    'get-symbol': (contract) => Cl.ok(Cl.stringAscii(tokens[contract].symbol)),
    'get-decimals': (contract) => Cl.ok(Cl.uint(tokens[contract].decimals)),
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const url = new URL(request.url, 'http://node');
    const [, address, name, call] = url.pathname.match(/^\/v2\/contracts\/call-read\/([^/]+)\/([^/]+)\/([^/]+)$/) ?? [];
    const tip = url.searchParams.get('tip');
    reads[tip] = (reads[tip] ?? 0) + 1;
    if (state.down || functions[call] === undefined) {
      response.writeHead(state.down ? 503 : 404).end('{}');
      return;
    }
    const value = functions[call](`${address}.${name}`, JSON.parse(body).arguments.map((hex) => hexToCV(hex)));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ okay: true, result: `0x${cvToHex(value).replace(/^0x/, '')}` }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, reads };
}
