import { z } from 'zod';

/** How browsers and programs reach the appliance. */
export const connectionSettings = z.strictObject({
  httpsOnly: z.boolean().meta({
    title: 'HTTPS only',
    description:
      'Pages asked for over plain HTTP lead to HTTPS, the API refuses plain HTTP. First let your devices trust this appliance (page Trust), or their browsers warn.',
    order: 1,
  }),
});
export type ConnectionSettings = z.output<typeof connectionSettings>;
