// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables look like that
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Hub } from '../../../appliance/hub.ts';
import { sealWith } from '../../../appliance/seal.ts';
import { type Section, section } from '../../../appliance/settings/section.ts';
import { sections } from '../../../appliance/settings/sections/index.ts';
import { Settings } from '../../../appliance/settings/settings.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { sealLine } from '../../../appliance/store/nedb/line.ts';
import { resolved } from '../../../appliance/variables.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const SITE = '0190b0b0-0000-7000-8000-000000000001';
const OTHER = '0190b0b0-0000-7000-8000-000000000002';
const CANARY = 'canary-7f3a-secret';
const MASTER = Buffer.alloc(32, 7);

const mail = section({
  id: 'mail',
  title: 'Mail',
  scope: 'site',
  access: { read: 'viewer', change: 'admin' },
  settings: z.strictObject({
    server: z.url('give the address of the server').meta({ title: 'Server', order: 1 }),
    password: z.string().min(4, 'use at least 4 characters').meta({ title: 'Password', secret: true }).exactOptional(),
    to: z.array(z.string().trim().max(40)),
    mode: z.enum(['plain', 'tls']),
  }),
  defaults: { server: 'smtp://localhost', to: [], mode: 'plain' },
});
const disk = section({
  id: 'disk',
  title: 'Disk',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: z.strictObject({ gigabytes: z.number().min(1), name: z.string() }),
  defaults: { gigabytes: 20, name: 'disk' },
  first: async ({ freeBytes }) => ({ gigabytes: (await freeBytes()) / 1e9 }),
});

interface Bench {
  settings: Settings<readonly [typeof mail, typeof disk]>;
  events: { section: string; siteId: string; before: unknown; after: unknown }[];
  file: () => string;
  close: () => Promise<void>;
}
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function start(dir = temporaryDirectory(), { master = MASTER, env = {} as Record<string, string> } = {}) {
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  const hub = new Hub((_, error) => {
    throw error;
  });
  const events: Bench['events'] = [];
  hub.on('settings', (event) => void events.push(event));
  const settings = await Settings.open({
    documents,
    hub,
    seal: sealWith(master),
    sections: [mail, disk] as const,
    lookUp: (name) => env[name],
    facts: { freeBytes: async () => 8e9 },
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await documents.close();
    isOpen = false;
  };
  open.push(close);
  const bench: Bench = { settings, events, file: () => readFileSync(join(dir, 'docs', 'settings.db'), 'utf8'), close };
  return { ...bench, dir };
}

const given = { server: 'https://mail.example', to: ['a@b.example'], mode: 'tls' };
const problemsOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (caught: { code: string; errors: { path: string; message: string }[] }) => caught,
  );
  return { code: error?.code, errors: error?.errors ?? [] };
};

describe('a section that nobody changed', () => {
  test('is its defaults, with revision 0, for each site', async () => {
    const { settings } = await start();
    expect(settings.of('mail', SITE)).toEqual({ rev: 0, value: mail.defaults });
    expect(settings.view(mail, OTHER)).toEqual({
      rev: 0,
      value: { ...mail.defaults, password: { set: false } },
      problems: [],
    });
  });

  test('keeps what was chosen for this machine at the first start', async () => {
    const first = await start();
    expect(first.settings.of('disk')).toEqual({ rev: 1, value: { gigabytes: 8, name: 'disk' } });
    await first.close();
    const second = await start(first.dir);
    expect(second.settings.of('disk').rev).toBe(1);
  });

  test('of a site is asked with the site only', async () => {
    const { settings } = await start();
    expect(() => settings.of('mail')).toThrow('say which');
  });
});

