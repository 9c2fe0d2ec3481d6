import { afterEach, describe, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, type HandAgent } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

const HOSTS = '/api/v1/hosts';

let bench: InProcess | undefined;
const agents: HandAgent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.close();
  await bench?.stop();
  bench = undefined;
});

async function started() {
  bench = await startInProcess({ distDir: makeAgentDist() });
  const { call, https, setUp } = bench;
  await setUp();
  const add = async (body: object): Promise<Host> => {
    const answer = await call('POST', HOSTS, body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body as unknown as Host;
  };
  const read = async (id: string) => (await call('GET', `${HOSTS}/${id}`)).body as unknown as Host;
  const token = async (body: object) =>
    (await call('POST', '/api/v1/agents/tokens', body)) as unknown as {
      status: number;
      body: { token: string; tokenId: string; code?: string };
    };
  const pair = async (text: string, name = 'nas') => {
    const pairing = await pairWith(https, { token: text, name, facts: { ...someFacts, hostName: name } });
    const agent = await connectByHand(https, pairing);
    agents.push(agent);
    return { pairing, agent };
  };
  /** A second site, with a host in it; the caller stays in the first. */
  const elsewhere = async (): Promise<Host> => {
    const { siteId } = ((await call('GET', '/api/v1/entry')).body as unknown as { session: { siteId: string } })
      .session;
    const site = (await call('POST', '/api/v1/sites', { name: 'Elsewhere' })).body as unknown as { id: string };
    const go = async (to: string) =>
      expect((await call('PUT', '/api/v1/session/site', { siteId: to })).status).toBe(200);
    await go(site.id);
    const host = await add({ name: 'theirs', kind: 'agent', rack: 'Their rack', tags: ['secret-tag'] });
    await go(siteId);
    return host;
  };
  return { ...bench, add, read, token, pair, elsewhere };
}

const problemsAt = (body: unknown): string[] =>
  ((body as { errors?: { path: string }[] }).errors ?? []).map(({ path }) => path);

const EVERYTHING = {
  role: 'recorder',
  location: 'Cellar',
  rack: 'R1',
  rackUnit: 12,
  rackHeight: 2,
  hostName: 'cam-recorder.lan',
  addresses: ['192.168.1.7', 'fe80::1'],
  macs: ['00:1a:2b:3c:4d:5e'],
  watts: 65.5,
  tags: ['cameras', 'video'],
  logPaths: ['/var/log/syslog', 'C:\\logs\\recorder.log'],
  intervalMs: 10_000,
};

describe('a host that is added by hand', () => {
  test('keeps everything that was said of it, waits for its agent, and says so', async () => {
    const { add, read, call } = await started();
    const host = await add({ name: 'recorder', kind: 'agent', ...EVERYTHING });
    expect(host).toMatchObject({
      ...EVERYTHING,
      name: 'recorder',
      kind: 'agent',
      rev: 1,
      status: 'unknown',
      statusReason: 'It was added by hand, and no agent has been paired for it yet.',
    });
    expect(await read(host.id)).toEqual(host);
    expect((await call('GET', `${HOSTS}/${host.id}`)).headers.get('etag')).toBe('"1"');
  });

  test.each([
    ['ssh', '192.168.1.9:2222'],
    ['ssh', 'nas.lan'],
    ['ssh', 'fd00::7'],
    ['pull', 'https://nas.lan:9100/metrics'],
  ])('of kind %s is reached at %s', async (kind, address) => {
    const { add } = await started();
    expect(await add({ name: 'x', kind, address })).toMatchObject({ kind, address, status: 'unknown' });
  });

  test.each([
    ['no name', { kind: 'agent' }, 'body.name'],
    ['an empty name', { name: '  ', kind: 'agent' }, 'body.name'],
    ['control characters in its name', { name: 'a\u0007b', kind: 'agent' }, 'body.name'],
    ['text that runs backwards', { name: 'x', kind: 'agent', role: 'a\u202eb' }, 'body.role'],
    ['a line break in a tag', { name: 'x', kind: 'agent', tags: ['a\nb'] }, 'body.tags.0'],
    ['an unknown kind', { name: 'x', kind: 'magic' }, 'body.kind'],
    ['the kind that nobody adds', { name: 'x', kind: 'source' }, 'body.kind'],
    ['SSH without an address', { name: 'x', kind: 'ssh' }, 'body.address'],
    ['SSH to a command', { name: 'x', kind: 'ssh', address: '-oProxyCommand=sh' }, 'body.address'],
    ['SSH to a user', { name: 'x', kind: 'ssh', address: 'root@nas' }, 'body.address'],
    ['fetching from a file', { name: 'x', kind: 'pull', address: 'file:///etc/passwd' }, 'body.address'],
    ['fetching with a password', { name: 'x', kind: 'pull', address: 'http://a:b@nas/' }, 'body.address'],
    ['an address that it does not need', { name: 'x', kind: 'push', address: 'nas' }, 'body.address'],
    ['no IP address', { name: 'x', kind: 'agent', addresses: ['192.168.1.300'] }, 'body.addresses.0'],
    ['no MAC', { name: 'x', kind: 'agent', macs: ['00:1a:2b:3c:4d'] }, 'body.macs.0'],
    ['a unit without a rack', { name: 'x', kind: 'agent', rackUnit: 3 }, 'body.rack'],
    ['a unit beyond the top', { name: 'x', kind: 'agent', rack: 'R', rackUnit: 99, rackHeight: 4 }, 'body.rackHeight'],
    ['half a unit', { name: 'x', kind: 'agent', rack: 'R', rackUnit: 1.5 }, 'body.rackUnit'],
    ['less than no power', { name: 'x', kind: 'agent', watts: -1 }, 'body.watts'],
    ['a log file that is nowhere', { name: 'x', kind: 'agent', logPaths: ['syslog'] }, 'body.logPaths.0'],
    ['an operator for a name', { name: { $gt: '' }, kind: 'agent' }, 'body.name'],
    ['10,000 tags', { name: 'x', kind: 'agent', tags: Array.from({ length: 10_000 }, (_, n) => `t${n}`) }, undefined],
    ['33 tags', { name: 'x', kind: 'agent', tags: Array.from({ length: 33 }, (_, n) => `t${n}`) }, 'body.tags'],
  ])('is refused with %s, at its field', async (_, body, field) => {
    const { call } = await started();
    const answer = await call('POST', HOSTS, body);
    expect([400, 413]).toContain(answer.status);
    if (field) expect(problemsAt(answer.body)).toContain(field);
    expect((await call('GET', '/api/v1/host-form')).status).toBe(200);
  });

  test('keeps markup as text and takes no prototype along', async () => {
    const { call, read } = await started();
    const body =
      '{"name":"<img src=x onerror=alert(1)>","kind":"agent","__proto__":{"isAppliance":true},"isAppliance":true}';
    const { status, body: made } = await call('POST', HOSTS, body);
    expect(status).toBe(201);
    const host = await read((made as unknown as Host).id);
    expect(host).toMatchObject({ name: '<img src=x onerror=alert(1)>', isAppliance: false });
  });

  test('writes addresses, MACs and tags in one way', async () => {
    const { add } = await started();
    const host = await add({
      name: 'x',
      kind: 'agent',
      macs: ['AA-BB-CC-00-11-22', 'aabb.cc00.1123'],
      tags: ['a', 'a '],
    });
    expect([host.macs, host.tags]).toEqual([['aa:bb:cc:00:11:22', 'aa:bb:cc:00:11:23'], ['a']]);
  });

  test('does not take the name of another', async () => {
    const { add, call } = await started();
    await add({ name: 'nas', kind: 'agent' });
    const { status, body } = await call('POST', HOSTS, { name: 'nas', kind: 'push' });
    expect([status, body.code, problemsAt(body)]).toEqual([409, 'conflict', ['body.name']]);
  });

  test('is filled by the agent that a token for it lets in, instead of another host being added', async () => {
    const { add, read, token, pair, call } = await started();
    const host = await add({ name: 'recorder', kind: 'agent', ...EVERYTHING });
    const made = await token({ forHostId: host.id });
    await pair(made.body.token, 'cam01');
    const filled = await read(host.id);
    expect(filled).toMatchObject({ ...EVERYTHING, name: 'recorder', facts: { hostName: 'cam01' } });
    expect(filled.statusReason).not.toContain('by hand');
    expect((await call('GET', `/api/v1/agents/tokens/${made.body.tokenId}`)).body).toMatchObject({ hostId: host.id });
    expect((await call('GET', `/api/v1/host-removal?ids=${host.id}`)).body).toMatchObject({ items: [{ agents: 1 }] });
  });

  test('gets a new agent by a new token; the one before is refused', async () => {
    const { add, token, pair, call } = await started();
    const host = await add({ name: 'recorder', kind: 'agent' });
    const before = await pair((await token({ forHostId: host.id })).body.token);
    await until(() => before.agent.isReady(), { what: 'the first agent is in' });
    await pair((await token({ forHostId: host.id })).body.token);
    await until(() => !before.agent.socket.connected, { what: 'the first agent is out' });
    expect((await call('GET', `/api/v1/host-removal?ids=${host.id}`)).body).toMatchObject({ items: [{ agents: 1 }] });
  });

  test.each([
    ['for several agents', 'agent', { uses: 5 }],
    ['where no agent is to be', 'push', {}],
  ])('gets no token %s', async (_, kind, more) => {
    const { add, token } = await started();
    const host = await add({ name: 'x', kind });
    expect((await token({ forHostId: host.id, ...more })).status).toBe(400);
  });
});

describe('an edit', () => {
  test('changes what is named, leaves the rest, and takes away with null', async () => {
    const { add, call, read } = await started();
    const host = await add({ name: 'recorder', kind: 'agent', ...EVERYTHING });
    const change = { rev: 1, name: 'recorder 2', role: null, addresses: [], rackUnit: null, rackHeight: null };
    const { status, body } = await call('PATCH', `${HOSTS}/${host.id}`, change);
    expect([status, body.rev]).toEqual([200, 2]);
    const { role: _, addresses: __, rackUnit: ___, rackHeight: ____, ...rest } = EVERYTHING;
    const changed = await read(host.id);
    expect(changed).toMatchObject({ ...rest, name: 'recorder 2' });
    for (const field of ['role', 'addresses', 'rackUnit', 'rackHeight']) expect(changed).not.toHaveProperty(field);
  });

  test('of who has not seen the last one is a conflict, also when both come at once', async () => {
    const { add, call, read } = await started();
    const { id } = await add({ name: 'x', kind: 'agent' });
    const both = await Promise.all(['a', 'b'].map((role) => call('PATCH', `${HOSTS}/${id}`, { rev: 1, role })));
    expect(both.map(({ status }) => status)).toEqual([200, 409]);
    expect(await read(id)).toMatchObject({ rev: 2, role: 'a' });
  });

  test('stands beside what the agent says, and what the agent says makes no copy stale', async () => {
    const { add, token, pair, call, read } = await started();
    const { id } = await add({ name: 'x', kind: 'agent' });
    const { agent } = await pair((await token({ forHostId: id })).body.token, 'cam01');
    await until(() => agent.isReady(), { what: 'the agent is in' });
    await agent.say('hello', { agentVersion: '1.2.3', facts: { ...someFacts, hostName: 'cam02' } });
    const { status } = await call('PATCH', `${HOSTS}/${id}`, {
      rev: 1,
      hostName: 'recorder.lan',
      addresses: ['10.0.0.1'],
    });
    expect(status).toBe(200);
    expect(await read(id)).toMatchObject({
      rev: 2,
      hostName: 'recorder.lan',
      addresses: ['10.0.0.1'],
      facts: { hostName: 'cam02', addresses: someFacts.addresses },
    });
  });
});

describe('a change of several hosts', () => {
  test('changes each by itself: who was changed meanwhile, is gone or elsewhere is named, the others are changed', async () => {
    const { add, call, read, elsewhere } = await started();
    const theirs = await elsewhere();
    const [one, two, three] = [
      await add({ name: 'one', kind: 'agent', tags: ['a', 'b'], rack: 'R1', rackUnit: 4 }),
      await add({ name: 'two', kind: 'ssh', address: 'two', tags: ['b'] }),
      await add({ name: 'three', kind: 'push' }),
    ];
    await call('PATCH', `${HOSTS}/${two.id}`, { rev: 1, role: 'storage' });
    const gone = '0190b0b0-0000-7000-8000-000000000001';
    const hosts = [one.id, two.id, gone, theirs.id, three.id].map((id) => ({ id, rev: 1 }));
    const change = { addTags: ['c'], removeTags: ['b'], location: 'Cellar', rack: 'R2', intervalMs: 30_000 };
    const { status, body } = await call('PATCH', HOSTS, { hosts, change });
    expect([status, body.changed, body.failed]).toEqual([200, 2, 3]);
    const items = body.items as unknown as { id: string; problem?: { code: string } }[];
    expect(items.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      'conflict',
      'not-found',
      'not-found',
      undefined,
    ]);
    expect(await read(one.id)).toMatchObject({ tags: ['a', 'c'], location: 'Cellar', rack: 'R2', intervalMs: 30_000 });
    expect(await read(one.id)).not.toHaveProperty('rackUnit');
    expect(await read(two.id)).toMatchObject({ tags: ['b'], role: 'storage' });
    expect(await read(three.id)).toMatchObject({ tags: ['c'], rack: 'R2' });
  });

  test('keeps the place in the rack where the rack stays', async () => {
    const { add, call, read } = await started();
    const { id } = await add({ name: 'one', kind: 'agent', rack: 'R1', rackUnit: 4 });
    await call('PATCH', HOSTS, { hosts: [{ id, rev: 1 }], change: { rack: 'R1', role: null } });
    expect(await read(id)).toMatchObject({ rack: 'R1', rackUnit: 4 });
  });

  test.each([
    ['no hosts', { hosts: [], change: { role: 'x' } }],
    ['nothing to change', { hosts: [{ id: '0190b0b0-0000-7000-8000-000000000001', rev: 1 }], change: {} }],
    [
      'a field that it does not know',
      { hosts: [{ id: '0190b0b0-0000-7000-8000-000000000001', rev: 1 }], change: { name: 'x' } },
    ],
    [
      'a host twice',
      { hosts: [1, 2].map((rev) => ({ id: '0190b0b0-0000-7000-8000-000000000001', rev })), change: { role: 'x' } },
    ],
    [
      '501 hosts',
      {
        hosts: Array.from({ length: 501 }, (_, n) => ({
          id: `0190b0b0-0000-7000-8000-${String(n).padStart(12, '0')}`,
          rev: 1,
        })),
        change: { role: 'x' },
      },
    ],
  ])('is refused with %s', async (_, body) => {
    const { call } = await started();
    expect((await call('PATCH', HOSTS, body)).status).toBe(400);
  });

  test('puts no host over its tags; the others are changed', async () => {
    const { add, call, read } = await started();
    const full = await add({ name: 'full', kind: 'agent', tags: Array.from({ length: 32 }, (_, n) => `t${n}`) });
    const empty = await add({ name: 'empty', kind: 'agent' });
    const hosts = [full, empty].map(({ id, rev }) => ({ id, rev }));
    const { body } = await call('PATCH', HOSTS, { hosts, change: { addTags: ['one more'] } });
    expect([body.changed, body.failed]).toEqual([1, 1]);
    expect([(await read(full.id)).tags.length, (await read(empty.id)).tags]).toEqual([32, ['one more']]);
  });
});

