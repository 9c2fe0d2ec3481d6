import * as z from 'zod/mini';
import { findInputs, Sensors } from '../reading/hwmon.ts';
import { collector, gauge, NothingToRead } from './collector.ts';

/** What controllers say of a fan that they cannot read. */
const NO_TURNS = 65_535;

/** Turns per minute; undefined for an empty text, and for what no fan does. */
export function parseFan(text: string): number | undefined {
  const turns = Number.parseInt(text, 10);
  return turns >= 0 && turns < NO_TURNS ? turns : undefined;
}

/** Every fan that the machine counts the turns of. A fan that stands still is a value, 0. */
export const fan = collector({
  id: 'fan',
  title: 'Fans',
  settings: z.object({}),
  descriptors: [
    gauge('hw.fan.speed', 'Fan', {
      unit: '{rpm}',
      attributes: ['hw.name'],
      chart: { group: 'fan', order: 71, style: 'line' },
    }),
  ],
  read: {
    linux(_settings, { files }) {
      const fans = new Sensors(files, () => findInputs(files, 'fan'));
      return {
        everyMs: 10_000,
        read(put, { mono }) {
          const all = fans.read(mono);
          if (all.length === 0) throw new NothingToRead('the kernel shows no fan');
          for (const { sensor, text } of all)
            put('hw.fan.speed', text === undefined ? text : parseFan(text), sensor.label);
        },
      };
    },
  },
  unread: {
    darwin: 'macOS shows its fans to root only',
    win32: 'Windows has no interface of its own for fans',
  },
});
