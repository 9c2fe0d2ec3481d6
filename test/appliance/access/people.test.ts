import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { InProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { keyOf, must, nobody, PASSWORD, type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

let reeve: InProcess;
let owner: Party;
let home: string;
let other: string;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
  home = String((await session(owner)).siteId);
  other = String((await must(owner.ask('POST', '/api/v1/sites', { name: 'Branch' }))).id);
});
afterAll(() => reeve.stop());

const session = async (who: Party) =>
  ((await must(who.ask('GET', '/api/v1/entry'))).session ?? {}) as Record<string, unknown> & {
    sites: { id: string; role: string }[];
  };
const items = async (who: Party, path: string) =>
  (await must(who.ask('GET', path))).items as (Record<string, unknown> & { id: string; rev: number })[];

interface Made {
  id: string;
  rev: number;
  userName: string;
}
const make = async (userName: string, more: object = {}): Promise<Made> =>
  (await must(owner.ask('POST', '/api/v1/users', { userName, password: PASSWORD, ...more }))) as unknown as Made;
const memberOf = (siteId: string, role: string) => ({ roles: [{ siteId, role }] });

describe('an account', () => {
  test('is made by an owner, signs in with its role, and is changed by revision', async () => {
    const ann = await make('ann', memberOf(home, 'operator'));
    const party = await signInAs(reeve, { userName: 'ann', role: 'operator' });
    expect(await session(party)).toMatchObject({ kind: 'user', role: 'operator', siteId: home, sites: [{ id: home }] });
    const path = `/api/v1/users/${ann.id}`;
    const { headers } = await owner.ask('GET', path);
    expect(headers.get('etag')).toBe(`"${ann.rev}"`);
    await must(owner.ask('PATCH', path, { rev: ann.rev, ...memberOf(home, 'viewer') }));
    expect(await owner.ask('PATCH', path, { rev: ann.rev, userName: 'anna' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect(await session(party)).toMatchObject({ role: 'viewer' });
  });

  test('never shows its hash, nor takes a name that is there, nor a site that is not', async () => {
    const ben = await make('ben', memberOf(home, 'viewer'));
    expect(JSON.stringify([ben, await items(owner, '/api/v1/users')])).not.toMatch(/argon|hash/i);
    const form = { userName: 'BEN', password: PASSWORD };
    expect((await owner.ask('POST', '/api/v1/users', form)).body).toMatchObject({
      code: 'conflict',
      errors: [{ path: 'body.userName' }],
    });
    const nowhere = { userName: 'cy', password: PASSWORD, ...memberOf(ben.id, 'viewer') };
    expect((await owner.ask('POST', '/api/v1/users', nowhere)).body).toMatchObject({
      code: 'invalid-request',
      errors: [{ path: 'body.roles.0.siteId' }],
    });
    expect((await owner.ask('PATCH', `/api/v1/users/${ben.id}`, { rev: ben.rev, userName: 'owner' })).status).toBe(409);
  });

  test('without a role in any site lets nobody in, and one that loses its last is signed out', async () => {
    const cem = await make('cem', memberOf(home, 'viewer'));
    const party = await signInAs(reeve, { userName: 'cem', role: 'viewer' });
    await must(owner.ask('PATCH', `/api/v1/users/${cem.id}`, { rev: cem.rev, roles: [] }));
    expect((await party.ask('GET', '/api/v1/hosts')).status).toBe(401);
    const again = await nobody(reeve).ask('POST', '/api/v1/session', { userName: 'cem', password: PASSWORD });
    expect(again).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  });

  test('that is removed is gone with its sessions and keys', async () => {
    const dan = await make('dan', memberOf(home, 'admin'));
    const party = await signInAs(reeve, { userName: 'dan', role: 'admin' });
    const key = await keyOf(party, reeve, { name: 'of dan', role: 'viewer' });
    expect((await key.ask('GET', '/api/v1/hosts')).status).toBe(200);
    await must(owner.ask('DELETE', `/api/v1/users/${dan.id}`));
    for (const each of [party, key]) expect((await each.ask('GET', '/api/v1/hosts')).status).toBe(401);
    expect((await owner.ask('GET', `/api/v1/users/${dan.id}`)).status).toBe(404);
  });

  test('gets another password by an owner, which ends its sessions; the own one does not', async () => {
    const eve = await make('eve', memberOf(home, 'viewer'));
    const party = await signInAs(reeve, { userName: 'eve', role: 'viewer' });
    await must(owner.ask('PUT', `/api/v1/users/${eve.id}/password`, { password: 'another horse' }));
    expect((await party.ask('GET', '/api/v1/hosts')).status).toBe(401);
    await expect(signInAs(reeve, { userName: 'eve', role: 'viewer' })).rejects.toThrow('401');
    const { userId } = await session(owner);
    for (const [method, path, body] of [
      ['PUT', `/api/v1/users/${userId}/password`, { password: 'another horse' }],
      ['DELETE', `/api/v1/users/${userId}/second-factor`],
      ['DELETE', `/api/v1/users/${userId}`],
    ] as const)
      expect((await owner.ask(method, path, body)).body, path).toMatchObject({ code: 'own-account' });
  });
});

describe('owners', () => {
  test('may be several, and the last one stays', async () => {
    const { userId } = await session(owner);
    const own = await must(owner.ask('GET', `/api/v1/users/${userId}`));
    const drop = (rev: unknown) => owner.ask('PATCH', `/api/v1/users/${userId}`, { rev, isOwner: false });
    expect((await drop(own.rev)).body).toMatchObject({ code: 'last-owner' });
    const second = await make('second', { isOwner: true });
    const party = await signInAs(reeve, { userName: 'second', role: 'owner' });
    expect((await session(party)).sites.map(({ role }) => role)).toEqual(['owner', 'owner']);
    // Two who are the last two give it up at once: one of them stays.
    const both = await Promise.all([
      drop(own.rev),
      party.ask('PATCH', `/api/v1/users/${second.id}`, { rev: second.rev, isOwner: false }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const keeper = both[0]?.status === 409 ? owner : party;
    const [lost, rev] = both[0]?.status === 409 ? [second.id, both[1]?.body.rev] : [userId, both[0]?.body.rev];
    await must(keeper.ask('PATCH', `/api/v1/users/${lost}`, { rev, isOwner: true }));
  });
});

describe('members of a site', () => {
  test('are seen and changed by its admin, who learns nothing of their other sites', async () => {
    const both = await make('both', {
      roles: [
        { siteId: home, role: 'viewer' },
        { siteId: other, role: 'operator' },
      ],
    });
    const elsewhere = await make('elsewhere', memberOf(other, 'viewer'));
    await make('chief', memberOf(home, 'admin'));
    const chief = await signInAs(reeve, { userName: 'chief', role: 'admin' });
    const members = await items(chief, '/api/v1/members');
    expect(members.map(({ userName }) => userName)).toEqual(expect.arrayContaining(['owner', 'both', 'chief']));
    expect(JSON.stringify(members)).not.toContain('elsewhere');
    expect(JSON.stringify(members)).not.toContain(other);
    const path = `/api/v1/members/${both.id}`;
    expect((await must(chief.ask('PATCH', path, { was: 'viewer', role: 'admin' }))).role).toBe('admin');
    expect((await chief.ask('PATCH', path, { was: 'viewer', role: 'operator' })).status).toBe(409);
    await must(chief.ask('DELETE', path));
    expect((await must(owner.ask('GET', `/api/v1/users/${both.id}`))).roles).toEqual([
      { siteId: other, role: 'operator' },
    ]);
    for (const id of [elsewhere.id, both.id])
      expect((await chief.ask('DELETE', `/api/v1/members/${id}`)).body).toMatchObject({ code: 'not-found' });
    const { userId } = await session(owner);
    expect((await chief.ask('DELETE', `/api/v1/members/${userId}`)).body).toMatchObject({ code: 'not-allowed' });
  });

  test('who are operators may only view where the site says so', async () => {
    await make('oper', memberOf(home, 'operator'));
    const oper = await signInAs(reeve, { userName: 'oper', role: 'operator' });
    const key = await keyOf(owner, reeve, { name: 'operating', role: 'operator' });
    const { rev } = await must(owner.ask('GET', '/api/v1/settings/access'));
    const set = (at: unknown, operatorsOnlyView: boolean) =>
      must(owner.ask('PUT', '/api/v1/settings/access', { rev: at, value: { operatorsOnlyView } }));
    const changed = await set(rev, true);
    expect((await session(oper)).role).toBe('viewer');
    expect((await session(key)).role).toBe('viewer');
    await set(changed.rev, false);
    expect((await session(oper)).role).toBe('operator');
  });
});

describe('sites', () => {
  test('are entered by those who have a role there, and by no other id', async () => {
    await make('guest', memberOf(other, 'viewer'));
    const guest = await signInAs(reeve, { userName: 'guest', role: 'viewer' });
    expect(await items(guest, '/api/v1/sites')).toMatchObject([
      { id: other, name: 'Branch', role: 'viewer', isFirst: false },
    ]);
    const refused = await guest.ask('PUT', '/api/v1/session/site', { siteId: home });
    const never = await guest.ask('PUT', '/api/v1/session/site', { siteId: '01890a5d-ac96-774b-bcce-b302099a8057' });
    expect([refused.status, refused.body.detail]).toEqual([404, never.body.detail]);
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: other }));
    expect(await session(owner)).toMatchObject({ siteId: other, siteName: 'Branch', role: 'owner' });
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: home }));
  });

  test('are renamed by revision, have names of their own, and the first one stays', async () => {
    const [first] = await items(owner, '/api/v1/sites');
    const path = `/api/v1/sites/${home}`;
    await must(owner.ask('PATCH', path, { rev: first?.rev, name: 'Casa' }));
    expect((await owner.ask('PATCH', path, { rev: first?.rev, name: 'Again' })).status).toBe(409);
    expect((await owner.ask('POST', '/api/v1/sites', { name: 'Casa' })).body).toMatchObject({ code: 'conflict' });
    expect((await owner.ask('DELETE', path)).body).toMatchObject({ code: 'site-in-use' });
  });

  test('that are removed take keys and roles along, and whoever was there goes to another of theirs', async () => {
    const gone = String((await must(owner.ask('POST', '/api/v1/sites', { name: 'Gone' }))).id);
    const here = {
      roles: [
        { siteId: gone, role: 'viewer' },
        { siteId: home, role: 'viewer' },
      ],
    };
    const fay = await make('fay', here);
    const party = await signInAs(reeve, { userName: 'fay', role: 'viewer' });
    await must(party.ask('PUT', '/api/v1/session/site', { siteId: gone }));
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: gone }));
    const key = await keyOf(owner, reeve, { name: 'of gone', role: 'viewer' });
    const { token } = await must(owner.ask('POST', '/api/v1/agents/tokens', {}));
    await must(owner.ask('DELETE', `/api/v1/sites/${gone}`));
    await expect(pairWith(reeve.https, { token: String(token), name: 'late', facts: someFacts })).rejects.toThrow();
    expect(await session(party)).toMatchObject({ siteId: home, sites: [{ id: home }] });
    expect(await session(owner)).toMatchObject({ siteId: home });
    expect((await key.ask('GET', '/api/v1/hosts')).status).toBe(401);
    expect((await must(owner.ask('GET', `/api/v1/users/${fay.id}`))).roles).toEqual([{ siteId: home, role: 'viewer' }]);
  });
});

