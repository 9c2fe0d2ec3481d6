import { expect, onTestFinished, test, vi } from 'vitest';
import { startWatchdog } from '../../agent/watchdog.ts';

test('tells systemd twice in each span that the unit gives, until it ends', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const notify = vi.fn();
  const end = startWatchdog({ NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '300000000' }, notify);
  expect(notify).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(300_000);
  expect(notify).toHaveBeenCalledTimes(3);
  end();
  vi.advanceTimersByTime(600_000);
  expect(notify).toHaveBeenCalledTimes(3);
});

test.each([
  [{}],
  [{ NOTIFY_SOCKET: '/run/systemd/notify' }],
  [{ WATCHDOG_USEC: '300000000' }],
  [{ NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: 'often' }],
])('tells nobody where no watchdog watches: %j', (env) => {
  const notify = vi.fn();
  startWatchdog(env, notify)();
  expect(notify).not.toHaveBeenCalled();
});
