import * as z from 'zod/mini';
import { collector, gauge, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

const EVERY_MS = 20_000;
const DEVICES = ['/dev/ipmi0', '/dev/ipmi/0', '/dev/ipmidev/0'] as const;

/** Watts of `ipmitool dcmi power reading`; undefined where the controller measures none or has its measuring switched off. */
export function parseDcmi(output: string): number | undefined {
  const watts = /Instantaneous power reading:\s+(\d{1,5}) Watts/.exec(output)?.[1];
  if (watts === undefined || /Power reading state is:\s+deactivated/.test(output)) return undefined;
  return Number(watts);
}

/** What the whole machine takes, as its management controller says (DCMI). It needs root and ipmitool. */
export const ipmi = collector({
  id: 'ipmi',
  title: 'Management controller (IPMI)',
  isSlow: true,
  unread: {
    win32: 'the management controller is asked on Linux only; the appliance can ask it over the network (Redfish)',
    darwin: 'no Mac has a management controller that speaks IPMI',
  },
  settings: z.object({}),
  descriptors: [
    gauge('hw.chassis.power', 'Power of the whole machine', {
      unit: 'W',
      attributes: ['hw.name'],
      chart: { group: 'power', order: 71, style: 'line' },
    }),
  ],
  read: {
    linux(_settings, { files, run }: ReaderDeps) {
      if (!DEVICES.some((device) => files.exists(device)))
        throw new NothingToRead('there is no management controller here');
      return {
        everyMs: EVERY_MS,
        async read(put: Put) {
          const { output, errors, code } = await run({ command: 'ipmitool', args: ['dcmi', 'power', 'reading'] });
          const watts = parseDcmi(output);
          if (watts === undefined)
            throw new NothingToRead(code === 0 ? 'the controller measures no power' : errors.trim().slice(0, 200));
          put('hw.chassis.power', watts, 'dcmi');
        },
      };
    },
  },
});
