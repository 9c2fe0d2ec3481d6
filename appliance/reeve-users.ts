import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { encodeBase32 } from '../discovery/pairing/base32.ts';
import { password as passwordSchema } from '../protocol/routes/access.ts';
import { sessionRecords, sites, type User } from './access/documents.ts';
import { hashPassword } from './access/passwords.ts';
import { Trail } from './access/trail/trail.ts';
import { Users } from './access/users.ts';
import type { Outside } from './cli/history.ts';
import type { UserCommand } from './cli/user-words.ts';
import { UsageError } from './cli/words.ts';
import { openClock } from './clock.ts';
import { openKeys } from './data-key.ts';
import { openStoresOf } from './reeve-stores.ts';
import { openDataDirectory } from './store/directory.ts';
import type { DocumentStore } from './store/documents.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Doing {
  documents: DocumentStore;
  users: Users;
  outside: Outside;
  now: number;
}

/** What is written into the audit trail; nothing of a command that only reads. */
interface Done {
  what: string;
  detail: Record<string, unknown>;
}

/** Commands about accounts: the way back in for an owner who is locked out, because whoever reads the disk owns it anyway. */
export async function runUsers(command: UserCommand, env: NodeJS.ProcessEnv, outside: Outside): Promise<number> {
  const dir = path.resolve(command.data);
  await stat(path.join(dir, 'format.json')).catch(() => {
    throw new UsageError(`There is no data of an appliance in ${dir}: say where it is with --data or REEVE_DATA`);
  });
  const lock = await openDataDirectory({ dir, log: silent });
  try {
    const { now } = await openClock(dir);
    const { seal } = await openKeys(dir, { fromEnvironment: env.REEVE_KEY || undefined, mayBegin: false });
    const { documents, ...stores } = await openStoresOf(dir, env);
    try {
      const doing = { documents, users: await Users.open(documents), outside, now: now() };
      const done = await perform(command, doing);
      if (!done) return 0;
      const trail = await Trail.open({ documents, seal, log: silent, now });
      trail.record({ at: now(), who: 'console', from: '', ...done });
      await trail.settled();
      return 0;
    } finally {
      await stores.close();
    }
  } finally {
    await lock.release();
  }
}

function perform(command: UserCommand, doing: Doing): Promise<Done | undefined> {
  if (command.do === 'list') return list(doing);
  return command.do === 'owner' ? makeOwner(command.name, doing) : givePassword(command, doing);
}

async function list({ documents, users, outside }: Doing): Promise<undefined> {
  const names = new Map((await (await documents.collection(sites)).find()).map(({ id, name }) => [id, name]));
  for (const { userName, isOwner, roles, secondFactor } of users.all()) {
    const inSites = roles.map(({ siteId, role }) => `${role} of ${names.get(siteId) ?? siteId}`).join(', ');
    const may = isOwner ? 'owner' : inSites || 'no role';
    outside.stdout.write(`${userName}: ${may}${secondFactor ? '; second factor on' : ''}\n`);
  }
}

async function makeOwner(name: string, { users, outside }: Doing): Promise<Done | undefined> {
  const { id, userName, isOwner } = named(name, users);
  if (isOwner) {
    outside.say(`${userName} is an owner already.\n`);
    return undefined;
  }
  await users.change(id, () => ({ isOwner: true }));
  outside.say(`${userName} is an owner of the appliance now.\n`);
  return { what: 'users.edit', detail: { user: userName, isOwner: true } };
}

async function givePassword(
  { name, fromInput, withoutFactor }: Extract<UserCommand, { do: 'password' }>,
  { documents, users, outside, now }: Doing,
): Promise<Done> {
  const { id, userName, secondFactor } = named(name, users);
  const given = fromInput ? firstLine(await text(outside.stdin)) : newPassword();
  const passwordHash = await hashPassword(given);
  await users.change(id, () => ({
    passwordHash,
    passwordChangedAt: now,
    ...(withoutFactor && { secondFactor: null }),
  }));
  const sessions = await documents.collection(sessionRecords);
  for (const session of await sessions.find({ userId: id })) await sessions.remove(session.id);
  if (!fromInput) outside.stdout.write(`${given}\n`);
  const stays = secondFactor && !withoutFactor ? ' It still asks for the second factor.' : '';
  outside.say(`${userName} has a new password, and is signed out everywhere.${stays}\n`);
  return { what: 'users.resetPassword', detail: { user: userName, withoutFactor } };
}

/** 100 random bits in groups of four, to be typed once. */
const newPassword = (): string =>
  encodeBase32(randomBytes(13))
    .toLowerCase()
    .slice(0, 20)
    .replace(/.{4}(?=.)/g, '$&-');

function firstLine(input: string): string {
  const [line = ''] = input.split(/\r?\n/);
  const checked = passwordSchema.safeParse(line);
  if (checked.success) return line;
  throw new UsageError(`The password on standard input is not good: ${checked.error.issues[0]?.message ?? ''}`);
}

function named(name: string, users: Users): User {
  const user = users.byName(name.toLowerCase());
  if (user) return user;
  const known = users.all().map(({ userName }) => userName);
  throw new UsageError(`There is no account ${name}; there are: ${known.join(', ') || 'none'}`);
}