describe('a change', () => {
  test('is durable, told on the hub and seen in its own site only', async () => {
    const first = await start();
    await first.settings.change(mail, SITE, { rev: 0, given });
    expect(first.settings.of('mail', SITE)).toEqual({ rev: 1, value: given });
    expect(first.settings.of('mail', OTHER).value).toEqual(mail.defaults);
    expect(first.events).toMatchObject([{ section: 'mail', siteId: SITE, after: given }]);
    await first.close();
    const second = await start(first.dir);
    expect(second.settings.of('mail', SITE)).toEqual({ rev: 1, value: given });
  });

  test('of somebody who has not seen the last one is a conflict, also when both come at once', async () => {
    const { settings } = await start();
    const both = await Promise.allSettled([
      settings.change(mail, SITE, { rev: 0, given }),
      settings.change(mail, SITE, { rev: 0, given: { ...given, to: [] } }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await problemsOf(settings.change(mail, SITE, { rev: 0, given }))).toMatchObject({ code: 'conflict' });
    expect(settings.of('mail', SITE).value).toEqual(given);
  });

  test('that is not valid changes nothing and names every field', async () => {
    const { settings, events } = await start();
    const { code, errors } = await problemsOf(
      settings.change(mail, SITE, { rev: 0, given: { ...given, server: 'nowhere', password: 'abc', more: 1 } }),
    );
    expect(code).toBe('invalid-request');
    expect(errors).toContainEqual({ path: 'body.value.server', message: 'give the address of the server' });
    expect(errors).toContainEqual({ path: 'body.value.password', message: 'use at least 4 characters' });
    expect(errors.map(({ message }) => message).join()).toContain('more');
    expect([settings.of('mail', SITE).rev, events]).toEqual([0, []]);
  });

  test('stores what the schema made of it', async () => {
    const { settings } = await start();
    await settings.change(mail, SITE, { rev: 0, given: { ...given, to: ['  a  '] } });
    expect(settings.view(mail, SITE).value.to).toEqual(['a']);
  });

  test.each([
    ['prototype keys', JSON.parse('{"__proto__": {"server": "x"}, "constructor": 1}')],
    ['nothing', {}],
    ['a list for a text', { ...given, server: ['https://mail.example'] }],
    ['an operator for a text', { ...given, server: { $gt: '' } }],
    ['a sealed text of their own', { ...given, password: { sealed: 'v1.a.b.c' } }],
    ['a number for a secret', { ...given, password: 12_345 }],
  ])('refuses %s', async (_, hostile) => {
    const { settings } = await start();
    expect((await problemsOf(settings.change(mail, SITE, { rev: 0, given: hostile }))).code).toBe('invalid-request');
    expect(settings.of('mail', SITE).rev).toBe(0);
  });
});

describe('a secret', () => {
  const withSecret = async (dir?: string) => {
    const bench = await start(dir);
    await bench.settings.change(mail, SITE, { rev: 0, given: { ...given, password: CANARY } });
    return bench;
  };

  test('is used in plain, shown as set only, and neither on the disk nor on the hub', async () => {
    const { settings, events, file } = await withSecret();
    expect(settings.of('mail', SITE).value.password).toBe(CANARY);
    expect(settings.view(mail, SITE).value.password).toEqual({ set: true });
    expect(file()).not.toContain(CANARY);
    expect(JSON.stringify(events)).not.toContain(CANARY);
  });

  test.each([
    ['as it was read', { password: { set: true } }],
    ['not at all', {}],
  ])('stays when it is sent %s', async (_, sent) => {
    const { settings } = await withSecret();
    await settings.change(mail, SITE, { rev: 1, given: { ...given, to: [], ...sent } });
    expect(settings.of('mail', SITE).value).toEqual({ ...given, to: [], password: CANARY });
  });

  test.each([[null], ['']])('goes with %j', async (password) => {
    const { settings } = await withSecret();
    await settings.change(mail, SITE, { rev: 1, given: { ...given, password } });
    expect(settings.of('mail', SITE).value).toEqual(given);
    expect(settings.view(mail, SITE).value.password).toEqual({ set: false });
  });

  test('is not named in what is said about it', async () => {
    const { settings } = await withSecret();
    const wrong = settings.change(mail, SITE, { rev: 1, given: { ...given, server: 'x', password: `${CANARY}2` } });
    const error = await wrong.catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error])).not.toContain(CANARY);
  });

  test('opens in its own place only, and is asked for anew when the key is another one', async () => {
    const first = await withSecret();
    await first.close();
    const { settings } = await start(first.dir, { master: Buffer.alloc(32, 8) });
    const message = 'it was sealed with another key: enter it again';
    expect(settings.view(mail, SITE).problems).toEqual([{ path: 'password', message }]);
    expect(() => settings.of('mail', SITE)).toThrow(`Mail: password: ${message}`);
    await settings.change(mail, SITE, { rev: 1, given: { ...given, password: 'another' } });
    expect(settings.of('mail', SITE).value.password).toBe('another');
  });

  test('may not lie deeper than the first level, where it would not be sealed', async () => {
    const deep = { ...mail, settings: z.strictObject({ list: z.array(z.string().meta({ secret: true })) }) };
    const parts = { sections: [deep as unknown as Section] } as unknown as Parameters<typeof Settings.open>[0];
    const documents = { collection: async () => ({ find: async () => [] }) };
    await expect(Settings.open({ ...parts, documents } as unknown as typeof parts)).rejects.toThrow(
      'list holds a secret',
    );
  });
});

