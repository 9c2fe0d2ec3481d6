import { z } from 'zod';
import { askMeter, meterFields } from '../ask-meter.ts';
import { source } from '../source.ts';

const channel = z.number().int().min(0).max(15).default(0).meta({ title: 'Channel', order: 2 });

const about = z.looseObject({ gen: z.number().int().exactOptional() });
/** Gen1, `/meter/0`: watts, and watt-minutes since the start. */
const meter = z.looseObject({ power: z.number(), total: z.number().min(0).exactOptional() });
/** Gen2 and later, `Switch.GetStatus`, `PM1.GetStatus`, `EM1.GetStatus`: watts, and watt-hours since whenever. */
const status = z.looseObject({
  apower: z.number().exactOptional(),
  act_power: z.number().exactOptional(),
  aenergy: z.looseObject({ total: z.number().min(0) }).exactOptional(),
});

/** Plugs and relays of Shelly, asked over HTTP; the generation is found out. */
export const shelly = source({
  id: 'shelly',
  title: 'Shelly plug (HTTP)',
  confidence: 'measured',
  uncertainty: () => 0.02,
  hint: 'The plug that this host alone hangs on. Every generation; the plug counts energy by itself, so that nothing between two questions is missed.',
  settings: z.strictObject({
    url: meterFields.url,
    channel,
    component: z
      .enum(['switch', 'pm1', 'em1'])
      .default('switch')
      .meta({ title: 'Component (Gen2 and later)', order: 3 }),
    ...{ userName: meterFields.userName, password: meterFields.password, everySeconds: meterFields.everySeconds },
    ...{ allowPlain: meterFields.allowPlain, ca: meterFields.ca },
  }),
  open({ channel: id, component, everySeconds, ...place }) {
    let gen: number | undefined;
    return {
      how: 'poll',
      everyMs: everySeconds * 1_000,
      async read(signal) {
        gen ??= (await askMeter({ ...place, path: '/shelly', signal }, about)).gen ?? 1;
        if (gen === 1) {
          const { power, total } = await askMeter({ ...place, path: `/meter/${id}`, signal }, meter);
          return { watts: power, ...(total !== undefined && { totalWh: total / 60 }) };
        }
        const method = { switch: 'Switch', pm1: 'PM1', em1: 'EM1' }[component];
        const answer = await askMeter({ ...place, path: `/rpc/${method}.GetStatus?id=${id}`, signal }, status);
        const watts = answer.apower ?? answer.act_power;
        return { ...(watts !== undefined && { watts }), ...(answer.aenergy && { totalWh: answer.aenergy.total }) };
      },
    };
  },
});
