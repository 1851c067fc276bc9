// Stores the page's files in the browser, so that it works offline after the first visit. Those for the graphics
// processor are stored when they are first used. Publishing writes the page's version into the constant below.
const VERSION = "{version}";
const ours = () => `seedbed ${self.registration.scope} `;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const { files } = await (await fetch("files.json", { cache: "reload" })).json();
      const cache = await caches.open(ours() + VERSION);
      await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith(ours()) && name !== ours() + VERSION);
      await Promise.all(names.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || !event.request.url.startsWith(self.registration.scope)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(ours() + VERSION);
      const known = await cache.match(event.request, { ignoreSearch: true });
      if (known) return known;
      const answer = await fetch(event.request);
      if (answer.status === 200) cache.put(event.request, answer.clone()).catch((error) => console.info(error));
      return answer;
    })(),
  );
});
