import { z } from 'zod';
import { askMeter, meterFields } from '../ask-meter.ts';
import { SourceError, source } from '../source.ts';

const answer = z.looseObject({
  data: z.looseObject({
    result: z.array(z.looseObject({ value: z.tuple([z.number(), z.string().max(60)]) })).max(1_000),
  }),
});

/** A query of Prometheus whose answer is one number of watts. */
export const prometheus = source({
  id: 'prometheus',
  title: 'Prometheus query',
  confidence: 'measured',
  uncertainty: () => 0.03,
  hint: 'A query that answers with one value in watts, such as ipmi_power_watts{instance="nas"}.',
  settings: z.strictObject({
    url: meterFields.url,
    query: z.string().trim().min(1, 'write a query').max(1_000).meta({ title: 'Query', order: 2 }),
    token: z.string().min(1).max(1_000).exactOptional().meta({ title: 'Bearer token', secret: true, order: 12 }),
    ...{ userName: meterFields.userName, password: meterFields.password, everySeconds: meterFields.everySeconds },
    ...{ allowPlain: meterFields.allowPlain, ca: meterFields.ca },
  }),
  open: ({ query, token, everySeconds, ...place }) => ({
    how: 'poll',
    everyMs: everySeconds * 1_000,
    async read(signal) {
      const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const { result } = (await askMeter({ ...place, path, headers, signal }, answer)).data;
      if (result.length > 1)
        throw new SourceError(`The query answers with ${result.length} values: narrow it down to one`);
      const watts = Number(result[0]?.value[1] ?? Number.NaN);
      if (!Number.isFinite(watts)) throw new SourceError('The query answers with no value');
      return { watts };
    },
  }),
});
