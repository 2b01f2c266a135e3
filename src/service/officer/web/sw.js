// Keeps the page, its words and the verifier for use without a network. Lists are the page's own matter: they count
// when the verifier believes them, and are never taken from here.

const VERSION = "{{version}}";
const CACHE = `vaccert-officer-${VERSION}`;
const FILES = "{{files}}".split(" ");

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("vaccert-officer-") && name !== CACHE;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin || !FILES.includes(address.pathname)) return;
  event.respondWith(
    caches.open(CACHE)
      .then((cache) => cache.match(address.pathname))
      .then((kept) => kept ?? fetch(request)),
  );
});
