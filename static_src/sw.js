/* The service worker. The server writes one line above this file: `self.dms = {version, offline, files, push}`.

   It keeps one page for the moment without network, and never a page with anybody's data: those are always fetched. */

const CACHE = `dms-${self.dms.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([self.dms.offline, ...self.dms.files])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(self.dms.offline)));
  } else if (self.dms.files.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(new URL(request.url).pathname)));
  }
});

importScripts(self.dms.push);
