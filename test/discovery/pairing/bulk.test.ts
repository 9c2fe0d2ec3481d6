import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { PairingAttempt } from '../../../discovery/pairing/agent.ts';
import { PairingDesk } from '../../../discovery/pairing/appliance.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { type AgentKey, newAgentKey, serverName } from '../../../discovery/pairing/keys.ts';
import { deriveKeys, parseToken, tokenText } from '../../../discovery/pairing/token.ts';
import { tokenState } from '../../../discovery/pairing/token-drawer.ts';
import { proofOf, transcript } from '../../../discovery/pairing/transcript.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';
import { someFacts, type TestAppliance, testAppliance } from '../../helpers/pairing-appliance.ts';

const open: TestAppliance[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((part) => part.close()))));

async function appliance(options: Parameters<typeof testAppliance>[0] = {}): Promise<TestAppliance> {
  const made = await testAppliance(options);
  open.push(made);
  return made;
}

const pair = (url: string, token: string, key: AgentKey = newAgentKey()) =>
  pairWith(url, { token, name: 'nas', facts: someFacts, key });

const refusal = { code: 'appliance-unproven', message: expect.stringContaining('does not know the token') };
const usersOf = (at: TestAppliance) => at.stored.at(-1)?.bulk?.agents.length;
const stateOf = (at: TestAppliance) => {
  const record = at.stored.at(-1);
  return record && tokenState(record, Date.now());
};

/** The first two messages of a pairing by hand. */
function play(at: TestAppliance, token: string, key = newAgentKey()) {
  const attempt = new PairingAttempt({ token: parseToken(token), name: 'nas', key, random: randomBytes });
  const offer = at.desk.start(attempt.start(), { now: Date.now(), from: '10.0.0.1' });
  const finish = attempt.accept(offer, new X509Certificate(at.leaf.cert), { facts: someFacts, now: Date.now() });
  return { attempt, offer, finish };
}

const received = () => ({ now: Date.now(), from: '10.0.0.1' });

describe('a token for several agents', () => {
  it('lets in as many as it says, each with an id of its own, and nobody after', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 3 });
    const all = await Promise.all([pair(at.url, text), pair(at.url, text), pair(at.url, text)]);
    expect(new Set(all.map(({ agentId }) => agentId)).size).toBe(3);
    expect(stateOf(at)).toBe('used');
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
    expect(at.paired).toHaveLength(3);
  });

  it('counts an agent once, however often it comes with its key, and gives it the same id', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 2 });
    const key = newAgentKey();
    const [first, second] = [await pair(at.url, text, key), await pair(at.url, text, key)];
    expect(second.agentId).toBe(first.agentId);
    expect(usersOf(at)).toBe(1);
    await pair(at.url, text);
    // Used up: who was counted may still come for an answer that was lost, nobody else.
    expect((await pair(at.url, text, key)).agentId).toBe(first.agentId);
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
    expect(usersOf(at)).toBe(2);
  });

  it('counts an agent whose answers are lost once', async () => {
    const at = await appliance({ losesAnswers: 2 });
    const { text } = at.issue({ uses: 2 });
    const key = newAgentKey();
    await pair(at.url, text, key);
    expect(usersOf(at)).toBe(1);
    expect(at.paired).toHaveLength(1);
  });

  it('does not give one key two ids when two of its pairings cross', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 5 });
    const key = newAgentKey();
    const [one, other] = [play(at, text, key), play(at, text, key)];
    at.desk.finish(one.finish, received());
    expect(() => at.desk.finish(other.finish, received())).toThrow('Pairing was refused');
    expect(at.stored.at(-1)).toMatchObject({ wrongTries: 0, bulk: { agents: [{ id: one.offer.agentId }] } });
  });

  it('is not overdrawn by agents that have all begun before the last use', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 2 });
    const begun = Array.from({ length: 5 }, () => play(at, text));
    const results = begun.map(({ finish }) => {
      try {
        return at.desk.finish(finish, received()).agentId;
      } catch {
        return undefined;
      }
    });
    expect(results.filter(Boolean)).toHaveLength(2);
    expect(usersOf(at)).toBe(2);
  });

  it('keeps its count over a restart: what was stored is all that counts', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 2 });
    const key = newAgentKey();
    const { agentId } = await pair(at.url, text, key);
    const stored = at.stored.at(-1);
    if (!stored) throw new Error('nothing was stored');
    const parts = { applianceId: at.id, ca: at.ca.pem, leaf: at.leaf.cert, random: randomBytes, newId: randomUUID };
    const desk = new PairingDesk({ ...parts, onChange: (record) => at.stored.push(record) });
    desk.restore([stored]);
    const again = play({ ...at, desk }, text, key);
    expect(desk.finish(again.finish, received()).agentId).toBe(agentId);
    desk.finish(play({ ...at, desk }, text).finish, received());
    expect(() => play({ ...at, desk }, text)).toThrow('does not know the token');
  });

  it.each([
    ['it was revoked', (at: TestAppliance, tokenId: string) => void at.desk.revoke(tokenId)],
    ['its time is over', (at: TestAppliance) => at.pass(15 * 60_000)],
  ])('lets nobody in when %s, also not who was in before', async (_what, end) => {
    const at = await appliance();
    const { text, tokenId } = at.issue({ uses: 3 });
    const key = newAgentKey();
    await pair(at.url, text, key);
    end(at, tokenId);
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
    await expect(pair(at.url, text, key)).rejects.toMatchObject(refusal);
  });

  it('is locked by five wrong tries like any other, and its keys are gone', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 3 });
    await pair(at.url, text);
    for (let i = 0; i < 5; i++) {
      const { finish } = play(at, text);
      expect(() => at.desk.finish({ ...finish, proof: randomBytes(32).toString('base64url') }, received())).toThrow();
    }
    expect(at.stored.at(-1)).toMatchObject({ state: 'locked', wrongTries: 5, bulk: { agents: [{}] } });
    expect(at.stored.at(-1)).not.toHaveProperty('keys');
    await expect(pair(at.url, text)).rejects.toMatchObject(refusal);
  });
});