describe('sessions', () => {
  test('are listed and ended by their person, and by owners', async () => {
    const { id } = await make('gus', memberOf(home, 'viewer'));
    const one = await signInAs(reeve, { userName: 'gus', role: 'viewer' });
    const two = await signInAs(reeve, { userName: 'gus', role: 'viewer' });
    const mine = await items(one, '/api/v1/sessions');
    expect(mine).toMatchObject([{ isCurrent: true, userName: 'gus', from: '127.0.0.1' }, { isCurrent: false }]);
    expect((await items(owner, `/api/v1/sessions?userId=${id}`)).map((each) => each.id)).toEqual(
      mine.map((each) => each.id),
    );
    const [theirs] = await items(owner, '/api/v1/sessions');
    expect((await one.ask('DELETE', `/api/v1/sessions/${theirs?.id}`)).status).toBe(404);
    expect((await one.ask('GET', `/api/v1/sessions?userId=${(await session(owner)).userId}`)).status).toBe(404);
    await must(one.ask('DELETE', `/api/v1/sessions/${mine[1]?.id}`));
    expect((await two.ask('GET', '/api/v1/hosts')).status).toBe(401);
    await must(owner.ask('DELETE', `/api/v1/sessions/${mine[0]?.id}`));
    expect((await one.ask('GET', '/api/v1/hosts')).status).toBe(401);
  });

  test('of the person end when the password is changed, but for the one that did it', async () => {
    await make('hal', memberOf(home, 'viewer'));
    const one = await signInAs(reeve, { userName: 'hal', role: 'viewer' });
    const two = await signInAs(reeve, { userName: 'hal', role: 'viewer' });
    const change = (current: string) =>
      one.ask('PUT', '/api/v1/account/password', { current, password: 'fresh horse 1' });
    expect((await change('not this one')).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await one.ask('GET', '/api/v1/account')).body).toMatchObject({
      userName: 'hal',
      secondFactor: { isOn: false },
    });
    expect((await two.ask('GET', '/api/v1/account')).status).toBe(401);
  });

  test('come in pages', async () => {
    const first = await must(owner.ask('GET', '/api/v1/users?limit=2'));
    const second = await must(owner.ask('GET', `/api/v1/users?limit=2&cursor=${first.next}`));
    const names = [first, second].flatMap((page) => (page.items as Made[]).map(({ userName }) => userName));
    expect(new Set(names).size).toBe(4);
  });
});
