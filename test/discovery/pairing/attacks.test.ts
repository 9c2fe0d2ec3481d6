import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect as connectPlain, createServer as createPlain } from 'node:net';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { PairingAttempt } from '../../../discovery/pairing/agent.ts';
import { PairingDesk } from '../../../discovery/pairing/appliance.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { newAgentKey, serverName } from '../../../discovery/pairing/keys.ts';
import { deriveKeys, makeToken, parseToken, tokenText } from '../../../discovery/pairing/token.ts';
import { tokenState } from '../../../discovery/pairing/token-drawer.ts';
import { PAIRING_LIMITS, type PairFinish } from '../../../protocol/pairing.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';
import { closeServer, listen, someFacts, type TestAppliance, testAppliance } from '../../helpers/pairing-appliance.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((part) => part.close()));
});

async function appliance(options: Parameters<typeof testAppliance>[0] = {}): Promise<TestAppliance> {
  const made = await testAppliance(options);
  open.push(made);
  return made;
}

const pair = (url: string, token: string, more: Partial<Parameters<typeof pairWith>[1]> = {}) =>
  pairWith(url, { token, name: 'nas', facts: someFacts, ...more });

/** An attempt played by hand up to the second message, for the attacks that need to change it. */
function playStart(at: TestAppliance, token: string, key = newAgentKey()) {
  const attempt = new PairingAttempt({ token: parseToken(token), name: 'nas', key, random: randomBytes });
  const offer = at.desk.start(attempt.start(), { now: Date.now(), from: '10.0.0.1' });
  const finish = attempt.accept(offer, new X509Certificate(at.leaf.cert), { facts: someFacts, now: Date.now() });
  return { attempt, offer, finish };
}

const wrongFinish = (sessionId: string): PairFinish => ({
  sessionId,
  proof: randomBytes(32).toString('base64url'),
  signature: randomBytes(64).toString('base64url'),
  facts: someFacts,
});

describe('a good token', () => {
  it('pairs, and both sides know the same', async () => {
    const at = await appliance();
    const token = at.issue();
    const pairing = await pair(at.url, token.text.toLowerCase());
    expect(pairing).toMatchObject({ applianceId: at.id, agentId: at.paired[0]?.agentId });
    expect(at.paired).toEqual([
      {
        agentId: pairing.agentId,
        agentKey: pairing.key.publicKey,
        name: 'nas',
        facts: someFacts,
        tokenId: token.tokenId,
      },
    ]);
    expect(new X509Certificate(pairing.ca).raw).toEqual(new X509Certificate(at.ca.pem).raw);
  });

  it('is burnt and its keys are gone before the answer leaves', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const { finish } = playStart(at, text);
    at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' });
    expect(at.stored.at(-1)).toMatchObject({ state: 'used' });
    expect(at.stored.at(-1)).not.toHaveProperty('keys');
  });

  it('still pairs after a restart of the appliance, and a used one does not', async () => {
    const at = await appliance();
    const used = at.issue();
    await pair(at.url, used.text);
    const { text } = at.issue();
    const desk = new PairingDesk({
      applianceId: at.id,
      ca: at.ca.pem,
      leaf: at.leaf.cert,
      random: randomBytes,
      newId: randomUUID,
      onChange: () => undefined,
    });
    desk.restore([...new Map(at.stored.map((record) => [record.tokenId, record])).values()]);
    const { finish } = playStart({ ...at, desk }, text);
    expect(desk.finish(finish, { now: Date.now(), from: '10.0.0.1' }).paired?.name).toBe('nas');
    expect(() => playStart({ ...at, desk }, used.text)).toThrow('does not know the token');
  });
});

