import { z } from 'zod';
import { source } from '../source.ts';

/** What the management controller of the machine tells its own system: DCMI over IPMI, read by the agent, or the ACPI power meter. */
export const ipmi = source({
  id: 'ipmi',
  title: 'IPMI or ACPI power meter',
  confidence: 'measured',
  uncertainty: () => 0.05,
  hint: 'Servers whose agent reads the power of the whole machine. Nothing has to be set up.',
  settings: z.strictObject({}),
  open: () => ({ how: 'frame', watts: ({ chassis }) => chassis }),
});
