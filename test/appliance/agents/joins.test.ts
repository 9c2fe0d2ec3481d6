import { expect, onTestFinished, test } from 'vitest';
import { isOver, JoinRequest } from '../../../discovery/pairing/join-client.ts';
import { newAgentKey } from '../../../discovery/pairing/keys.ts';
import { connectByHand } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { must, PASSWORD, type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

interface Join {
  id: string;
  name: string;
  address: string;
  state: string;
  triesLeft: number;
}

async function started(): Promise<InProcess> {
  const reeve = await startInProcess();
  onTestFinished(() => reeve.stop());
  return reeve;
}

const ask = (reeve: InProcess, name = 'nuc-7') =>
  JoinRequest.begin(reeve.https, { name, version: '0.1.0', key: newAgentKey() });
const list = async (reeve: InProcess) =>
  ((await reeve.call('GET', '/api/v1/agents/joins')).body as unknown as { items: Join[] }).items;
const accept = (reeve: InProcess, id: string, digits: string, more = {}) =>
  reeve.call('POST', `/api/v1/agents/joins/${id}/accept`, { digits, ...more });
const hosts = async (reeve: InProcess) =>
  (await reeve.call('GET', '/api/v1/hosts')).body.items as { id: string; name: string; siteId: string }[];

test('an agent joins by digits that were typed in the dashboard and a word on its host, into the site of who typed them', async () => {
  const reeve = await started();
  const { siteId } = (await reeve.setUp()) as unknown as { siteId: string };
  const request = await ask(reeve);
  const [join] = await list(reeve);
  expect(join).toMatchObject({ name: 'nuc-7', address: '127.0.0.1', state: 'waiting', triesLeft: 3 });
  expect(JSON.stringify(join)).not.toContain(request.digits);
  expect((await accept(reeve, join?.id ?? '', request.digits, { name: 'cellar' })).body).toMatchObject({
    state: 'accepted',
    name: 'cellar',
  });
  expect(await hosts(reeve)).toEqual([]); // Unverified: it is not in.
  const pairing = await request.confirm(someFacts);
  expect(await hosts(reeve)).toMatchObject([{ name: 'cellar', siteId }]);
  const [host] = await hosts(reeve);
  expect(await list(reeve)).toMatchObject([{ state: 'joined', hostId: host?.id }]);
  const agent = await connectByHand(reeve.https, pairing);
  expect(agent.isReady()).toBe(true);
  agent.close();
  // The answer may have been lost: the same, and no second host.
  expect(await request.confirm(someFacts)).toMatchObject({ agentId: pairing.agentId });
  expect(await hosts(reeve)).toHaveLength(1);
});

test('the last message said twice at once makes one host', async () => {
  const reeve = await started();
  await reeve.setUp();
  const request = await ask(reeve);
  const [join] = await list(reeve);
  await accept(reeve, join?.id ?? '', request.digits);
  const both = await Promise.all([request.confirm(someFacts), request.confirm(someFacts)]);
  expect(both[0]?.agentId).toBe(both[1]?.agentId);
  expect(await hosts(reeve)).toHaveLength(1);
});

test('wrong digits are told at their field with what to do, and the third time the request is gone', async () => {
  const reeve = await started();
  await reeve.setUp();
  const request = await ask(reeve);
  const [join] = await list(reeve);
  const wrong = String((Number(request.digits) + 1) % 1_000_000).padStart(6, '0');
  const words: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { status, body } = await accept(reeve, join?.id ?? '', wrong);
    const errors = body.errors as { path: string; message: string }[];
    expect([status, errors[0]?.path]).toEqual([400, 'body.digits']);
    words.push(errors[0]?.message ?? '');
  }
  expect(words.map((text) => /\b(2 tries are|One try is|That was the last try)/.exec(text)?.[1])).toEqual([
    '2 tries are',
    'One try is',
    'That was the last try',
  ]);
  expect((await accept(reeve, join?.id ?? '', request.digits)).status).toBe(404);
  expect(await list(reeve)).toEqual([]);
  await expect(request.confirm(someFacts)).rejects.toSatisfy(isOver);
});

test('a refused request is dead on both sides', async () => {
  const reeve = await started();
  await reeve.setUp();
  const request = await ask(reeve);
  const [join] = await list(reeve);
  expect((await reeve.call('POST', `/api/v1/agents/joins/${join?.id}/refuse`, {})).status).toBe(204);
  expect((await request.look()).state).toBe('refused');
  expect((await reeve.call('POST', `/api/v1/agents/joins/${join?.id}/refuse`, {})).status).toBe(404);
});

