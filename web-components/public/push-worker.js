// Shows what the appliance pushed, and opens its page at a click. Its scope is a path where no page is, so that it stands between no
// page and the appliance: without network, or removed, everything else is as it was.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('push', (event) => event.waitUntil(show(event.data)));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data?.path));
});

/** Browsers take the permission back from who shows nothing, so that even a message that cannot be read becomes a note. */
function show(data) {
  const { title, text, tag, severity, state, at, path } = readable(data);
  const isUrgent = state === 'firing' && severity === 'critical';
  return self.registration.showNotification(title ?? 'Message from Reeve', {
    body: text ?? '',
    ...(tag && { tag, renotify: true }),
    ...(at && { timestamp: at }),
    requireInteraction: isUrgent,
    data: { path },
  });
}

function readable(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** The window that shows this page already, or a new one. */
async function openPage(path) {
  const wanted = new URL(typeof path === 'string' ? path : '/', self.location.origin);
  const url = wanted.origin === self.location.origin ? wanted.href : self.location.origin;
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find((each) => each.url === url);
  return open ? open.focus() : self.clients.openWindow(url);
}
