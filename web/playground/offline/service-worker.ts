// Keeps the page itself for visits without a network. Quotes and snapshots never pass through here.
/** The files of this build, and a name that is another one for every build; both set by scripts/build-site.mjs. */
declare const SHELL: string[];
declare const BUILD: string;

/** What `self` is here; the compiler only knows of workers in general. */
const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `dlmm-shell-${BUILD}`;

worker.addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    // Past the browser's cache, so that a new build is not filled with old files.
    await cache.addAll(SHELL.map((path) => new Request(path, { cache: 'no-cache' })));
    await worker.skipWaiting();
  };
  event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('dlmm-shell-') && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || !SHELL.includes(url.pathname)) return;
  event.respondWith(request.mode === 'navigate' ? networkFirst(request) : cacheFirst(request));
});

/** The page: the newest there is. */
async function networkFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    // The query holds the trade, not the page.
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** Its parts: their names change with their content. */
async function cacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
