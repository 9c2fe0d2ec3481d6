import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, get } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signChallenge, verifyChallenge } from '../../../discovery/pairing/challenge.ts';
import { newAgentKey, serverName } from '../../../discovery/pairing/keys.ts';
import { pinnedAgent } from '../../../discovery/pairing/pinned.ts';
import { challengeAnswer } from '../../../protocol/agent-link.ts';
import { type TestLeaf, testCa, testLeaf } from '../../helpers/certificates.ts';
import { closeServer, listen } from '../../helpers/pairing-appliance.ts';

const key = newAgentKey();
const subject = { applianceId: randomUUID(), agentId: randomUUID(), nonce: randomBytes(32).toString('base64url') };

describe('the challenge of a session', () => {
  it('is passed by the holder of the paired key', () => {
    const signature = signChallenge(subject, key.privateKeyPem);
    expect(challengeAnswer.shape.signature.safeParse(signature).success).toBe(true);
    expect(verifyChallenge(subject, key.publicKey, signature)).toBe(true);
  });

  it.each([
    { ...subject, applianceId: randomUUID() },
    { ...subject, agentId: randomUUID() },
    { ...subject, nonce: randomBytes(32).toString('base64url') },
  ])('does not serve for another appliance, agent or session', (other) => {
    expect(verifyChallenge(other, key.publicKey, signChallenge(subject, key.privateKeyPem))).toBe(false);
  });

  it.each([
    ['another key', newAgentKey().publicKey, signChallenge(subject, key.privateKeyPem)],
    ['no key', '', signChallenge(subject, key.privateKeyPem)],
    ['no signature', key.publicKey, ''],
    ['noise', key.publicKey, randomBytes(64).toString('base64url')],
    ['something huge', key.publicKey, 'A'.repeat(100_000)],
  ])('is not passed with %s', (_, agentKey, signature) => {
    expect(verifyChallenge(subject, agentKey, signature)).toBe(false);
  });
});

describe('the pinned connection', () => {
  const id = randomUUID();

  async function ask(leaf: TestLeaf, ca: string, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> {
    let reached = 0;
    const server = createServer({ ...leaf, maxVersion }, (_request, response) => {
      reached++;
      response.end('hello');
    });
    onTestFinished(() => closeServer(server));
    const url = await listen(server);
    const agent = pinnedAgent({ ca, applianceId: id });
    onTestFinished(() => agent.destroy());
    return new Promise((resolve) => {
      get(url, { agent }, (response) => resolve(`${response.statusCode} ${reached}`)).on('error', () =>
        resolve(`refused ${reached}`),
      );
    });
  }

  it('reaches the appliance at any address', async () => {
    const ca = await testCa();
    expect(await ask(await testLeaf(ca, [serverName(id)]), ca.pem)).toBe('200 1');
  });

  it('refuses another CA, another name of the same CA, and old TLS, before a request is sent', async () => {
    const [ca, other] = [await testCa(), await testCa()];
    expect(await ask(await testLeaf(other, [serverName(id)]), ca.pem)).toBe('refused 0');
    expect(await ask(await testLeaf(ca, [serverName(randomUUID()), 'localhost']), ca.pem)).toBe('refused 0');
    expect(await ask(await testLeaf(ca, [serverName(id)]), ca.pem, 'TLSv1.2')).toBe('refused 0');
  });
});
