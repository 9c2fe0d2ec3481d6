import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mayDo, type Role, type Session } from '../../../appliance/session.ts';
import { liveEvents } from '../../../protocol/live.ts';
import { NEVER } from '../../helpers/samples.ts';
import { until } from '../../helpers/until.ts';
import { must, nobody, type Party, startTwoSites, type TwoSites } from '../../helpers/world.ts';

interface Listener {
  socket: Socket;
  /** Everything that came, as text. */
  heard: string[];
  say(event: string, message: unknown): Promise<{ ok: boolean; code?: string }>;
}

let two: TwoSites;
const sockets: Socket[] = [];
beforeAll(async () => {
  two = await startTwoSites();
}, 60_000);
afterAll(async () => {
  for (const each of sockets) each.close();
  await two?.stop();
});

/** Fails with the words of the refusal. */
async function listen(headers: Record<string, string>): Promise<Listener> {
  const socket = io(`${two.reeve.http}/live`, {
    ...{ transports: ['websocket'], extraHeaders: headers, reconnection: false, forceNew: true },
  });
  sockets.push(socket);
  const heard: string[] = [];
  socket.onAny((...all) => heard.push(JSON.stringify(all)));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return {
    socket,
    heard,
    say: (event, message) => socket.timeout(3_000).emitWithAck(event, message),
  };
}

const tenants = (): Party[] =>
  [...Object.values(two.home.people), ...Object.values(two.home.keys)].filter(({ role }) => role !== 'owner');
const messageFor = (event: keyof typeof liveEvents, hostId: string): object =>
  'hostId' in liveEvents[event].message.shape ? { hostId } : {};
const events = Object.keys(liveEvents) as (keyof typeof liveEvents)[];

describe('the live socket', () => {
  test('lets in nobody without a session, nor with a wrong key beside a good cookie', async () => {
    const { cookie = '' } = two.home.people.viewer.headers;
    for (const headers of [
      {},
      { cookie: 'reeve=x' },
      { 'x-api-key': 'rvk_wrong' },
      { cookie, 'x-api-key': 'rvk_wrong' },
      { cookie, authorization: 'Bearer wrong' },
    ])
      await expect(listen(headers as Record<string, string>), JSON.stringify(headers)).rejects.toThrow('not-signed-in');
  });

  test.each(events)('%s is answered by role, with cookie and key, and not for hosts of another site', async (event) => {
    const takesHost = 'hostId' in liveEvents[event].message.shape;
    for (const who of [...tenants(), two.owner]) {
      const listener = await listen(who.headers);
      const isLetIn = mayDo({ role: who.role } as Session, liveEvents[event].access as Role);
      const own = await listener.say(event, messageFor(event, two.home.ids.hostId ?? ''));
      expect(own.ok, who.name).toBe(isLetIn);
      if (!takesHost) continue;
      const theirs = await listener.say(event, messageFor(event, two.canary.ids.hostId ?? ''));
      expect(theirs, who.name).toEqual(await listener.say(event, messageFor(event, NEVER)));
    }
  });

  test('never brings anything of another site, whoever listens and whatever they asked for', async () => {
    const listeners = await Promise.all([...tenants(), two.owner].map(({ headers }) => listen(headers)));
    for (const each of listeners)
      for (const event of events)
        for (const { ids } of [two.canary, two.home]) {
          if (event === 'unwatch') continue;
          await each.say(event, messageFor(event, ids.hostId ?? ''));
        }
    for (let n = 0; n < 3; n++) {
      await two.canary.sendFrame();
      await two.home.sendFrame();
    }
    await must(two.canary.people.admin.ask('PATCH', `/api/v1/hosts/${two.canary.ids.hostId}`, await renamed()));
    for (const { people, ids } of [two.canary, two.home])
      await must(people.operator.ask('POST', `/api/v1/alerts/${ids.alertId}/comments`, { comment: 'seen' }));
    for (const { heard } of listeners)
      await until(() => heard.filter((text) => text.startsWith('["frame"')).length >= 3, { what: 'own frames come' });
    for (const { heard } of listeners)
      await until(
        () => heard.some((text) => text.startsWith('["alert"') && text.includes(two.home.ids.alertId ?? '')),
        {
          what: 'what happens to the own alert comes',
        },
      );
    for (const { heard } of listeners)
      expect(two.canary.secrets.filter((secret) => heard.some((text) => text.includes(secret)))).toEqual([]);
  });

  async function renamed(): Promise<object> {
    const { rev } = await must(two.canary.people.admin.ask('GET', `/api/v1/hosts/${two.canary.ids.hostId}`));
    return { rev, name: 'canary-renamed' };
  }

  test('of a session that goes to another site is closed, and the new one is in that site', async () => {
    const { owner, home, canary } = two;
    const before = await listen(owner.headers);
    await before.say('watch', { hostId: home.ids.hostId });
    const ended = new Promise((resolve) => before.socket.once('ended', resolve));
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: canary.siteId }));
    expect(await ended).toBe('site');
    await until(() => !before.socket.connected, { what: 'the socket is closed' });
    const after = await listen(owner.headers);
    expect((await after.say('watch', { hostId: canary.ids.hostId })).ok).toBe(true);
    expect(await after.say('watch', { hostId: home.ids.hostId })).toMatchObject({ ok: false, code: 'not-found' });
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: home.siteId }));
  });

  test('of operators is closed when they may only view from now on, and again when they may act; others stay', async () => {
    const { owner, home } = two;
    const path = '/api/v1/settings/access';
    const change = async (operatorsOnlyView: boolean): Promise<void> => {
      const { rev } = await must(owner.ask('GET', path));
      await must(owner.ask('PUT', path, { rev, value: { operatorsOnlyView } }));
    };
    const roleNow = async () => (await must(home.people.operator.ask('GET', '/api/v1/entry'))).session;
    for (const [isOnly, role] of [
      [true, 'viewer'],
      [false, 'operator'],
    ] as const) {
      const operators = await Promise.all([listen(home.people.operator.headers), listen(home.keys.operator.headers)]);
      const others = await Promise.all([listen(home.people.admin.headers), listen(home.people.viewer.headers)]);
      const ended = operators.map(({ socket }) => new Promise((resolve) => socket.once('ended', resolve)));
      await change(isOnly);
      expect(await Promise.all(ended)).toEqual(['site', 'site']);
      expect(await roleNow()).toMatchObject({ role });
      for (const { say } of others) expect((await say('fleet', {})).ok).toBe(true);
    }
  });

  test('of somebody whose role was taken, or whose key was removed, is closed at once', async () => {
    const { owner, canary, reeve } = two;
    const person = await listen(canary.people.viewer.headers);
    const key = await listen(canary.keys.viewer.headers);
    await must(canary.people.admin.ask('DELETE', `/api/v1/members/${canary.ids.userId}`));
    await must(canary.people.admin.ask('DELETE', `/api/v1/keys/${canary.ids.keyId}`));
    await until(() => !person.socket.connected && !key.socket.connected, { what: 'both sockets are closed' });
    await expect(listen(canary.people.viewer.headers)).rejects.toThrow('not-signed-in');
    await expect(listen(canary.keys.viewer.headers)).rejects.toThrow('not-signed-in');
    expect((await nobody(reeve).ask('GET', '/api/v1/hosts', undefined, owner.headers)).status).toBe(200);
  });
});
