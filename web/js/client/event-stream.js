// Server-sent events of a response, one after the other. Not EventSource: that one sends no headers, so a key would stand in the address.
import { createParser } from 'eventsource-parser';
import { Garbled, Lost } from './lost.js';

/** An event of a whole market is some megabytes; what grows beyond this is none of ours. */
const MAX_EVENT_CHARACTERS = 64 * 1024 * 1024;

export const isEventStream = (response) => /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');

/**
 * Hands over each event, and calls `onBytes` for whatever arrives, before it is read, and `onComment` for each comment. Ends with the response.
 *
 * @param {{onBytes: () => void, onComment: () => void, onEvent: (event: {event?: string, data: string, id?: string}) => void, onRetry: (ms: number) => void}} told
 */
export async function readEvents(path, response, { onBytes, onComment, onEvent, onRetry }) {
  const parser = createParser({
    onComment,
    onEvent,
    onRetry,
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new Garbled(path, error);
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw new Lost(path, error);
      });
      if (done) return;
      onBytes();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Lets go of the connection, if it is still there; what that says is of no interest any more.
    reader.cancel().catch(() => undefined);
  }
}