test('after a restart of the appliance a request is not known, and the agent is told so', async () => {
  const reeve = await started();
  await reeve.setUp();
  const request = await ask(reeve);
  const [join] = await list(reeve);
  await accept(reeve, join?.id ?? '', request.digits);
  await reeve.appliance.stop();
  const again = await startInProcess({ data: reeve.data, httpsPort: Number(new URL(reeve.https).port) });
  onTestFinished(() => again.stop());
  await expect(request.confirm(someFacts)).rejects.toSatisfy(isOver);
});

test('nobody who is not signed in sees or accepts requests', async () => {
  const reeve = await started();
  await reeve.setUp();
  const request = await ask(reeve);
  const [join] = await list(reeve);
  reeve.forgetCookie();
  expect((await reeve.call('GET', '/api/v1/agents/joins')).status).toBe(401);
  expect((await accept(reeve, join?.id ?? '', request.digits)).status).toBe(401);
  expect((await reeve.call('POST', `/api/v1/agents/joins/${join?.id}/refuse`, {})).status).toBe(401);
});

test.each([
  ['/api/v1/pairing/join', '{"protocol":1'],
  ['/api/v1/pairing/join', { protocol: 1, name: 'x'.repeat(10_000) }],
  ['/api/v1/pairing/join/reveal', { joinId: { $gt: '' }, agentNonce: '', signature: '' }],
  ['/api/v1/pairing/join/look', { joinId: '__proto__' }],
  ['/api/v1/pairing/join/confirm', { joinId: 'x', signature: 'y', facts: [] }],
  ['/api/v1/pairing/join/look', [[[[]]]]],
])(
  'a hostile message to %s is refused and does no harm',
  async (path, body) => {
    const reeve = await started();
    await reeve.setUp();
    expect((await reeve.call('POST', path, body)).status).toBe(400);
    expect((await reeve.call('GET', '/health')).status).toBe(200);
  },
  20_000,
);

test('a request that one site accepted is neither seen, taken nor refused by another, and the host is in the first', async () => {
  const { reeve, owner } = await startWithOwner();
  onTestFinished(() => reeve.stop());
  const joinsOf = async (who: Party) => (await must(who.ask('GET', '/api/v1/agents/joins'))).items as Join[];
  const hostsOf = async (who: Party) => (await must(who.ask('GET', '/api/v1/hosts'))).items as { name: string }[];
  const site = async (name: string) => {
    const made = await must(owner.ask('POST', '/api/v1/sites', { name }));
    const user = { userName: `${name}-admin`, password: PASSWORD, roles: [{ siteId: made.id, role: 'admin' }] };
    await must(owner.ask('POST', '/api/v1/users', user));
    return signInAs(reeve, { userName: user.userName, role: 'admin' });
  };
  const [attic, cellar] = [await site('attic'), await site('cellar')];
  const request = await ask(reeve, 'canary-nuc');
  const [join] = await joinsOf(attic);
  const path = `/api/v1/agents/joins/${join?.id}`;
  // Until somebody takes it, it belongs to nobody: both see that a machine asks.
  expect(await joinsOf(cellar)).toHaveLength(1);
  await must(attic.ask('POST', `${path}/accept`, { digits: request.digits }));
  expect(await joinsOf(attic)).toMatchObject([{ state: 'accepted' }]);
  expect(await joinsOf(cellar)).toEqual([]);
  const never = '/api/v1/agents/joins/01890a5d-ac96-774b-bcce-b302099a8057';
  for (const [what, body] of [
    ['accept', { digits: request.digits, name: 'mine' }],
    ['refuse', {}],
  ] as const) {
    const [theirs, none] = [
      await cellar.ask('POST', `${path}/${what}`, body),
      await cellar.ask('POST', `${never}/${what}`, body),
    ];
    expect([theirs.status, theirs.body.code, theirs.body.detail], what).toEqual([
      none.status,
      none.body.code,
      none.body.detail,
    ]);
    expect(theirs.status).toBe(404);
  }
  await request.confirm(someFacts);
  expect((await hostsOf(attic)).map(({ name }) => name)).toEqual(['canary-nuc']);
  expect(await hostsOf(cellar)).toEqual([]);
  expect(await joinsOf(cellar)).toEqual([]);
}, 30_000);
