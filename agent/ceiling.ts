import { realpathSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import * as z from 'zod/mini';
import {
  ACTIONS,
  type ActionId,
  MOST_TARGETS,
  TARGET_NAME,
  TARGET_PATH,
  type TargetKind,
} from '../protocol/actions.ts';
import type { Ceiling } from '../protocol/ceiling.ts';
import { matcher } from './names.ts';

const names = z
  .array(z.string().check(z.regex(TARGET_NAME, 'write names, such as nginx; * stands for any characters')))
  .check(z.minLength(1), z.maxLength(MOST_TARGETS));
const isPlain = (path: string): boolean =>
  [posix, win32].some((each) => each.isAbsolute(path) && each.resolve(path) === path);
const paths = z
  .array(
    z.string().check(
      z.regex(TARGET_PATH, 'write whole paths, such as /var/log/nginx'),
      z.refine((path) => isPlain(path), 'write the path without . and .. and without / at its end'),
    ),
  )
  .check(z.minLength(1), z.maxLength(MOST_TARGETS));
const command = z.strictObject({
  command: z.string().check(
    z.regex(/^(?:\/|[A-Za-z]:\\)/, 'write the whole path of the program'),
    z.refine((path) => isPlain(path), 'write the path without . and ..'),
  ),
  args: z._default(z.array(z.string().check(z.maxLength(400))).check(z.maxLength(32)), []),
  limitMs: z._default(z.int().check(z.gte(100), z.lte(3_600_000)), 60_000),
});
const commands = z.record(z.string().check(z.regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'name it as flush-queue')), command);
const whole = z.boolean();

/** `may` of the agent's own file. What is not in it is not allowed. */
export const maySchema = z.strictObject({
  update_agent: z.exactOptional(whole),
  restart_service: z.exactOptional(names),
  restart_container: z.exactOptional(names),
  apply_updates: z.exactOptional(whole),
  clear_logs: z.exactOptional(paths),
  read_logs: z.exactOptional(paths),
  wake_on_lan: z.exactOptional(whole),
  reboot: z.exactOptional(whole),
  custom: z.exactOptional(commands),
}) satisfies z.ZodMiniType<{ [id in ActionId]?: unknown }>;
export type May = z.infer<typeof maySchema>;

/** What the appliance asks for. */
export interface Ask {
  action: string;
  target?: string;
}

/**
 * Why the machine's own file does not allow this, in words for the appliance; undefined where it does. The only judge of what is done
 * here: an appliance in wrong hands can ask for anything. A path counts as what it leads to, so that no link leads out of a folder.
 */
export function refusalOf(may: May, { action, target }: Ask): string | undefined {
  const known = ACTIONS.find(({ id }) => id === action);
  if (!known) return 'This agent knows no such action';
  const allowed = may[known.id];
  if (allowed === undefined || allowed === false) return `${action} is not allowed in this machine’s own file`;
  if (allowed === true) return target === undefined ? undefined : `${action} has no target`;
  const targets = Array.isArray(allowed) ? allowed : Object.keys(allowed);
  if (target !== undefined && IS_WITHIN[known.targets](targets, target)) return undefined;
  return `${action} is not allowed for that in this machine’s own file`;
}

const isNamed = (patterns: readonly string[], name: string): boolean =>
  TARGET_NAME.test(name) && !name.includes('*') && matcher(patterns)(name);

const IS_WITHIN: Record<TargetKind, (allowed: readonly string[], target: string) => boolean> = {
  none: () => false,
  services: isNamed,
  containers: isNamed,
  commands: (names, name) => names.includes(name),
  paths: (folders, path) => {
    const real = TARGET_PATH.test(path) && isPlain(path) ? realOf(path) : undefined;
    return real !== undefined && folders.some((folder) => isBelow(realOf(folder) ?? folder, real));
  },
};

const isBelow = (folder: string, path: string): boolean =>
  path === folder || (path.startsWith(folder) && /[\\/]/.test(path.charAt(folder.length)));

/** Where a path leads; undefined where there is nothing. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The ceiling as the appliance is told of it: names of commands, not the commands. */
export function toldCeiling(may: May): Ceiling {
  return ACTIONS.flatMap(({ id }) => {
    const allowed = may[id];
    if (allowed === undefined || allowed === false) return [];
    if (allowed === true) return [{ action: id }];
    return [{ action: id, targets: Array.isArray(allowed) ? [...allowed] : Object.keys(allowed) }];
  });
}
