import { z } from 'zod';
import { ACTIONS, MOST_TARGETS, TARGET_NAME, TARGET_PATH } from './actions.ts';

const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u);

/**
 * What an agent may ever be asked to do, as it tells it: fixed in its own file on its own machine, never by the appliance. Nothing in it =
 * it only watches. `targets`: services, containers, paths or names of commands; absent where an action has none. Actions that the
 * appliance does not know are kept and shown.
 */
export const ceiling = z
  .array(
    z.object({
      action: z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/)
        .max(40),
      targets: z.array(line(400)).max(200).exactOptional(),
    }),
  )
  .max(32);
export type Ceiling = z.infer<typeof ceiling>;

const targetsOf = (text: z.ZodString) => z.array(text).min(1, 'say which').max(MOST_TARGETS);
const names = targetsOf(z.string().regex(TARGET_NAME, 'write names, such as nginx; * stands for any characters'));
// Without spaces: these words become part of a line of shell.
const paths = targetsOf(
  z.string().regex(TARGET_PATH, 'write whole paths, such as /var/log').regex(/^\S*$/, 'without spaces'),
);

/** A ceiling as an admin asks for it in a line that installs an agent; commands are written into the agent's own file only. */
export const wantedCeiling = z
  .array(
    z.union(
      ACTIONS.flatMap(({ id, targets }) => {
        const action = z.literal(id);
        if (targets === 'commands') return [];
        return targets === 'none'
          ? [z.strictObject({ action })]
          : [z.strictObject({ action, targets: targets === 'paths' ? paths : names })];
      }),
      'say what an agent can be allowed, as {"action": "restart_service", "targets": ["nginx"]}',
    ),
  )
  .max(ACTIONS.length);
