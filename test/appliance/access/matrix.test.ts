import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Logger } from '../../../appliance/log.ts';
import { Problem } from '../../../appliance/problem.ts';
import { Routes } from '../../../appliance/serve.ts';
import { ROLES, type Role, type Session } from '../../../appliance/session.ts';
import { makeWeb } from '../../../appliance/web.ts';
import type { Route } from '../../../protocol/route.ts';
import { routes } from '../../../protocol/routes/index.ts';
import { EXAMPLES } from '../../helpers/examples.ts';
import { addressOf, type Ids, NEVER, NEVER_IDS, type Sample, sampleFor } from '../../helpers/samples.ts';
import { nobody, type Party, startTwoSites, type TwoSites } from '../../helpers/world.ts';

/** The closed list: what answers somebody who showed neither cookie nor key. Whoever adds to it says in docs/security.md why. */
const PUBLIC = [
  // The script is the same for everybody; the other wants a code that an admin has made.
  ...['audits.hostScript', 'audits.join'],
  'health.live',
  'health.ready',
  'access.entry',
  'access.createOwner',
  'access.signIn',
  'access.form',
  'dashboard.checkSetupCode',
  'agents.pairStart',
  'agents.pairFinish',
  'agents.script',
  'agents.installShell',
  'agents.installPowerShell',
  'agents.executable',
  // The agent has nothing to show yet but its commitment: docs/security.md, "Six digits".
  'agents.joinStart',
  'agents.joinReveal',
  'agents.joinLook',
  'agents.joinConfirm',
  // Only while there is no owner, for the set-up code or what was given for it.
  'backups.beginSetupUpload',
  'backups.uploadAtSetup',
  'backups.restoreAtSetup',
  'backups.readSetupRestore',
  // Texts that tell nothing of this appliance.
  'api.docs',
  'api.problem',
  // A certificate: what a device has to hold to believe this appliance.
  'system.caCertificate',
];

const table: readonly Route[] = routes;
const isOpen = ({ access }: Route): boolean => access === 'public' || access === 'setup' || access === 'agent';
const guarded = table.filter((route) => !isOpen(route));
const never = NEVER_IDS;
/** Ids of what belongs to the whole appliance: only owners may call their routes, whatever their site. */
const OF_APPLIANCE = ['jobId', 'backupId', 'uploadId'];
/** Ids of what belongs to no site until somebody takes it into theirs; test/appliance/agents/joins.test.ts tries that wall. */
const OF_NOBODY = ['joinRequestId'];

const sampleOf = (route: Route, ids: Ids): Sample => sampleFor(route, ids, { example: EXAMPLES[route.id] });

