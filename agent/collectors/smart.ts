import * as z from 'zod/mini';
import { parseReport, parseScan } from '../reading/smart.ts';
import { collector, gauge, type Miss, NothingToRead, type Put, type ReaderDeps, state } from './collector.ts';

const EVERY_MS = 30 * 60_000;
const MOST_DISKS = 64;
/** Exit bits 0 and 1: nothing could be asked. The others tell of the disk, and the report is there. */
const COULD_NOT = 0b11;

async function readDisk(
  put: Put,
  { name, type }: { name: string; type: string },
  { run }: ReaderDeps,
): Promise<string | undefined> {
  // A disk that sleeps is not woken for this.
  const args = ['--json', '--all', '--nocheck=standby,0', `--device=${type}`, name];
  const { output, code } = await run({ command: 'smartctl', args });
  const health = parseReport(output);
  if ('reason' in health) return health.reason;
  if ((code & COULD_NOT) !== 0 && health.isHealthy === undefined) return 'it could not be asked';
  // Disks behind a controller share its name.
  const label = /^(?:sat|scsi|nvme|auto|ata)$/.test(type)
    ? name.replace('/dev/', '')
    : `${name.replace('/dev/', '')} ${type}`;
  if (health.isHealthy !== undefined) put('hw.disk.healthy', health.isHealthy ? 1 : 0, label);
  put('hw.disk.temperature', health.celsius, label);
  put('hw.disk.on_time', health.onSeconds, label);
  put('hw.disk.wear', health.wear, label);
  put('hw.disk.spare', health.spare, label);
  put('hw.disk.sectors', health.reallocated, label, 'reallocated');
  put('hw.disk.sectors', health.pending, label, 'pending');
  put('hw.disk.errors', health.errors, label);
  put('hw.disk.written', health.writtenBytes, label);
  return undefined;
}

function readDisks(_settings: unknown, deps: ReaderDeps) {
  return {
    everyMs: EVERY_MS,
    async read(put: Put, _moment: unknown, miss: Miss) {
      const { output } = await deps.run({ command: 'smartctl', args: ['--json', '--scan'] });
      const disks = parseScan(output);
      if (disks.length === 0) throw new NothingToRead('smartctl finds no disk that tells of its health');
      const reasons: string[] = [];
      for (const disk of disks.slice(0, MOST_DISKS)) {
        const reason = await readDisk(put, disk, deps).catch((error: Error) => error.message);
        if (reason !== undefined) reasons.push(`${disk.name}: ${reason}`);
      }
      if (reasons.length === disks.length) throw new NothingToRead(reasons.slice(0, 3).join('; '));
      for (const reason of reasons) miss(reason);
    },
  };
}

const of = { attributes: ['system.device'] };

/** How the disks say that they are (SMART, NVMe), by smartctl. It needs root. */
export const smart = collector({
  id: 'smart',
  title: 'Disk health',
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    state('hw.disk.healthy', 'Disk says it is healthy', of),
    gauge('hw.disk.temperature', 'Disk temperature', {
      unit: 'Cel',
      min: -50,
      ...of,
      chart: { group: 'temperature', order: 70, style: 'line' },
    }),
    gauge('hw.disk.wear', 'Disk life used up', {
      rollup: 'last',
      ...of,
      chart: { group: 'disk-wear', order: 55, style: 'line' },
    }),
    gauge('hw.disk.spare', 'Disk: spare blocks left', { max: 1, rollup: 'last', ...of }),
    gauge('hw.disk.sectors', 'Disk: bad sectors', {
      unit: '{sector}',
      rollup: 'last',
      attributes: ['system.device', 'hw.disk.sector.state'],
      chart: { group: 'disk-sectors', order: 56, style: 'line' },
    }),
    gauge('hw.disk.errors', 'Disk: media errors', { unit: '{error}', rollup: 'last', ...of }),
    gauge('hw.disk.on_time', 'Disk has run for', { unit: 's', rollup: 'last', ...of }),
    gauge('hw.disk.written', 'Disk: written in its life', { unit: 'By', rollup: 'last', ...of }),
  ],
  read: { linux: readDisks, darwin: readDisks, win32: readDisks },
});