describe('somebody who holds a token for several', () => {
  it('cannot play the appliance for the other machines: the token carries the key hash of the real CA', async () => {
    const good = await appliance();
    const { text } = good.issue({ uses: 10 });
    const token = parseToken(text);
    const [ca, evil] = [await testCa(), await testLeaf(await testCa(), [serverName(good.id)])];
    const attempt = new PairingAttempt({ token, name: 'nas', key: newAgentKey(), random: randomBytes });
    const start = attempt.start();
    const said = (pem: string) => ({
      protocol: 1,
      sessionId: randomBytes(16).toString('base64url'),
      applianceNonce: randomBytes(32).toString('base64url'),
      applianceId: good.id,
      agentId: randomUUID(),
      ca: pem,
    });
    // It knows the secret, so that its proof is right; with a CA of its own it is refused all the same.
    const leaf = new X509Certificate(evil.cert);
    const spki = (pem: string) =>
      Buffer.from(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }));
    const { createHash } = await import('node:crypto');
    const hashOf = (pem: string) => createHash('sha256').update(spki(pem)).digest();
    const proven = (pem: string) => {
      const offer = said(pem);
      const agreed = transcript({ start, offer, leafSpkiHash: hashOf(evil.cert), caSpkiHash: hashOf(pem) });
      return { ...offer, proof: proofOf(deriveKeys(token).appliance, 'offer', agreed).toString('base64url') };
    };
    expect(() => attempt.accept(proven(ca.pem), leaf, { facts: someFacts, now: Date.now() })).toThrow(
      'another key than the one in the token',
    );
    // With the real CA, which is no secret, its own TLS key was not issued by it.
    const second = new PairingAttempt({ token, name: 'nas', key: newAgentKey(), random: randomBytes });
    Object.assign(start, second.start());
    expect(() => second.accept(proven(good.ca.pem), leaf, { facts: someFacts, now: Date.now() })).toThrow(
      'not issued by its own CA',
    );
  });

  it('cannot come in as an agent that is in already: its key is needed', async () => {
    const at = await appliance();
    const { text } = at.issue({ uses: 10 });
    const theirs = newAgentKey();
    await pair(at.url, text, theirs);
    const mine = newAgentKey();
    await expect(pair(at.url, text, { ...mine, publicKey: theirs.publicKey })).rejects.toMatchObject({
      code: 'pairing-refused',
    });
    expect(at.stored.at(-1)).toMatchObject({ wrongTries: 1, bulk: { agents: [{ key: theirs.publicKey }] } });
  });

  it('cannot use it at an appliance whose CA is another', async () => {
    const at = await appliance();
    const token = parseToken(at.issue({ uses: 10 }).text);
    await expect(pair(at.url, tokenText({ ...token, caHash: randomBytes(16) }))).rejects.toMatchObject({
      message: expect.stringContaining('another key than the one in the token'),
    });
    expect(usersOf(at)).toBe(0);
  });
});
