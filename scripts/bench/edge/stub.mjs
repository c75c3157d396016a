// Stands in for Upstash at a constant latency: what it is asked the first time it asks the real gateway, and remembers.
//
//   node stub.mjs GATEWAY_URL LATENCY_MS
//
// Prints its port. `GET /asked` gives what it was asked since the last time: requests, commands, bytes, the last body.
import { createServer } from 'node:http';

const [gateway, latency] = process.argv.slice(2);
const replies = new Map();
const nothing = () => ({ requests: 0, commands: 0, bytes: 0, body: '' });
let asked = nothing();

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(asked));
    asked = nothing();
    return;
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  const { authorization, 'upstash-encoding': encoding } = request.headers;
  const key = `${encoding} ${request.url} ${body}`;
  if (!replies.has(key)) {
    const headers = { 'content-type': 'application/json', authorization, ...(encoding && { 'upstash-encoding': encoding }) };
    const reply = await fetch(new URL(request.url, gateway), { method: 'POST', headers, body });
    replies.set(key, { status: reply.status, commands: commandsOf(body), bytes: Buffer.from(await reply.arrayBuffer()) });
  }
  const { status, commands, bytes } = replies.get(key);
  asked = { requests: asked.requests + 1, commands: asked.commands + commands, bytes: asked.bytes + bytes.length, body };
  setTimeout(() => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
    response.end(bytes);
  }, Number(latency));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

/** A pipeline is a list of commands, one command a list of words. */
function commandsOf(body) {
  const parsed = JSON.parse(body);
  return Array.isArray(parsed[0]) ? parsed.length : 1;
}
