import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { agentName } from '../../../discovery/pairing/agent.ts';
import { addressBlock } from '../../../discovery/pairing/rate.ts';
import { pairFinish, pairOffer, pairStart } from '../../../protocol/pairing.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';

const b64 = (bytes: number) => randomBytes(bytes).toString('base64url');
const start = { protocol: 1, tokenId: '0123ABCD', agentNonce: b64(32), agentKey: b64(32), name: 'nas' };
const finish = { sessionId: b64(16), proof: b64(32), signature: b64(64), facts: someFacts };
const offer = {
  protocol: 1,
  sessionId: b64(16),
  applianceNonce: b64(32),
  applianceId: randomUUID(),
  agentId: randomUUID(),
  ca: 'x',
  proof: b64(32),
};

describe('pairing messages', () => {
  it('pass as they are meant, with fields of later versions', () => {
    expect(pairStart.safeParse({ ...start, later: true }).success).toBe(true);
    expect(pairFinish.safeParse(finish).success).toBe(true);
    expect(pairOffer.safeParse(offer).success).toBe(true);
  });

  it.each([
    null,
    [],
    'start',
    {},
    { ...start, protocol: '1' },
    { ...start, protocol: 1.5 },
    { ...start, tokenId: '0123ABC' },
    { ...start, tokenId: { $ne: null } },
    { ...start, tokenId: '0123ABCU' },
    { ...start, agentNonce: b64(31) },
    { ...start, agentKey: `${start.agentKey.slice(0, -1)}\n` },
    { ...start, name: '' },
    { ...start, name: 'x'.repeat(65) },
    { ...start, name: 'nas\u001b[31m' },
    { ...start, name: 'nas\u202egnp' },
  ])('a malformed first message is refused: %j', (odd) => {
    expect(pairStart.safeParse(odd).success).toBe(false);
  });

  it.each([
    { ...finish, sessionId: '__proto__' },
    { ...finish, proof: b64(33) },
    { ...finish, signature: '' },
    { ...finish, facts: { ...someFacts, addresses: Array.from({ length: 65 }, () => '::1') } },
    { ...finish, facts: { ...someFacts, hostName: 'x'.repeat(256) } },
    { ...finish, facts: { ...someFacts, os: 'Debian\r\nX-Evil: 1' } },
  ])('a malformed second message is refused: %j', (odd) => {
    expect(pairFinish.safeParse(odd).success).toBe(false);
  });

  it.each([
    { ...offer, ca: 'x'.repeat(4_097) },
    { ...offer, agentId: '../../etc' },
    { ...offer, proof: undefined },
  ])('a malformed offer is refused: %j', (odd) => {
    expect(pairOffer.safeParse(odd).success).toBe(false);
  });
});

describe('the name of an agent', () => {
  it.each([
    ['nas', 'nas'],
    ['  my\u0000 nas\u202e\n', 'my nas'],
    ['', 'unnamed'],
    ['\u0007', 'unnamed'],
    ['x'.repeat(300), 'x'.repeat(64)],
    [`${'x'.repeat(63)}😀`, 'x'.repeat(63)],
    ['\ud800', 'unnamed'],
  ])('is always one that an appliance accepts: %j', (hostName, name) => {
    expect(agentName(hostName)).toBe(name);
    expect(pairStart.shape.name.safeParse(agentName(hostName)).success).toBe(true);
  });
});

describe('one sender', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['fd77::1', 'fd77:0:0:0'],
    ['fd77:0:0:0:1:2:3:4', 'fd77:0:0:0'],
    ['FD77:00:0:0::9', 'fd77:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['2001:db8:1:2:3::', '2001:db8:1:2'],
    ['', ''],
  ])('%s counts as %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});
