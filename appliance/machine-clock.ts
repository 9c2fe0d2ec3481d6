import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether this machine cannot know the time yet: it has no clock that runs while it is off (a Raspberry Pi has none), and
 * systemd-timesyncd, which would tell it, has not yet. Such a machine starts with the time of its last end, hours or weeks ago. Where
 * another program keeps the time this cannot be told, and the clock is believed. `root` is another place in tests.
 */
export function isClockUnset(root = '/'): boolean {
  const timesync = path.join(root, 'run/systemd/timesync');
  return !hasHardwareClock(root) && existsSync(timesync) && !existsSync(path.join(timesync, 'synchronized'));
}

function hasHardwareClock(root: string): boolean {
  try {
    return readdirSync(path.join(root, 'sys/class/rtc')).length > 0;
  } catch {
    return false;
  }
}
