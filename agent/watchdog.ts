import { execFile } from 'node:child_process';

/** systemd asks for a sign of life in `WATCHDOG_USEC`; half of it is what its manual advises. */
const PART = 2;

/**
 * Tells systemd that the agent's loop turns, as often as the unit's `WatchdogSec` asks, by `systemd-notify`, because Node has no datagram
 * sockets of that kind; nothing where no watchdog watches. Answers how to end it. Source: sd_watchdog_enabled(3).
 */
export function startWatchdog(env: NodeJS.ProcessEnv, notify = notifySystemd): () => void {
  const timeoutMs = Number(env.WATCHDOG_USEC) / 1000;
  if (!env.NOTIFY_SOCKET || !(timeoutMs > 0)) return () => undefined;
  notify();
  const timer = setInterval(notify, timeoutMs / PART);
  timer.unref();
  return () => clearInterval(timer);
}

function notifySystemd(): void {
  // What fails here is told by systemd itself: it starts the agent anew.
  execFile('systemd-notify', ['WATCHDOG=1'], { timeout: 5_000 }, () => undefined);
}
