import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import { placeOf } from '../reading/ask-tcp.ts';
import { readApc, readNut, type Ups } from '../reading/ups.ts';
import { collector, gauge, NothingToRead, type Put, type Reader, type ReaderDeps, state } from './collector.ts';

const EVERY_MS = 15_000;
const PORTS = { nut: 3493, apcupsd: 3551 } as const;
const READ = { nut: readNut, apcupsd: readApc } as const;
/** Where the programs keep their settings: nobody is called who is not there. */
const HERE = { nut: ['/etc/nut/ups.conf', '/etc/ups/ups.conf'], apcupsd: ['/etc/apcupsd/apcupsd.conf'] } as const;

function putUps(put: Put, ups: Ups): void {
  const { name } = ups;
  put('hw.ups.reachable', ups.isSilent ? 0 : 1, name);
  if (ups.isSilent) return;
  put('hw.ups.on_battery', ups.isOnBattery ? 1 : 0, name);
  put('hw.ups.battery.low', ups.isLow ? 1 : 0, name);
  put('hw.ups.battery.worn', ups.needsBattery ? 1 : 0, name);
  put('hw.ups.charge', ups.charge, name);
  put('hw.ups.time_left', ups.secondsLeft, name);
  put('hw.ups.load', ups.load, name);
  put('hw.ups.power', ups.watts, name);
  put('hw.ups.voltage', ups.inputVolts, name, 'input');
  put('hw.ups.voltage', ups.outputVolts, name, 'output');
  put('hw.ups.temperature', ups.celsius, name);
}

interface Settings {
  nut: string[];
  apcupsd: string[];
}

/** Packages bring an example in which no device is named. Where it may not be read, it is believed. */
function isSetUp(files: SystemFiles, file: string): boolean {
  const text = files.once(file);
  return text === undefined ? files.exists(file) : !file.endsWith('/ups.conf') || /^\s*\[\w/m.test(text);
}

function placesOf(settings: Settings, { files }: ReaderDeps) {
  return (['nut', 'apcupsd'] as const).flatMap((kind) => {
    const isHere = HERE[kind].some((file) => isSetUp(files, file));
    const wanted = settings[kind].length > 0 ? settings[kind] : isHere ? ['127.0.0.1'] : [];
    return wanted.map((text) => ({ kind, text, place: placeOf(text, PORTS[kind]) }));
  });
}

function readAll(settings: Settings, deps: ReaderDeps): Reader {
  const places = placesOf(settings, deps);
  if (places.length === 0) throw new NothingToRead('neither NUT nor apcupsd is set up here');
  return {
    everyMs: EVERY_MS,
    async read(put, _moment, miss) {
      const reasons: string[] = [];
      for (const { kind, text, place } of places) {
        if (!place) reasons.push(`${text} is no address`);
        else
          await READ[kind](place).then(
            (all) => {
              for (const each of all) putUps(put, each);
            },
            (error: Error) => void reasons.push(`${kind} at ${text}: ${error.message}`),
          );
      }
      if (reasons.length === places.length) throw new Error(reasons.join('; '));
      for (const reason of reasons) miss(reason);
    },
  };
}

const of = { attributes: ['hw.name'] };

/** Uninterruptible power supplies, by NUT or apcupsd on this machine or, where the agent's file says so, on others. */
export const ups = collector({
  id: 'ups',
  title: 'UPS',
  isSlow: true,
  settings: z.object({ nut: z._default(z.array(z.string()), []), apcupsd: z._default(z.array(z.string()), []) }),
  descriptors: [
    state('hw.ups.reachable', 'UPS answers', of),
    state('hw.ups.on_battery', 'UPS runs on battery', of),
    state('hw.ups.battery.low', 'UPS battery is nearly empty', of),
    state('hw.ups.battery.worn', 'UPS needs a new battery', of),
    gauge('hw.ups.charge', 'UPS charge', { max: 1, ...of, chart: { group: 'ups', order: 74, style: 'line' } }),
    gauge('hw.ups.load', 'UPS load', { max: 1.5, ...of, chart: { group: 'ups', order: 75, style: 'line' } }),
    gauge('hw.ups.time_left', 'UPS lasts for', { unit: 's', rollup: 'last', ...of }),
    gauge('hw.ups.power', 'UPS power', { unit: 'W', ...of, chart: { group: 'power', order: 76, style: 'line' } }),
    gauge('hw.ups.voltage', 'UPS voltage', {
      unit: 'V',
      attributes: ['hw.name', 'hw.ups.side'],
      chart: { group: 'ups-voltage', order: 77, style: 'line' },
    }),
    gauge('hw.ups.temperature', 'UPS temperature', { unit: 'Cel', min: -50, ...of }),
  ],
  read: { linux: readAll, darwin: readAll, win32: readAll },
});