describe('a removal', () => {
  const pairedHost = async () => {
    const reeve = await started();
    const host = await reeve.add({ name: 'recorder', kind: 'agent' });
    const { agent } = await reeve.pair((await reeve.token({ forHostId: host.id })).body.token);
    await until(() => agent.isReady(), { what: 'the agent is in' });
    await agent.say('hello', { agentVersion: '1', facts: someFacts });
    const stream = 'abcdefgh12345678';
    const descriptors = [
      { id: 'system.cpu.utilization', title: 'CPU', unit: '1', kind: 'gauge', rollup: 'average', attributes: [] },
    ];
    const series = [{ ix: 0, metric: 'system.cpu.utilization', attributes: {} }];
    await agent.say('declare', { stream, descriptors, series });
    const at = Date.now() - 2_000;
    await agent.say('frames', { offsetMs: 0, frames: [{ stream, seq: 1, at, mono: 1_000, values: [0, 0.5] }] });
    return { ...reeve, host, agent, at };
  };

  test('says before exactly what goes: agents, open tokens, series and the time of their values', async () => {
    const { call, host, token } = await pairedHost();
    await token({ forHostId: host.id });
    const { body } = await call('GET', `/api/v1/host-removal?ids=${host.id}`);
    const [item] = body.items as unknown as { oldestAt?: number; newestAt?: number }[];
    expect(item).toMatchObject({
      id: host.id,
      name: 'recorder',
      isOwnMachine: false,
      agents: 1,
      tokens: 1,
      series: 1,
      bytes: 0,
    });
    expect(item?.oldestAt).toBe(item?.newestAt);
    expect(Math.abs((item?.oldestAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('of several takes each with all its data, and leaves out and names what it cannot take', async () => {
    const { call, add, host, token, agent, elsewhere, https } = await pairedHost();
    const theirs = await elsewhere();
    const open = await token({ forHostId: host.id });
    const other = await add({ name: 'other', kind: 'push' });
    const { status, body } = await call('DELETE', `${HOSTS}?ids=${[host.id, theirs.id, other.id].join(',')}`);
    expect([status, body.removed, body.failed]).toEqual([200, 2, 1]);
    expect(body.items).toMatchObject([
      { id: host.id },
      { id: theirs.id, problem: { code: 'not-found' } },
      { id: other.id },
    ]);
    await until(() => !agent.socket.connected, { what: 'its agent is out' });
    for (const { id } of [host, other]) expect((await call('GET', `${HOSTS}/${id}`)).status).toBe(404);
    expect((await call('GET', `/api/v1/agents/tokens/${open.body.tokenId}`)).body).toMatchObject({ state: 'revoked' });
    await expect(pairWith(https, { token: open.body.token, name: 'x', facts: someFacts })).rejects.toBeDefined();
    expect((await call('GET', '/api/v1/agents')).body).not.toContainEqual(expect.objectContaining({ hostId: host.id }));
  });

  test('that asks for too many or for no ids is refused', async () => {
    const { call } = await started();
    const many = Array.from({ length: 201 }, () => '0190b0b0-0000-7000-8000-000000000001').join(',');
    for (const ids of ['', 'x', many]) {
      expect((await call('GET', `/api/v1/host-removal?ids=${ids}`)).status).toBe(400);
      expect((await call('DELETE', `${HOSTS}?ids=${ids}`)).status).toBe(400);
    }
  });
});

test('a host of another site is as absent as one that never was, in every route and in the suggestions of the form', async () => {
  const { call, elsewhere, token } = await started();
  const theirs = await elsewhere();
  expect((await call('GET', `${HOSTS}/${theirs.id}`)).status).toBe(404);
  expect((await call('PATCH', `${HOSTS}/${theirs.id}`, { rev: 1, role: 'x' })).status).toBe(404);
  expect((await call('GET', `/api/v1/host-removal?ids=${theirs.id}`)).status).toBe(404);
  expect((await token({ forHostId: theirs.id })).status).toBe(404);
  const form = JSON.stringify((await call('GET', '/api/v1/host-form?kind=ssh')).body);
  expect(form).toContain('recorder');
  expect(form).not.toMatch(/Their rack|secret-tag/);
});
