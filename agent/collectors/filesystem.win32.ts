import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import type { Space } from '../reading/far-space.ts';
import { number, query, rowsOf, text } from '../reading/windows/rows.ts';
import type { Put, ReaderDeps } from './collector.ts';

/** Drives that can be taken out, and those of the machine (DriveType). */
const STORAGE = new Set([2, 3]);
const row = z.object({ DeviceID: text, DriveType: number, Size: number, FreeSpace: number });

/** Drives of `Win32_LogicalDisk`; one without a medium has no size. */
export const drivesOf = (found: readonly unknown[]): { point: string; space: Space }[] =>
  rowsOf(row, found).flatMap(({ DeviceID, DriveType, Size, FreeSpace }) =>
    DeviceID === undefined || !STORAGE.has(DriveType ?? 0) || !Size || FreeSpace === undefined
      ? []
      : [
          {
            point: DeviceID,
            space: { bsize: 1, blocks: Size, bfree: FreeSpace, bavail: FreeSpace, files: 0, ffree: 0 },
          },
        ],
  );

/** Drives of Windows. Those of the network belong to people who are signed in, and the agent is not one of them. */
export function readWindows(putSpace: (put: Put, point: string, space: Space) => void) {
  return ({ skip }: { skip: string[] }, { shell }: ReaderDeps) => {
    const isSkipped = matcher(skip);
    return {
      everyMs: 30_000,
      async read(put: Put) {
        const script = query('Win32_LogicalDisk', ['DeviceID', 'DriveType', 'Size', 'FreeSpace']);
        for (const { point, space } of drivesOf(await shell(script)))
          if (!isSkipped(point)) putSpace(put, point, space);
      },
    };
  };
}
