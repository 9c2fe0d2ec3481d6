import { z } from 'zod';
import { askMeter, meterFields } from '../ask-meter.ts';
import { SourceError, source } from '../source.ts';

const answer = z.looseObject({
  state: z.string().max(100),
  attributes: z.looseObject({ unit_of_measurement: z.string().max(20).exactOptional() }).default({}),
});

const WATTS_PER: Readonly<Record<string, number>> = { W: 1, kW: 1_000, mW: 0.001 };

/** A sensor of Home Assistant that measures power. */
export const homeAssistant = source({
  id: 'home-assistant',
  title: 'Home Assistant sensor',
  confidence: 'measured',
  uncertainty: () => 0.03,
  hint: 'A sensor of power (W or kW), not one of energy. The token is made in Home Assistant: your profile, Security, Long-lived access tokens.',
  settings: z.strictObject({
    url: meterFields.url,
    entity: z
      .string()
      .max(200)
      .regex(/^[a-z_]+\.[a-z0-9_]+$/, 'write the id of a sensor, such as sensor.nas_power')
      .meta({ title: 'Entity', order: 2 }),
    token: z.string().min(1, 'give it').max(1_000).meta({ title: 'Token', secret: true, order: 3 }),
    ...{ everySeconds: meterFields.everySeconds, allowPlain: meterFields.allowPlain, ca: meterFields.ca },
  }),
  open: ({ entity, token, everySeconds, ...place }) => ({
    how: 'poll',
    everyMs: everySeconds * 1_000,
    async read(signal) {
      const headers = { authorization: `Bearer ${token}` };
      const { state, attributes } = await askMeter(
        { ...place, path: `/api/states/${entity}`, headers, signal },
        answer,
      );
      const factor = WATTS_PER[attributes.unit_of_measurement ?? 'W'];
      if (factor === undefined)
        throw new SourceError(`${entity} is in ${attributes.unit_of_measurement}: choose a sensor of power in W or kW`);
      const watts = state === '' ? Number.NaN : Number(state) * factor;
      if (!Number.isFinite(watts)) throw new SourceError(`${entity} says ${state.slice(0, 40)} in place of a number`);
      return { watts };
    },
  }),
});
