// A stream goes on for minutes; a press in the reference shows how it begins.

/** How long an answer that goes on is read for. */
const PATIENCE_MS = 5000;

/** As `fetch`, but of server-sent events only what comes up to the end of the first one. */
export async function fetchFirstEvent(url: string, init: RequestInit): Promise<Response> {
  const controller = new AbortController();
  const response = await fetch(url, { ...init, signal: controller.signal });
  const { body, status, headers } = response;
  if (body === null || !headers.get('content-type')?.startsWith('text/event-stream')) return response;
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    while (!/^data:.*\n\n/m.test(text)) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
    }
  } catch {
    // What came within that time is shown.
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
  return new Response(text, { status, headers });
}
