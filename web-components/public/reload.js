// A page whose script did not arrive (Wi-Fi that changed, an appliance that restarts) would stay empty for ever:
// it asks for itself once more, every two seconds. Nothing else of the page runs by then, so nothing is lost.
addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLScriptElement) setTimeout(() => location.reload(), 2_000);
  },
  { capture: true, once: true },
);