describe('a variable', () => {
  const env = { MAIL: 'https://mail.example', MAIL_PASSWORD: CANARY, REEVE_KEY: 'master' };

  test('stays as written and is resolved for use', async () => {
    const { settings, file } = await start(undefined, { env });
    const written = { ...given, server: '${MAIL}/in', password: '${MAIL_PASSWORD}', to: ['$${x}'] };
    await settings.change(mail, SITE, { rev: 0, given: written });
    expect(settings.of('mail', SITE).value).toEqual({
      ...given,
      server: 'https://mail.example/in',
      password: CANARY,
      to: ['${x}'],
    });
    expect(settings.view(mail, SITE).value).toMatchObject({ server: '${MAIL}/in', to: ['$${x}'] });
    expect(file()).not.toContain(CANARY);
  });

  test('is brought in by owners only, and where one is used nobody else changes where it goes', async () => {
    const { settings } = await start(undefined, { env });
    const byAdmin = (rev: number, more: object) =>
      settings.change(mail, SITE, { rev, given: { ...given, ...more }, mayRefer: false });
    const { errors } = await problemsOf(byAdmin(0, { password: '${MAIL_PASSWORD}' }));
    expect(errors).toEqual([{ path: 'body.value.password', message: expect.stringContaining('only an owner') }]);
    await settings.change(mail, SITE, { rev: 0, given: { ...given, password: '${MAIL_PASSWORD}' } });
    const moved = await problemsOf(byAdmin(1, { server: 'https://elsewhere.example', password: { set: true } }));
    expect(moved.errors[0]?.path).toBe('body.value.server');
    await byAdmin(1, { password: { set: true } });
    await byAdmin(2, { server: 'https://elsewhere.example', password: 'another' });
  });

  test('that is missing is refused at its field, by name', async () => {
    const { settings } = await start(undefined, { env });
    const { errors } = await problemsOf(
      settings.change(mail, SITE, { rev: 0, given: { ...given, to: ['ok', '${NOBODY}'] } }),
    );
    expect(errors).toEqual([
      { path: 'body.value.to.1', message: expect.stringContaining('the variable NOBODY is not set') },
    ]);
  });

  test('that went missing since is told at its field; the rest stays, and works again when it is back', async () => {
    const first = await start(undefined, { env });
    await first.settings.change(mail, SITE, { rev: 0, given: { ...given, server: '${MAIL}' } });
    await first.close();
    const second = await start(first.dir);
    expect(second.settings.view(mail, SITE)).toMatchObject({
      rev: 1,
      value: { ...given, server: '${MAIL}' },
      problems: [{ path: 'server' }],
    });
    expect(() => second.settings.of('mail', SITE)).toThrow('the variable MAIL is not set');
    await second.close();
    const third = await start(first.dir, { env });
    expect(third.settings.of('mail', SITE).value).toEqual(given);
  });

  test('must not give the master key away, nor what opens a database', async () => {
    const { settings } = await start(undefined, { env });
    const { errors } = await problemsOf(
      settings.change(mail, SITE, { rev: 0, given: { ...given, server: 'https://x.example/${REEVE_KEY}' } }),
    );
    expect(errors).toEqual([{ path: 'body.value.server', message: 'REEVE_KEY cannot be used in settings' }]);
    const { problems } = resolved('${REEVE_STORE} ${REEVE_STORE_PASSWORD} ${PGPASSWORD}', () => CANARY);
    expect(problems).toHaveLength(3);
  });

  test('cannot stand where only certain words may', async () => {
    const { settings } = await start(undefined, { env: { MODE: 'tls' } });
    const { errors } = await problemsOf(settings.change(mail, SITE, { rev: 0, given: { ...given, mode: '${MODE}' } }));
    expect(errors.map(({ path }) => path)).toEqual(['body.value.mode']);
  });
});

describe('what another version stored', () => {
  test('keeps its known fields that are still valid', async () => {
    const first = await start();
    await first.close();
    const value = { ...given, mode: 'gone', later: true };
    const line = sealLine(JSON.stringify({ _id: `mail@${SITE}`, siteId: SITE, rev: 4, value }));
    writeFileSync(join(first.dir, 'docs', 'settings.db'), `${line}\n`);
    const { settings } = await start(first.dir);
    expect(settings.of('mail', SITE)).toEqual({ rev: 4, value: { ...given, mode: 'plain' } });
  });

  test('of a section that is not there any more is left alone', async () => {
    const first = await start();
    await first.close();
    const line = sealLine(JSON.stringify({ _id: 'gone', siteId: 'appliance', rev: 1, value: { a: 1 } }));
    writeFileSync(join(first.dir, 'docs', 'settings.db'), `${line}\n`);
    const second = await start(first.dir);
    expect(second.settings.of('mail', SITE).rev).toBe(0);
    expect(second.file()).toContain('"gone"');
  });
});

test('a site that goes takes its settings along, and no others', async () => {
  const { settings } = await start();
  await settings.change(mail, SITE, { rev: 0, given });
  await settings.change(mail, OTHER, { rev: 0, given });
  await settings.forgetSite(SITE);
  expect([settings.of('mail', SITE).rev, settings.of('mail', OTHER).rev, settings.of('disk').rev]).toEqual([0, 1, 1]);
});

describe.each(sections.map((each) => [each.id, each] as const))('the section %s', (_, each: Section) => {
  test('has defaults that are valid, refuses unknown fields and gives every field a title', () => {
    expect(each.settings.parse(each.defaults)).toEqual(each.defaults);
    expect(each.settings.safeParse({ ...each.defaults, nobodyKnowsThis: 1 }).success).toBe(false);
    const { properties = {} } = z.toJSONSchema(each.settings, { io: 'input' });
    const untitled = Object.entries(properties).filter(([, property]) => !(property as { title?: string }).title);
    expect(untitled).toEqual([]);
  });

  test('asks of the whole appliance nobody but owners to change it', () => {
    if (each.scope === 'appliance') expect(each.access.change).toBe('owner');
    else expect(['admin', 'owner']).toContain(each.access.change);
  });
});
