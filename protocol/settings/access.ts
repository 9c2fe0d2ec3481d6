import { z } from 'zod';

/** What holds for the people of one site. */
export const accessSettings = z.strictObject({
  operatorsOnlyView: z.boolean().meta({
    title: 'Operators may only view',
    description: 'People and keys with the role operator may then do no more in this site than viewers.',
    order: 1,
  }),
});
export type AccessSettings = z.output<typeof accessSettings>;

/** How people sign in, on the whole appliance. */
export const signInSettings = z.strictObject({
  sessionDays: z
    .number()
    .int('use whole days')
    .min(1, 'a session lasts at least a day')
    .max(365, 'a session lasts at most a year')
    .meta({
      title: 'Days until people have to sign in again',
      description: 'Holds for sessions that begin from now on.',
      order: 1,
    }),
});
export type SignInSettings = z.output<typeof signInSettings>;