describe('a dead token', () => {
  const refusal = { code: 'appliance-unproven', message: expect.stringContaining('does not know the token') };

  it('pairs no second agent when it was used', async () => {
    const at = await appliance();
    const { text } = at.issue();
    await pair(at.url, text);
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
    expect(at.paired).toHaveLength(1);
  });

  it('is refused when it has expired', async () => {
    const at = await appliance();
    const { text } = at.issue();
    at.pass(PAIRING_LIMITS.tokenMs);
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
  });

  it('is refused when it expires between the two messages', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const { attempt: _, finish } = playStart(at, text);
    const late = Date.now() + PAIRING_LIMITS.tokenMs;
    expect(() => at.desk.finish(finish, { now: late, from: '10.0.0.1' })).toThrow('Pairing was refused');
  });

  it('is refused when it was revoked, also in the middle of a pairing', async () => {
    const at = await appliance();
    const { text, tokenId } = at.issue();
    const { finish } = playStart(at, text);
    expect(at.desk.revoke(tokenId)).toBe(true);
    expect(at.desk.revoke(tokenId)).toBe(false);
    expect(() => at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' })).toThrow('Pairing was refused');
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
    expect(at.stored.at(-1)).toMatchObject({ state: 'revoked', wrongTries: 0 });
  });

  it('gets an answer of the same shape as a live one, so that nobody can find out which tokens live', async () => {
    const at = await appliance();
    const live = at.issue();
    const unknown = tokenText(makeToken(randomBytes, parseToken(live.text).caHash));
    await expect(pair(at.url, unknown)).rejects.toMatchObject(refusal);
    const shape = (text: string) => {
      const start = new PairingAttempt({
        token: parseToken(text),
        name: 'nas',
        key: newAgentKey(),
        random: randomBytes,
      }).start();
      const offer = at.desk.start(start, { now: Date.now(), from: '10.0.0.1' });
      return Object.entries(offer).map(([field, value]) => [field, String(value).length]);
    };
    expect(shape(unknown)).toEqual(shape(live.text));
  });
});

describe('a rogue appliance', () => {
  it('gets neither proof nor signature, because it must prove itself first', async () => {
    const good = await appliance();
    const rogue = await appliance();
    const { text } = good.issue();
    await expect(pair(rogue.url, text)).rejects.toMatchObject({ code: 'appliance-unproven' });
    expect(rogue.requests).toEqual(['/api/v1/pairing/start']);
    expect((await pair(good.url, text)).applianceId).toBe(good.id);
  });

  it('that shows the real CA in its offer is refused, because it cannot prove the token', async () => {
    const good = await appliance();
    const { text } = good.issue();
    const rogue = await appliance({ leaf: async (_, id) => testLeaf(await testCa(), [serverName(id)]) });
    const attempt = new PairingAttempt({
      token: parseToken(text),
      name: 'nas',
      key: newAgentKey(),
      random: randomBytes,
    });
    const offer = { ...rogue.desk.start(attempt.start(), { now: Date.now(), from: '10.0.0.1' }), ca: good.ca.pem };
    const leaf = new X509Certificate(rogue.leaf.cert);
    expect(() => attempt.accept(offer, leaf, { facts: someFacts, now: Date.now() })).toThrow('does not know the token');
    expect(() => attempt.accept(offer, leaf, { facts: someFacts, now: Date.now() })).toThrow('only once');
  });

  it('that answers garbage, floods or keeps silent is refused with a plain reason', async () => {
    const { text } = (await appliance()).issue();
    const answers: [string, string][] = [
      ['not json', 'not JSON'],
      ['{}', 'not what the protocol says'],
      ['[1,2', 'not JSON'],
      [JSON.stringify({ protocol: 1, sessionId: '__proto__', ca: {} }), 'not what the protocol says'],
      ['x'.repeat(PAIRING_LIMITS.bodyBytes + 1), 'too long'],
    ];
    const ca = await testCa();
    for (const [body, reason] of answers) {
      const server = createServer(await testLeaf(ca, ['x']), (_request, response) => response.end(body));
      const url = await listen(server);
      await expect(pair(url, text)).rejects.toMatchObject({ message: expect.stringContaining(reason) });
      await closeServer(server);
    }
    const silent = createServer(await testLeaf(ca, ['x']), () => undefined);
    onTestFinished(() => closeServer(silent));
    await expect(pair(await listen(silent), text, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('in time'),
    });
  });

  it('cannot write control characters into the log or terminal of the agent', async () => {
    const { text } = (await appliance()).issue();
    const server = createServer(await testLeaf(await testCa(), ['x']), (_request, response) => {
      response.statusCode = 426;
      response.end(JSON.stringify({ code: 'peer-version', detail: 'update \u001b[2Jnow\u202e' }));
    });
    onTestFinished(() => closeServer(server));
    await expect(pair(await listen(server), text)).rejects.toMatchObject({
      code: 'peer-version',
      message: 'update  [2Jnow',
    });
  });
});

