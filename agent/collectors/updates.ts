import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import { askMacUpdates } from '../reading/mac/updates.ts';
import { packageManagers, type Updates } from '../reading/packages.ts';
import { askWindowsUpdate, type SystemUpdates } from '../reading/windows/updates.ts';
import {
  collector,
  gauge,
  type Miss,
  type Moment,
  NothingToRead,
  type Put,
  type ReaderDeps,
  state,
} from './collector.ts';

/** Files are looked at so often. To ask takes seconds of processor time, so that it is done when they have changed, and rarely else. */
const LOOK_EVERY_MS = 10 * 60_000;
const ASK_EVERY_MS = 24 * 3_600_000;
const ASK_AGAIN_MS = 3_600_000;
const REBOOT = ['/run/reboot-required', '/var/run/reboot-required'] as const;

const changesOf = (files: SystemFiles, paths: readonly string[]): string =>
  paths.map((path) => files.changedAt(path) ?? 0).join();

function readLinux(_settings: unknown, { files, run }: ReaderDeps) {
  const manager = packageManagers.find(({ isHere }) => isHere(files));
  if (!manager) throw new NothingToRead('there is no package manager that is known: apt, dnf, zypper, pacman, apk');
  let updates: Updates | undefined;
  let reason: string | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let changes = '';
  const ask = async (mono: number) => {
    const now = changesOf(files, manager.files);
    const sinceMs = mono - askedAt;
    if (sinceMs < ASK_EVERY_MS && (now === changes || sinceMs < ASK_AGAIN_MS)) return;
    askedAt = mono;
    changes = now;
    reason = undefined;
    updates = await manager.ask(run).catch((error: Error) => {
      reason = error.message;
      return undefined;
    });
  };
  return {
    everyMs: LOOK_EVERY_MS,
    async read(
      put: (metric: string, value: number | undefined) => void,
      { at, mono }: { at: number; mono: number },
      miss: (what: string) => void,
    ) {
      await ask(mono);
      put('system.updates.pending', updates?.pending);
      put('system.updates.security', updates?.security);
      const listed = files.changedAt(manager.files[0] ?? '');
      // A clock that was set must not make lists from the future.
      if (listed !== undefined) put('system.updates.list.age', Math.max(0, Math.round((at - listed) / 1000)));
      put('system.updates.reboot', REBOOT.some((file) => files.exists(file)) ? 1 : 0);
      if (reason !== undefined) miss(reason);
    },
  };
}

/** Where there are no files that tell of a change: asked once a day. */
function readDaily(ask: (deps: ReaderDeps) => Promise<Updates & Partial<SystemUpdates>>, deps: ReaderDeps) {
  let found: (Updates & Partial<SystemUpdates>) | undefined;
  let reason: string | undefined;
  let dueAt = Number.NEGATIVE_INFINITY;
  return {
    everyMs: LOOK_EVERY_MS,
    async read(put: Put, { at, mono }: Moment, miss: Miss) {
      if (mono >= dueAt) {
        reason = undefined;
        found = await ask(deps).catch((error: Error) => {
          reason = error.message;
          return undefined;
        });
        dueAt = mono + (found ? ASK_EVERY_MS : ASK_AGAIN_MS);
      }
      put('system.updates.pending', found?.pending);
      put('system.updates.security', found?.security);
      if (found?.listedAt !== undefined)
        put('system.updates.list.age', Math.max(0, Math.round((at - found.listedAt) / 1000)));
      if (found?.needsRestart !== undefined) put('system.updates.reboot', found.needsRestart ? 1 : 0);
      if (reason !== undefined) miss(reason);
    },
  };
}

/** Updates that wait, as the lists have it that the machine has fetched by itself: they are never refreshed here. */
export const updates = collector({
  id: 'updates',
  title: 'Updates',
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    gauge('system.updates.pending', 'Updates that wait', {
      unit: '{package}',
      rollup: 'last',
      chart: { group: 'updates', order: 89, style: 'line' },
    }),
    gauge('system.updates.security', 'Security updates that wait', {
      unit: '{package}',
      rollup: 'last',
      chart: { group: 'updates', order: 90, style: 'line' },
    }),
    gauge('system.updates.list.age', 'Age of the lists of packages', { unit: 's', rollup: 'last' }),
    state('system.updates.reboot', 'Restart needed'),
  ],
  read: {
    linux: readLinux,
    darwin: (_settings, deps) => readDaily(({ run, files }) => askMacUpdates(run, (path) => files.exists(path)), deps),
    win32: (_settings, deps) => readDaily(({ run }) => askWindowsUpdate(run), deps),
  },
});
