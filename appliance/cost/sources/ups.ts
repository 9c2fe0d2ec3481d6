import { z } from 'zod';
import { source } from '../source.ts';

/** A UPS that the agent of some host reads (NUT, apcupsd). Where several hosts hang on one, each has a share by what it would take by its model. */
export const ups = source({
  id: 'ups',
  title: 'UPS',
  confidence: 'measured',
  uncertainty: () => 0.1,
  hint: 'For hosts that hang on a UPS which an agent reads. Several hosts on one share its load by what their models say, so give each a machine or a TDP. What else hangs on it counts as theirs.',
  settings: z.strictObject({
    host: z.uuid('choose a host').meta({ title: 'Host that reads the UPS', widget: 'host', order: 1 }),
    name: z
      .string()
      .max(120)
      .exactOptional()
      .meta({ title: 'Name of the UPS', description: 'Only where that host reads several.', order: 2 }),
  }),
  open: ({ host, name }, { upsShare }) => ({
    how: 'frame',
    watts: (_frame, at) => upsShare?.({ hostId: host, name }, at),
  }),
});
