import { z } from 'zod';
import { askMeter, meterFields } from '../ask-meter.ts';
import { source } from '../source.ts';

/** `Status 10`: watts, and kWh since the counter was set; of several channels a list. */
const status = z.looseObject({
  StatusSNS: z.looseObject({
    ENERGY: z.looseObject({
      Power: z.union([z.number(), z.array(z.number())]),
      Total: z.union([z.number(), z.array(z.number())]).exactOptional(),
    }),
  }),
});

const at = (value: number | number[], channel: number): number | undefined =>
  Array.isArray(value) ? value[channel] : value;

/** Plugs with Tasmota, asked over HTTP. */
export const tasmota = source({
  id: 'tasmota',
  title: 'Tasmota plug (HTTP)',
  confidence: 'measured',
  uncertainty: () => 0.02,
  hint: 'The plug that this host alone hangs on. Its counter has steps of 1 Wh, so that watts are added up in between.',
  settings: z.strictObject({
    url: meterFields.url,
    channel: z.number().int().min(0).max(7).default(0).meta({ title: 'Channel', order: 2 }),
    ...{ userName: meterFields.userName, password: meterFields.password, everySeconds: meterFields.everySeconds },
    ...{ allowPlain: meterFields.allowPlain, ca: meterFields.ca },
  }),
  open: ({ channel, everySeconds, userName, password, ...place }) => ({
    how: 'poll',
    everyMs: everySeconds * 1_000,
    async read(signal) {
      // Tasmota takes its sign-in in the query, and knows no other way.
      const who =
        password === undefined
          ? ''
          : `user=${encodeURIComponent(userName ?? 'admin')}&password=${encodeURIComponent(password)}&`;
      const { ENERGY } = (await askMeter({ ...place, path: `/cm?${who}cmnd=Status%2010`, signal }, status)).StatusSNS;
      const watts = at(ENERGY.Power, channel);
      const total = ENERGY.Total === undefined ? undefined : at(ENERGY.Total, channel);
      return { ...(watts !== undefined && { watts }), ...(total !== undefined && { totalWh: total * 1_000 }) };
    },
  }),
});
