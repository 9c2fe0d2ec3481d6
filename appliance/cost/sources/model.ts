import { z } from 'zod';
import { source } from '../source.ts';

const watts = z.number().min(0, 'a power is 0 W or more').max(50_000, 'at most 50000 W');

/** Idle + utilisation × (full − idle), with figures of a typical machine, of one's own, or found by a calibration. */
export const model = source({
  id: 'model',
  title: 'Model of the machine',
  confidence: 'modelled',
  uncertainty: ({ isCalibrated }) => (isCalibrated ? 0.1 : 0.2),
  hint: 'Idle power and full load of the machine; in between goes with the use of its processors. A day on a plug makes it exact.',
  settings: z.strictObject({
    machine: z.string().max(40).exactOptional().meta({ title: 'Machine', widget: 'machine', order: 1 }),
    idleWatts: watts.exactOptional().meta({ title: 'Idle, W', description: 'In place of the machine’s.', order: 2 }),
    fullWatts: watts
      .exactOptional()
      .meta({ title: 'Full load, W', description: 'In place of the machine’s.', order: 3 }),
    isCalibrated: z.boolean().default(false).meta({ title: 'Calibrated', order: 4 }),
  }),
  open({ machine, idleWatts, fullWatts }, { machine: find }) {
    const typical = machine === undefined ? undefined : find(machine);
    const idle = idleWatts ?? typical?.idleWatts;
    const full = fullWatts ?? typical?.fullWatts;
    return {
      how: 'frame',
      watts: ({ cpu }) =>
        cpu === undefined || idle === undefined || full === undefined ? undefined : idle + cpu * (full - idle),
    };
  },
});
