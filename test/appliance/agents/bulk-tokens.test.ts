import { expect, onTestFinished, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { newAgentKey } from '../../../discovery/pairing/keys.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';

interface Token {
  token: string;
  tokenId: string;
  state: string;
  uses: { count: number; most: number };
  expiresAt: number;
  createdAt: number;
}

async function started(data?: string): Promise<InProcess> {
  const reeve = await startInProcess({ distDir: makeAgentDist(), ...(data !== undefined && { data }) });
  onTestFinished(() => reeve.stop());
  return reeve;
}

const make = async (reeve: InProcess, body: object = {}) =>
  (await reeve.call('POST', '/api/v1/agents/tokens', body)).body as unknown as Token;
const read = async (reeve: InProcess, tokenId: string) =>
  (await reeve.call('GET', `/api/v1/agents/tokens/${tokenId}`)).body as unknown as Token;
const hosts = async (reeve: InProcess) =>
  (await reeve.call('GET', '/api/v1/hosts')).body.items as { id: string; name: string; tags: string[] }[];
const pair = (reeve: InProcess, token: string, name: string, key = newAgentKey()) =>
  pairWith(reeve.https, { token, name, facts: { ...someFacts, hostName: name }, key });

test('a token for three lets three hosts in with its tags, under their own names, and says how often it was used', async () => {
  const reeve = await started();
  await reeve.setUp();
  const { token, tokenId, expiresAt, createdAt } = await make(reeve, {
    name: 'Rack 3',
    uses: 3,
    tags: ['rack3', 'new'],
  });
  expect(expiresAt - createdAt).toBe(86_400_000);
  for (const name of ['a', 'b']) await pair(reeve, token, name);
  expect(await read(reeve, tokenId)).toMatchObject({
    state: 'open',
    name: 'Rack 3',
    createdBy: 'owner',
    uses: { count: 2, most: 3 },
  });
  await pair(reeve, token, 'c');
  expect(await read(reeve, tokenId)).toMatchObject({ state: 'used', uses: { count: 3, most: 3 } });
  await expect(pair(reeve, token, 'd')).rejects.toThrow('does not know the token');
  expect((await hosts(reeve)).map(({ name, tags }) => [name, tags])).toEqual(
    ['a', 'b', 'c'].map((name) => [name, ['rack3', 'new']]),
  );
});

test('a restart in the middle neither loses nor adds a use, and an agent that comes again is the same host', async () => {
  const first = await started();
  await first.setUp();
  const { token, tokenId } = await make(first, { uses: 3 });
  const key = newAgentKey();
  const { agentId } = await pair(first, token, 'a', key);
  await first.appliance.stop();
  const second = await started(first.data);
  await second.call('POST', '/api/v1/session', { userName: 'owner', password: 'correct horse' });
  expect((await read(second, tokenId)).uses).toEqual({ count: 1, most: 3 });
  expect((await pair(second, token, 'a', key)).agentId).toBe(agentId);
  expect((await read(second, tokenId)).uses).toEqual({ count: 1, most: 3 });
  expect(await hosts(second)).toHaveLength(1);
});

test('the same agent by two connections at once becomes one host', async () => {
  const reeve = await started();
  await reeve.setUp();
  const { token, tokenId } = await make(reeve, { uses: 5 });
  const key = newAgentKey();
  await pair(reeve, token, 'a', key);
  await Promise.all([pair(reeve, token, 'a', key), pair(reeve, token, 'a', key)]);
  expect(await hosts(reeve)).toHaveLength(1);
  expect((await read(reeve, tokenId)).uses.count).toBe(1);
});

test('a revoked token lets nobody more in, and those who are in stay', async () => {
  const reeve = await started();
  await reeve.setUp();
  const { token, tokenId } = await make(reeve, { uses: 5 });
  const pairing = await pair(reeve, token, 'a');
  expect((await reeve.call('DELETE', `/api/v1/agents/tokens/${tokenId}`)).status).toBe(204);
  await expect(pair(reeve, token, 'b')).rejects.toThrow('does not know the token');
  expect(await read(reeve, tokenId)).toMatchObject({ state: 'revoked', uses: { count: 1, most: 5 } });
  const agent = await connectByHand(reeve.https, pairing);
  expect(agent.isReady()).toBe(true);
  agent.close();
});

test('a revoked agent does not come back with the token that let it in', async () => {
  const reeve = await started();
  await reeve.setUp();
  const { token } = await make(reeve, { uses: 5 });
  const key = newAgentKey();
  const { agentId } = await pair(reeve, token, 'a', key);
  await reeve.call('POST', `/api/v1/agents/${agentId}/revoke`, {});
  await expect(pair(reeve, token, 'a', key)).rejects.toMatchObject({ code: 'pairing-refused' });
  expect(await hosts(reeve)).toHaveLength(1);
});

test('the list of tokens is paged, newest first, and tells nothing of their secrets', async () => {
  const reeve = await started();
  await reeve.setUp();
  const made: Token[] = [];
  for (let i = 0; i < 5; i++) made.push(await make(reeve, { uses: i + 1, rack: 'R1' }));
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await reeve.call('GET', `/api/v1/agents/tokens?limit=2${cursor && `&cursor=${cursor}`}`);
    const page = body as unknown as { items: Token[]; next?: string };
    seen.push(...page.items.map(({ tokenId }) => tokenId));
    expect(page.items.length).toBeLessThanOrEqual(2);
    for (const { token } of made) expect(JSON.stringify(page)).not.toContain(token.slice(14));
    cursor = page.next ?? '';
  } while (cursor);
  expect(seen.sort()).toEqual(made.map(({ tokenId }) => tokenId).sort());
  const { body } = await reeve.call('GET', '/api/v1/agents/tokens');
  const times = (body as unknown as { items: Token[] }).items.map(({ createdAt }) => createdAt);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test.each([
  [{ uses: 0 }, 'body.uses'],
  [{ uses: 501 }, 'body.uses'],
  [{ uses: 1.5 }, 'body.uses'],
  [{ validMs: 1_000 }, 'body.validMs'],
  [{ validMs: 1e12 }, 'body.validMs'],
  [{ tags: Array.from({ length: 33 }, String) }, 'body.tags'],
  [{ rack: 'x'.repeat(65) }, 'body.rack'],
  [{ rack: '\u202e' }, 'body.rack'],
])(
  'a token is refused with its field named: %j',
  async (body, path) => {
    const reeve = await started();
    await reeve.setUp();
    const answer = await reeve.call('POST', '/api/v1/agents/tokens', body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  },
  20_000,
);
