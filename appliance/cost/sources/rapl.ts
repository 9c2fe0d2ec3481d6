import { z } from 'zod';
import { source } from '../source.ts';

/** Until it is calibrated: board, disks and fans of a small machine, and a power supply that turns nine tenths into use. */
const BASE_WATTS = 8;
const FACTOR = 1.1;

/** What the processor counts of itself (RAPL), and a base load for all that it does not. */
export const rapl = source({
  id: 'rapl',
  title: 'RAPL and base load',
  confidence: 'modelled',
  uncertainty: ({ isCalibrated }) => (isCalibrated ? 0.08 : 0.25),
  hint: 'The processor counts its own energy; the rest of the machine is a base load, which a day on a plug finds out.',
  settings: z.strictObject({
    baseWatts: z.number().min(0).max(5_000).default(BASE_WATTS).meta({ title: 'Base load, W', order: 1 }),
    factor: z.number().min(0.5).max(3).default(FACTOR).meta({
      title: 'Factor',
      description: 'What the wall sees of a watt that RAPL counts: losses of the power supply.',
      order: 2,
    }),
    isCalibrated: z.boolean().default(false).meta({ title: 'Calibrated', order: 3 }),
  }),
  open: ({ baseWatts, factor }) => ({
    how: 'frame',
    watts: ({ rapl: counted }) => (counted === undefined ? undefined : baseWatts + factor * counted),
  }),
});
