import { z } from 'zod';
import { askMeter, meterFields } from '../ask-meter.ts';
import { SourceError, source } from '../source.ts';

/** `Power` of a chassis (DSP0268, deprecated and everywhere), and `EnvironmentMetrics`, which follows it. */
const answer = z.looseObject({
  PowerControl: z
    .array(z.looseObject({ PowerConsumedWatts: z.number().nullable().exactOptional() }))
    .max(64)
    .exactOptional(),
  PowerWatts: z.looseObject({ Reading: z.number().nullable() }).exactOptional(),
});

/** The management controller of a server, over Redfish: iDRAC, iLO, XCC, OpenBMC. */
export const redfish = source({
  id: 'redfish',
  title: 'Redfish (iDRAC, iLO, BMC)',
  confidence: 'measured',
  uncertainty: () => 0.05,
  hint: 'The server’s management controller tells what its power supplies take. A user that may only read is enough.',
  settings: z.strictObject({
    url: meterFields.url,
    path: z
      .string()
      .max(200)
      .regex(/^\/redfish\/[\w./-]+$/, 'write a path that begins with /redfish/')
      .default('/redfish/v1/Chassis/1/Power')
      .meta({ title: 'Path', description: 'Dell: /redfish/v1/Chassis/System.Embedded.1/Power', order: 2 }),
    ...{ userName: meterFields.userName, password: meterFields.password },
    everySeconds: meterFields.everySeconds.default(30),
    ...{
      allowPlain: z.boolean().default(false).meta({ title: 'Allow a connection that is not encrypted', order: 30 }),
      ca: meterFields.ca,
    },
  }),
  open: ({ path, everySeconds, ...place }) => ({
    how: 'poll',
    everyMs: everySeconds * 1_000,
    async read(signal) {
      const { PowerControl = [], PowerWatts } = await askMeter({ ...place, path, signal }, answer);
      const parts = PowerControl.flatMap(({ PowerConsumedWatts }) => PowerConsumedWatts ?? []);
      const watts = PowerWatts?.Reading ?? (parts.length > 0 ? parts.reduce((a, b) => a + b, 0) : undefined);
      if (watts === undefined) throw new SourceError('The controller tells no power there: look for another path');
      return { watts };
    },
  }),
});