describe('somebody in the middle', () => {
  it('who ends TLS and relays is refused, sees no proof, and leaves the token usable', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const evil = await testLeaf(await testCa(), [serverName(at.id)]);
    let heard = '';
    const relay = createTls({ ...evil }, (down) => {
      const up = connectTls({ port: Number(new URL(at.url).port), host: '127.0.0.1', rejectUnauthorized: false });
      down.on('data', (data) => {
        heard += data;
      });
      down.pipe(up).pipe(down);
      for (const side of [down, up]) side.on('error', () => side.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    onTestFinished(() => void relay.close());
    const { port } = relay.address() as { port: number };
    await expect(pair(`https://127.0.0.1:${port}`, text)).rejects.toMatchObject({ code: 'appliance-unproven' });
    expect(heard).toContain('/pairing/start');
    expect(heard).not.toContain('/pairing/finish');
    expect(at.stored.at(-1)).toMatchObject({ state: 'open', wrongTries: 0 });
    expect((await pair(at.url, text)).applianceId).toBe(at.id);
  });

  it('who only listens sees none of what was said', async () => {
    const at = await appliance();
    const { text, tokenId } = at.issue();
    const heard: Buffer[] = [];
    const tap = createPlain((down) => {
      const up = connectPlain(Number(new URL(at.url).port), '127.0.0.1');
      for (const side of [down, up]) {
        side.on('data', (data) => heard.push(data));
        side.on('error', () => side.destroy());
      }
      down.pipe(up).pipe(down);
    });
    tap.listen(0, '127.0.0.1');
    await once(tap, 'listening');
    onTestFinished(() => void tap.close());
    const pairing = await pair(`https://127.0.0.1:${(tap.address() as { port: number }).port}`, text);
    const said = Buffer.concat(heard).toString('latin1');
    expect(said.length).toBeGreaterThan(1_000);
    for (const part of [tokenId, pairing.agentId, pairing.key.publicKey, text.slice(13, 30)])
      expect(said).not.toContain(part);
  });

  it('who takes over between the two requests gets no second message', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const evil = await testLeaf(at.ca, ['evil.reeve.internal']); // even when the same CA issued it
    let connections = 0;
    let bytesToEvil = 0;
    const impostor = createServer({ ...evil }, (request) => request.on('data', (data) => (bytesToEvil += data.length)));
    const impostorUrl = await listen(impostor);
    const front = createPlain((down) => {
      const target = connections++ === 0 ? at.url : impostorUrl;
      const up = connectPlain(Number(new URL(target).port), '127.0.0.1');
      down.pipe(up).pipe(down);
      for (const side of [down, up]) side.on('error', () => side.destroy());
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    onTestFinished(async () => {
      front.close();
      await closeServer(impostor);
    });
    const url = `https://127.0.0.1:${(front.address() as { port: number }).port}`;
    await expect(pair(url, text)).rejects.toMatchObject({ code: 'certificate-changed' });
    expect(connections).toBe(2);
    expect(bytesToEvil).toBe(0);
    expect(at.stored.at(-1)).toMatchObject({ state: 'open' });
  });
});

describe('certificates that could not be pinned', () => {
  it('a leaf of another CA is refused before the token is burnt, though the token is proven', async () => {
    const at = await appliance({ leaf: async (_, id) => testLeaf(await testCa(), [serverName(id)]) });
    const { text } = at.issue();
    await expect(pair(at.url, text)).rejects.toMatchObject({
      code: 'certificate-unusable',
      message: expect.stringContaining('not issued by its own CA'),
    });
    expect(at.stored.at(-1)).toMatchObject({ state: 'open' });
  });

  it('a CA that is not the one in the token is refused, though whoever shows it knows the token', async () => {
    const at = await appliance();
    const token = parseToken(at.issue().text);
    const text = tokenText({ ...token, caHash: randomBytes(16) });
    await expect(pair(at.url, text)).rejects.toMatchObject({
      code: 'appliance-unproven',
      message: expect.stringContaining('another key than the one in the token'),
    });
    expect(at.requests).toHaveLength(1);
  });

  it('a leaf for another name is refused', async () => {
    const at = await appliance({ leaf: (ca) => testLeaf(ca, ['localhost']) });
    await expect(pair(at.url, at.issue().text)).rejects.toMatchObject({ code: 'certificate-unusable' });
  });

  it('a clock outside the validity is named, with both times', async () => {
    const yearMs = 365 * 86_400_000;
    const at = await appliance({
      leaf: (ca, id) => testLeaf(ca, [serverName(id)], { notBefore: Date.now() + yearMs }),
    });
    await expect(pair(at.url, at.issue().text)).rejects.toMatchObject({
      code: 'clock-wrong',
      message: expect.stringContaining(new Date().toISOString().slice(0, 10)),
    });
  });

  it('a second certificate hidden behind the CA is not pinned', async () => {
    const at = await appliance();
    const evil = await testCa('evil');
    const { text } = at.issue();
    const attempt = new PairingAttempt({
      token: parseToken(text),
      name: 'nas',
      key: newAgentKey(),
      random: randomBytes,
    });
    const offer = at.desk.start(attempt.start(), { now: Date.now(), from: '10.0.0.1' });
    const leaf = new X509Certificate(at.leaf.cert);
    const finish = attempt.accept({ ...offer, ca: `${offer.ca}\n${evil.pem}` }, leaf, {
      facts: someFacts,
      now: Date.now(),
    });
    const { done } = at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' });
    expect(attempt.complete(done).ca.match(/BEGIN/g)).toHaveLength(1);
  });
});

describe('the second message', () => {
  it('said again within 30 s gets the same answer and makes no second agent', async () => {
    const at = await appliance();
    const { finish } = playStart(at, at.issue().text);
    const now = Date.now();
    const first = at.desk.finish(finish, { now, from: '10.0.0.1' });
    const again = at.desk.finish(finish, { now: now + 29_000, from: '10.0.0.9' });
    expect(again).toEqual({ done: first.done, agentId: first.agentId });
    expect(() => at.desk.finish(finish, { now: now + 30_001, from: '10.0.0.1' })).toThrow('Pairing was refused');
  });

  it('is said again when the answer got lost, and the agent is paired once', async () => {
    const at = await appliance({ losesAnswers: 2 });
    const pairing = await pair(at.url, at.issue().text);
    expect(at.requests.filter((path) => path.endsWith('/finish'))).toHaveLength(3);
    expect(at.paired.map(({ agentId }) => agentId)).toEqual([pairing.agentId]);
  });

  it('that is never answered ends the attempt for good, because the token may be burnt', async () => {
    const at = await appliance({ losesAnswers: 9 });
    await expect(pair(at.url, at.issue().text)).rejects.toMatchObject({ code: 'unreachable', isFinal: true });
  });

  it('said again with another proof is refused', async () => {
    const at = await appliance();
    const { finish } = playStart(at, at.issue().text);
    at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' });
    const forged = wrongFinish(finish.sessionId);
    expect(() => at.desk.finish(forged, { now: Date.now(), from: '10.0.0.1' })).toThrow('Pairing was refused');
  });

  it('is not answered again when the agent could not be stored', async () => {
    const at = await appliance();
    const { finish } = playStart(at, at.issue().text);
    at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' });
    at.desk.forget(finish.sessionId);
    expect(() => at.desk.finish(finish, { now: Date.now(), from: '10.0.0.1' })).toThrow('Pairing was refused');
  });

  it('of one session does not serve another one', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const first = playStart(at, text);
    const second = playStart(at, text);
    const crossed = { ...first.finish, sessionId: second.finish.sessionId };
    expect(() => at.desk.finish(crossed, { now: Date.now(), from: '10.0.0.1' })).toThrow('Pairing was refused');
  });

  it('wrong five times locks the token, and no guess earns an answer', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const sessions = Array.from({ length: 8 }, () => playStart(at, text).offer.sessionId);
    for (const session of sessions) {
      expect(() => at.desk.finish(wrongFinish(session), { now: Date.now(), from: '10.0.0.1' })).toThrow('refused');
    }
    expect(at.stored.at(-1)).toMatchObject({ state: 'locked', wrongTries: 5 });
    expect(at.stored.at(-1)).not.toHaveProperty('keys');
    await expect(pair(at.url, text)).rejects.toMatchObject({ code: 'appliance-unproven' });
  });

  it('with a good signature but without knowledge of the token is refused', async () => {
    const at = await appliance();
    const { finish } = playStart(at, at.issue().text);
    const forged = { ...finish, proof: randomBytes(32).toString('base64url') };
    expect(() => at.desk.finish(forged, { now: Date.now(), from: '10.0.0.1' })).toThrow('Pairing was refused');
    expect(at.stored.at(-1)).toMatchObject({ state: 'open', wrongTries: 1 });
  });

  it('with another agent’s key but without its private half is refused and counts as a wrong try', async () => {
    const at = await appliance();
    const victim = (await pair(at.url, at.issue().text)).key;
    const { text } = at.issue();
    const thief = { publicKey: victim.publicKey, privateKeyPem: newAgentKey().privateKeyPem };
    await expect(pair(at.url, text, { key: thief })).rejects.toMatchObject({ code: 'pairing-refused', isFinal: true });
    expect(at.stored.at(-1)).toMatchObject({ state: 'open', wrongTries: 1 });
    expect(at.paired).toHaveLength(1);
  });

  it('answered by somebody who does not know the token leaves nothing to store', async () => {
    const at = await appliance();
    const { attempt } = playStart(at, at.issue().text);
    expect(() => attempt.complete({ proof: randomBytes(32).toString('base64url') })).toThrow('not genuine');
  });
});

describe('several agents', () => {
  it('three that race for one token: one pairs', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const runs = await Promise.allSettled(['a', 'b', 'c'].map((name) => pair(at.url, text, { name })));
    expect(runs.filter((run) => run.status === 'fulfilled')).toHaveLength(1);
    expect(at.paired).toHaveLength(1);
  });

  it('may have the same name, and get different ids', async () => {
    const at = await appliance();
    const ids = [await pair(at.url, at.issue().text), await pair(at.url, at.issue().text)].map((made) => made.agentId);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('limits', () => {
  const start = (tokenId: string) => ({
    protocol: 1,
    tokenId,
    agentNonce: randomBytes(32).toString('base64url'),
    agentKey: randomBytes(32).toString('base64url'),
    name: 'x',
  });

  it('one address has 60 requests a minute, and the others are not hurt', async () => {
    const at = await appliance();
    const { tokenId } = at.issue();
    const now = Date.now();
    for (let i = 0; i < 60; i++) at.desk.start(start(tokenId), { now, from: '10.0.0.1' });
    const more = (from: string, later = 0) => at.desk.start(start(tokenId), { now: now + later, from });
    expect(() => more('10.0.0.1')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
    expect(() => more('::ffff:10.0.0.1')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
    expect(more('10.0.0.2').protocol).toBe(1);
    expect(more('10.0.0.1', 60_001).protocol).toBe(1);
  });

  it('all addresses of one IPv6 network count as one', async () => {
    const at = await appliance();
    const now = Date.now();
    const many = () => {
      for (let i = 0; i < 61; i++) at.desk.start(start('00000000'), { now, from: `fd77::1:${i.toString(16)}` });
    };
    expect(many).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  });

  it('256 sessions are open at most, and they end after 30 s', async () => {
    const at = await appliance();
    const now = Date.now();
    for (let i = 0; i < 256; i++) at.desk.start(start('00000000'), { now, from: `10.0.${i}.1` });
    expect(() => at.desk.start(start('00000000'), { now, from: '10.1.0.1' })).toThrow('Too many');
    expect(at.desk.start(start('00000000'), { now: now + 30_001, from: '10.1.0.1' }).protocol).toBe(1);
  });

  it.each([
    [0, 'update the agent'],
    [2, 'update the appliance'],
  ])('an agent of protocol %i is told who has to be updated', async (protocol, cure) => {
    const at = await appliance();
    const message = { ...start('00000000'), protocol };
    expect(() => at.desk.start(message, { now: Date.now(), from: '10.0.0.1' })).toThrow(
      expect.objectContaining({ code: 'peer-version', message: expect.stringContaining(cure) }),
    );
  });

  it('an appliance that answers in another protocol is told from one that does not know the token', async () => {
    const at = await appliance();
    const { text } = at.issue();
    const attempt = new PairingAttempt({
      token: parseToken(text),
      name: 'nas',
      key: newAgentKey(),
      random: randomBytes,
    });
    const offer = { ...at.desk.start(attempt.start(), { now: Date.now(), from: '10.0.0.1' }), protocol: 9 };
    const leaf = new X509Certificate(at.leaf.cert);
    expect(() => attempt.accept(offer, leaf, { facts: someFacts, now: Date.now() })).toThrow('update the agent');
  });
});

describe('what is stored of a token', () => {
  it('says to people that an open one has expired, and nothing else of a dead one', async () => {
    const at = await appliance();
    at.issue();
    const [record] = at.stored;
    if (!record) throw new Error('nothing was stored');
    expect(tokenState(record, record.expiresAt - 1)).toBe('open');
    expect(tokenState(record, record.expiresAt)).toBe('expired');
    expect(tokenState({ ...record, state: 'used' }, record.expiresAt)).toBe('used');
  });

  it('is its two derived keys and never the secret or the text', async () => {
    const at = await appliance();
    const { text, tokenId } = at.issue();
    const keys = deriveKeys(parseToken(text));
    expect(at.stored).toEqual([
      {
        tokenId,
        createdAt: expect.any(Number),
        expiresAt: (at.stored[0]?.createdAt ?? 0) + 15 * 60_000,
        state: 'open',
        wrongTries: 0,
        keys: { agent: keys.agent.toString('base64url'), appliance: keys.appliance.toString('base64url') },
      },
    ]);
    const secret = Buffer.from(parseToken(text).secret);
    for (const form of ['hex', 'base64url', 'base64'] as const) {
      expect(JSON.stringify(at.stored)).not.toContain(secret.toString(form));
    }
  });
});