test('every route can be walked: its schemas yield a request, or the table of examples has one', () => {
  const lacking = table.flatMap((route) => {
    try {
      sampleOf(route, never);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  expect(lacking).toEqual([]);
  expect(Object.keys(EXAMPLES).filter((id) => !table.some((route) => route.id === id))).toEqual([]);
});

test('every id in a path is one of the world that the wall is tried with, or belongs to the whole appliance', () => {
  const isKnown = (name: string, { access }: Route): boolean =>
    name in never ||
    OF_NOBODY.includes(name) ||
    (OF_APPLIANCE.includes(name) && (access === 'owner' || access === 'setup'));
  const unknown = table.flatMap((route) =>
    Object.keys(route.params?.shape ?? {})
      .filter((name) => name.endsWith('Id') && !isKnown(name, route))
      .map((name) => `${route.id}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('the list of routes that answer anybody is closed', () => {
  expect(
    table
      .filter(isOpen)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...PUBLIC].sort());
});

describe('the door', () => {
  const kinds = ['user', 'key'] as const;
  let url = '';
  let close: () => void;
  beforeAll(async () => {
    const served = new Routes();
    for (const route of table)
      served.serve(route, () => {
        throw new Problem('conflict', 'reached');
      });
    const sessionOf = (role: Role, kind: Session['kind']): Session => ({
      ...{ id: NEVER, kind, userId: NEVER, userName: 'ann', role, siteId: NEVER, expiresAt: 9e15 },
    });
    const log = pino({ level: 'silent' }) as Logger;
    const web = makeWeb({
      ...{ routes: served, table, log, url: undefined, hosts: [], trustProxy: [], webDir: undefined },
      door: {
        log,
        isSetUp: () => true,
        audit: () => undefined,
        authenticate: (request) => {
          const [role, kind] = (request.get('x-test') ?? '').split(' ');
          return role ? sessionOf(role as Role, kind as Session['kind']) : undefined;
        },
      },
    });
    const server = createServer(web).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => void server.close().closeAllConnections();
  });
  afterAll(() => close?.());

  /** The code of the answer; `conflict` is what every handler says here. */
  async function knock(route: Route, as: string): Promise<string> {
    const sample = sampleOf(route, never);
    const isUpload = 'uploadBytes' in route;
    const response = await fetch(url + addressOf(route, sample), {
      method: route.method,
      headers: { 'x-test': as, 'content-type': isUpload ? 'application/octet-stream' : 'application/json' },
      ...(route.method !== 'GET' && { body: isUpload ? 'bytes' : JSON.stringify(sample.body ?? {}) }),
    });
    return ((await response.json()) as { code: string }).code;
  }

  test.each(guarded)('$id lets in exactly who may call it', async (route) => {
    expect(await knock(route, '')).toBe('not-signed-in');
    for (const kind of kinds)
      for (const role of ROLES) {
        const isLetIn =
          ROLES.indexOf(role) >= ROLES.indexOf(route.access as Role) && !(route.personal && kind === 'key');
        expect(await knock(route, `${role} ${kind}`), `${role} ${kind}`).toBe(isLetIn ? 'conflict' : 'not-allowed');
      }
  });

  test.each(table.filter(isOpen))('$id answers anybody, but set-up only while there is no owner', async (route) => {
    expect(await knock(route, '')).toBe(route.access === 'setup' ? 'already-set-up' : 'conflict');
  });
});

describe('the appliance', () => {
  let two: TwoSites;
  beforeAll(async () => {
    two = await startTwoSites();
  }, 60_000);
  afterAll(() => two?.stop());

  const send = (who: Party, route: Route, ids: Ids) => {
    const sample = sampleOf(route, ids);
    const isUpload = 'uploadBytes' in route;
    const body = route.method === 'GET' ? undefined : isUpload ? 'bytes' : (sample.body ?? {});
    return who.ask(
      route.method,
      addressOf(route, sample),
      body,
      isUpload ? { 'content-type': 'application/octet-stream' } : {},
    );
  };
  const peopleOf = ({ home }: TwoSites): Party[] => [...Object.values(home.people), ...Object.values(home.keys)];
  /** All but those who own the whole appliance. */
  const tenants = (): Party[] => peopleOf(two).filter(({ role }) => role !== 'owner');
  const may = (who: Party, { access, personal }: Route): boolean =>
    ROLES.indexOf(who.role as Role) >= ROLES.indexOf(access as Role) && !(personal && who.kind === 'key');
  const takesIds = (route: Route): boolean => {
    try {
      const text = JSON.stringify(sampleOf(route, never));
      return Object.values(never).some((id) => text.includes(id));
    } catch {
      return true; // It fails in the first test, which names the cure.
    }
  };
  /** An answer without the ids that were asked for, and without what differs from answer to answer. */
  const without = (ids: Ids, answer: unknown): string =>
    Object.values(ids).reduce(
      (text, id) => text.replaceAll(id, 'ID'),
      JSON.stringify(answer).replace(/"instance":"[^"]*"/, ''),
    );

  test.each(guarded)('$id refuses those who may not, with real cookies and keys', async (route) => {
    expect(await send(nobody(two.reeve), route, never)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    for (const who of peopleOf(two).filter((each) => !may(each, route))) {
      const { status, body } = await send(who, route, two.home.ids);
      expect({ status, code: body.code }, who.name).toEqual({ status: 403, code: 'not-allowed' });
    }
  });

  test.each(guarded.filter(({ method }) => method === 'GET'))('$id answers those who may read it', async (route) => {
    for (const who of [...peopleOf(two), two.owner].filter((each) => may(each, route))) {
      const { status, body } = await send(who, route, two.home.ids);
      expect([200, 404], `${who.name}: ${status} ${JSON.stringify(body).slice(0, 200)}`).toContain(status);
    }
  });

  test.each(guarded.filter(({ method }) => method === 'GET'))('$id holds nothing of another site', async (route) => {
    for (const who of tenants())
      for (const ids of takesIds(route) ? [two.home.ids, two.canary.ids] : [two.home.ids]) {
        const { body, headers } = await send(who, route, ids);
        const said = without(ids === two.canary.ids ? ids : {}, [body, [...headers]]);
        expect(
          two.canary.secrets.filter((secret) => said.includes(secret)),
          who.name,
        ).toEqual([]);
      }
  });

  test.each(guarded.filter(takesIds))(
    '$id answers for what is of another site as for what never was',
    async (route) => {
      const theOwner = route.site === 'record' ? [two.owner, two.home.keys.owner] : [];
      for (const who of [...tenants(), ...theOwner]) {
        const theirs = await send(who, route, two.canary.ids);
        const none = await send(who, route, never);
        expect({ status: theirs.status, said: without(two.canary.ids, theirs.body) }, who.name).toEqual({
          status: none.status,
          said: without(never, none.body),
        });
        if (route.params && may(who, route)) expect(theirs.status, 'a refusal').toBeGreaterThanOrEqual(400);
      }
    },
  );

  test('a metric of another site is as unknown as one that never was', async () => {
    const ask = (metric: string) =>
      two.home.people.admin.ask(
        'GET',
        `/api/v1/history?from=${Date.now() - 60_000}&to=${Date.now()}&metrics=${metric}`,
      );
    const [theirs, none] = [await ask('canary.depth'), await ask('nobody.depth')];
    expect(theirs.status).toBe(none.status);
    expect(theirs.body).toMatchObject({ series: [] });
    expect(none.body).toMatchObject({ series: [] });
  });

  test('and the other site is as it was', async () => {
    const { canary } = two;
    for (const who of [...Object.values(canary.people), ...Object.values(canary.keys)]) {
      const { body } = await who.ask('GET', '/api/v1/hosts');
      const hosts = (Array.isArray(body) ? body : (body as { items: unknown[] }).items) as {
        id: string;
        name: string;
      }[];
      expect(
        hosts.map(({ id, name }) => [id, name]),
        who.name,
      ).toEqual([[canary.ids.hostId, 'canary-nas']]);
    }
    const token = await canary.people.admin.ask('GET', `/api/v1/agents/tokens/${canary.ids.tokenId}`);
    expect(token.body).toMatchObject({ state: 'open' });
    expect((await canary.people.admin.ask('GET', '/api/v1/members')).body).toMatchObject({ items: { length: 4 } });
  });
});
