// Stands between `dlmm` and its Redis, so that a test can do something at the one moment that it is about.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { whenDone } from '../stack/cleanup.mjs';

/**
 * Passes everything on, command by command as it is sent. `onCommand(text)` is waited for before a command goes on to Redis;
 * what it gives, if anything, is answered in place of Redis. Gives the address to use instead.
 *
 * A command comes only when the reply to the one before was read, so what happens here happens between the two.
 */
export async function standBetween(redis, onCommand) {
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(redis.port, '127.0.0.1');
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    upstream.on('data', (reply) => client.write(reply));
    let before = Promise.resolve();
    client.on('data', (command) => {
      before = before.then(async () => {
        const instead = await onCommand(command.toString('latin1'));
        if (instead === undefined) upstream.write(command);
        else client.write(instead);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenDone(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return `redis://127.0.0.1:${server.address().port}`;
}

/** Whether a command, as it is sent, is this one with these arguments in front. */
export const isCommand = (sent, ...words) => sent.includes(words.map((word) => `$${word.length}\r\n${word}\r\n`).join(''));
