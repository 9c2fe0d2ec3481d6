import { chownSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ACTIONS } from '../protocol/actions.ts';
import { type May, maySchema, toldCeiling } from './ceiling.ts';
import { type AgentOptions, OptionError } from './options.ts';
import { contentOf, readCeiling } from './own-file.ts';

/** `reeve-agent ceiling …`: shows what the appliance may ask for, or writes it into the agent's own file. Answers what to show. */
export function ceilingCommand({ ownFile, words = [] }: Pick<AgentOptions, 'ownFile' | 'words'>): string {
  const [verb, ...rest] = words;
  if (verb === undefined) return shown(ownFile, readCeiling(ownFile));
  if (verb === 'read-only' && rest.length === 0) return kept(ownFile, {});
  if (verb === 'allow' && rest.length > 0) return kept(ownFile, parseAllowed(rest));
  throw new OptionError(
    'Say: reeve-agent ceiling, reeve-agent ceiling read-only, or reeve-agent ceiling allow restart_service=nginx …',
  );
}

/** A ceiling as people read it, a line for each action. */
export function ceilingLines(may: May): string[] {
  const told = toldCeiling(may);
  if (told.length === 0) return ['nothing: this agent only watches'];
  return told.map(({ action, targets }) => (targets ? `${action}: ${targets.join(', ')}` : action));
}

const shown = (path: string, may: May): string =>
  `What the appliance may ask this machine to do (${path}):\n${ceilingLines(may)
    .map((line) => `  ${line}\n`)
    .join('')}`;

/**
 * `restart_service=nginx,plex`, `reboot` … as the file says it; throws `OptionError` with what is wrong. Commands cannot be said this
 * way: they are written into the file.
 */
export function parseAllowed(words: readonly string[]): May {
  const said: Record<string, unknown> = {};
  for (const word of words) {
    const [id = '', ...behind] = word.split('=');
    const targets =
      behind.length === 0
        ? undefined
        : behind
            .join('=')
            .split(',')
            .filter((each) => each !== '');
    const action = ACTIONS.find((each) => each.id === id);
    if (!action || action.targets === 'commands') throw new OptionError(`${word}: ${offered}`);
    if (action.targets === 'none' && targets) throw new OptionError(`${word}: ${id} stands alone, without =`);
    if (action.targets !== 'none' && !targets?.length)
      throw new OptionError(`${word}: say which ${action.targets}, as ${id}=A,B`);
    said[id] = targets ?? true;
  }
  const result = maySchema.safeParse(said);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new OptionError(`${String(issue?.path[0])}: ${issue?.message}`);
}

const offered = `an agent can be allowed ${ACTIONS.filter(({ targets }) => targets !== 'commands')
  .map(({ id, targets }) => (targets === 'none' ? id : `${id}=…`))
  .join(', ')}`;

/** Writes the ceiling into the file, whole or not at all; settings of collectors and commands that are in it stay. */
function kept(path: string, wanted: May): string {
  const { collectors, may: before, ...others } = contentOf(path);
  const { custom } = maySchema.safeParse(before).data ?? {};
  const may = { ...wanted, ...(custom && Object.keys(wanted).length > 0 && { custom }) };
  const content = { ...(Object.keys(collectors).length > 0 && { collectors }), may, ...others };
  // Who may read it stays as it was: there may be a password in it.
  const { mode = 0o644, uid, gid } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const next = `${path}.${process.pid}.next`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    rmSync(next, { force: true });
    writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: mode & 0o644, flag: 'wx' });
    if (uid !== undefined && gid !== undefined && process.geteuid?.() === 0) chownSync(next, uid, gid);
    renameSync(next, path);
  } catch (error) {
    throw new OptionError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return shown(path, may);
}
