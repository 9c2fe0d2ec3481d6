import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect as connectPlain, createServer as createPlain } from 'node:net';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { JoinAttempt } from '../../../discovery/pairing/join-agent.ts';
import { isOver, JoinRequest } from '../../../discovery/pairing/join-client.ts';
import { commitmentTo, digitsOf, joinTranscript, signJoin } from '../../../discovery/pairing/join-transcript.ts';
import { newAgentKey, serverName, spkiHash } from '../../../discovery/pairing/keys.ts';
import { joinConfirm, joinLook, joinReveal, joinStart } from '../../../protocol/joining.ts';
import { PAIRING_LIMITS } from '../../../protocol/pairing.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';
import { type JoiningAppliance, joiningAppliance } from '../../helpers/joining-appliance.ts';
import { closeServer, listen, someFacts } from '../../helpers/pairing-appliance.ts';

const SITE = '01890000-0000-7000-8000-0000000000aa';
const OTHER_SITE = '01890000-0000-7000-8000-0000000000bb';

const open: JoiningAppliance[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((part) => part.close()))));

async function appliance(options: Parameters<typeof joiningAppliance>[0] = {}): Promise<JoiningAppliance> {
  const made = await joiningAppliance(options);
  open.push(made);
  return made;
}

const begin = (url: string, key = newAgentKey()) => JoinRequest.begin(url, { name: 'nas', version: '0.1.0', key });
const onlyRequest = (at: JoiningAppliance) => {
  const [request, more] = at.desk.list(SITE, at.now());
  if (!request || more) throw new Error('there is not exactly one request');
  return request;
};
const accept = (at: JoiningAppliance, digits: string, id = onlyRequest(at).id) =>
  at.desk.accept(id, digits, { now: at.now(), siteId: SITE });
const otherThan = (digits: string) => String((Number(digits) + 1) % 1_000_000).padStart(6, '0');

/** The agent's first two messages by hand. */
function play(at: JoiningAppliance, { from = '10.0.0.1', key = newAgentKey() } = {}) {
  const attempt = new JoinAttempt({ name: 'nas', version: '0.1.0', key, random: randomBytes });
  const leaf = new X509Certificate(at.leaf.cert);
  const start = attempt.start(leaf);
  const offer = at.desk.start(start, { now: at.now(), from });
  return { attempt, start, offer, reveal: () => attempt.accept(offer, leaf, Date.now()), from };
}

describe('an agent without a token', () => {
  it('is in when its digits were typed in the dashboard and it was confirmed on its host, and not before', async () => {
    const at = await appliance();
    const request = await begin(at.url);
    expect(request.digits).toMatch(/^\d{6}$/);
    expect(onlyRequest(at)).toMatchObject({ name: 'nas', state: 'waiting', triesLeft: 3 });
    expect(await request.look()).toMatchObject({ state: 'waiting' });
    await expect(request.confirm(someFacts)).rejects.toMatchObject({ code: 'pairing-refused' });
    expect(accept(at, request.digits)).toMatchObject({ state: 'accepted', siteId: SITE });
    expect(await request.look()).toMatchObject({ state: 'accepted' });
    const pairing = await request.confirm(someFacts);
    expect(pairing).toMatchObject({ applianceId: at.id, by: 'digits' });
    expect(new X509Certificate(pairing.ca).raw).toEqual(new X509Certificate(at.ca.pem).raw);
    expect(at.joined).toHaveLength(1);
  });

  it('tells what it is only with the last message: before, name, version and public key are all that anybody learns', async () => {
    const at = await appliance();
    const request = await begin(at.url);
    await request.look();
    const said = at.requests.map(({ body }) => body).join();
    for (const secret of [someFacts.addresses[0], someFacts.macs[0], 'machineId', 'kernel'])
      expect(said).not.toContain(secret);
  });

  it('has other digits each time it asks', async () => {
    const at = await appliance();
    const key = newAgentKey();
    const all = [await begin(at.url, key), await begin(at.url, key), await begin(at.url, key)];
    expect(new Set(all.map(({ digits }) => digits)).size).toBe(3);
  });
});

describe('somebody in the middle', () => {
  it('who ends TLS on both sides and joins in the agent’s name gets other digits than the host shows', async () => {
    const at = await appliance();
    // The attacker as an appliance towards the agent, with an own key, and as an agent towards the appliance.
    const middle = await appliance({ id: at.id });
    const victim = await begin(middle.url);
    const attacker = await begin(at.url);
    expect(victim.applianceId).toBe(at.id);
    expect(attacker.digits).not.toBe(victim.digits);
    expect(accept(at, victim.digits)).toBe('wrong');
    await expect(attacker.confirm(someFacts)).rejects.toMatchObject({ code: 'pairing-refused' });
  });

  it('who ends TLS and relays every message is found out by the commitment, which holds the key that the agent sees', async () => {
    const at = await appliance();
    const evil = await testLeaf(at.ca, [serverName(at.id)]); // even when the same CA had issued it
    const relay = createTls({ ...evil }, (down) => {
      const up = connectTls({ port: Number(new URL(at.url).port), host: '127.0.0.1', rejectUnauthorized: false });
      down.pipe(up).pipe(down);
      for (const side of [down, up]) side.on('error', () => side.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    onTestFinished(() => void relay.close());
    const { port } = relay.address() as { port: number };
    await expect(begin(`https://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'pairing-refused' });
    expect(at.desk.list(SITE, at.now())).toEqual([]);
  });

  it('two TLS keys, all else being equal, are two sets of digits', async () => {
    const at = await appliance();
    const { start, offer, attempt } = play(at);
    const seen = new X509Certificate(at.leaf.cert);
    const { agentNonce } = attempt.accept(offer, seen, Date.now());
    const other = spkiHash(new X509Certificate((await testLeaf(at.ca, [serverName(at.id)])).cert));
    const [ca, leaf] = [spkiHash(new X509Certificate(at.ca.pem)), spkiHash(seen)];
    const digits = (leafSpkiHash: Buffer) =>
      digitsOf(joinTranscript({ start, offer, agentNonce, leafSpkiHash, caSpkiHash: ca }));
    expect(digits(leaf)).toBe(attempt.digits);
    expect(digits(other)).not.toBe(attempt.digits);
  });

  it('cannot search for a nonce that gives the same digits: it is bound before it knows the other’s', async () => {
    const at = await appliance();
    const key = newAgentKey();
    const leafHash = spkiHash(new X509Certificate(at.leaf.cert));
    const said = { protocol: 1, agentKey: key.publicKey, name: 'nas', version: '1' };
    const bound = randomBytes(32).toString('base64url');
    const start = { ...said, commitment: commitmentTo(said, bound, leafHash) };
    const offer = at.desk.start(start, { now: at.now(), from: '10.0.0.1' });
    const caSpkiHash = spkiHash(new X509Certificate(at.ca.pem));
    // It would need about a million: any that is not the one it is bound to is refused, and ends the request.
    const other = randomBytes(32).toString('base64url');
    const agreed = joinTranscript({ start, offer, agentNonce: other, leafSpkiHash: leafHash, caSpkiHash });
    const reveal = {
      joinId: offer.joinId,
      agentNonce: other,
      signature: signJoin('reveal', agreed, key.privateKeyPem),
    };
    const received = { now: at.now(), from: '10.0.0.1' };
    expect(() => at.desk.reveal(reveal, received)).toThrow('not open');
    const honest = joinTranscript({ start, offer, agentNonce: bound, leafSpkiHash: leafHash, caSpkiHash });
    const late = { ...reveal, agentNonce: bound, signature: signJoin('reveal', honest, key.privateKeyPem) };
    expect(() => at.desk.reveal(late, received)).toThrow('not open');
  });

  it('who takes over after the digits were compared gets no message: another key answers', async () => {
    const at = await appliance();
    const impostor = await appliance({ id: at.id, isRogue: true });
    let target = at.url;
    const front = createPlain((down) => {
      const up = connectPlain(Number(new URL(target).port), '127.0.0.1');
      down.pipe(up).pipe(down);
      for (const side of [down, up]) side.on('error', () => side.destroy());
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    onTestFinished(() => void front.close());
    const request = await begin(`https://127.0.0.1:${(front.address() as { port: number }).port}`);
    accept(at, request.digits);
    target = impostor.url;
    await expect(request.confirm(someFacts)).rejects.toMatchObject({ code: 'certificate-changed' });
    await expect(request.look()).rejects.toMatchObject({ code: 'certificate-changed' });
    expect(impostor.requests).toEqual([]);
  });
});

describe('a rogue appliance', () => {
  it('that says "accepted" gets nothing, as long as nobody on the host confirms', async () => {
    const rogue = await appliance({ isRogue: true });
    const request = await begin(rogue.url);
    expect((await request.look()).state).toBe('accepted');
    expect(rogue.requests.map(({ path }) => path)).not.toContain('/api/v1/pairing/join/confirm');
    expect(JSON.stringify(rogue.requests)).not.toContain(someFacts.macs[0]);
  });

  it.each([
    ['shows a leaf of another CA', async (_ca: unknown, id: string) => testLeaf(await testCa(), [serverName(id)])],
    ['shows a leaf for another name', async (ca: Parameters<typeof testLeaf>[0]) => testLeaf(ca, ['localhost'])],
  ] as [string, NonNullable<Parameters<typeof joiningAppliance>[0]>['leaf']][])(
    'that %s is refused before there are digits',
    async (_what, leaf) => {
      const at = await appliance(leaf ? { leaf } : {});
      await expect(begin(at.url)).rejects.toMatchObject({ code: 'certificate-unusable' });
    },
  );

  it('that answers garbage, floods or keeps silent is refused with a plain reason', async () => {
    const ca = await testCa();
    const offer = { protocol: 1, joinId: 'x', applianceNonce: 'x', applianceId: 'x', ca: '' };
    const answers: [string, string][] = [
      ['not json', 'not JSON'],
      ['{}', 'not what the protocol says'],
      ['{"protocol":1', 'not JSON'],
      [JSON.stringify(offer), 'not what the protocol says'],
      [JSON.stringify({ __proto__: { joinId: 'x' } }), 'not what the protocol says'],
      ['x'.repeat(PAIRING_LIMITS.bodyBytes + 1), 'too long'],
    ];
    for (const [body, reason] of answers) {
      const server = createServer(await testLeaf(ca, ['x']), (_request, response) => response.end(body));
      const url = await listen(server);
      await expect(begin(url)).rejects.toMatchObject({ message: expect.stringContaining(reason) });
      await closeServer(server);
    }
  });

  it('of another protocol is told from a dead one', async () => {
    const at = await appliance();
    const { attempt, offer } = play(at);
    const leaf = new X509Certificate(at.leaf.cert);
    expect(() => attempt.accept({ ...offer, protocol: 9 }, leaf, Date.now())).toThrow('update the agent');
  });
});

describe('guessing digits', () => {
  it('ends with the third wrong ones: the request is dead, also for the right ones, and its agent hears it', async () => {
    const at = await appliance();
    const request = await begin(at.url);
    const { id } = onlyRequest(at);
    const wrong = otherThan(request.digits);
    expect([1, 2, 3].map(() => accept(at, wrong, id))).toEqual(['wrong', 'wrong', 'wrong']);
    expect(accept(at, request.digits, id)).toBeUndefined();
    expect((await request.look()).state).toBe('refused');
    await expect(request.confirm(someFacts)).rejects.toSatisfy(isOver);
    expect(at.desk.list(SITE, at.now())).toEqual([]);
  });

  it('compares with the request that was chosen, and with no other', async () => {
    const at = await appliance();
    const [one, other] = [await begin(at.url), await begin(at.url)];
    const [first] = at.desk.list(SITE, at.now());
    expect(accept(at, other.digits, first?.id)).toBe('wrong');
    expect(accept(at, one.digits, first?.id)).toMatchObject({ state: 'accepted' });
    expect((await other.look()).state).toBe('waiting');
  });

  it.each(['', '12345', '1234567', '١٢٣٤٥٦', '12345\n', ' 12345'])('does not take %j for digits', async (typed) => {
    const at = await appliance();
    await begin(at.url);
    expect(accept(at, typed)).toBe('wrong');
  });
});

describe('sites', () => {
  it('see what nobody has accepted; from then on it is of the site of who did', async () => {
    const at = await appliance();
    const request = await begin(at.url);
    const { id } = onlyRequest(at);
    expect(at.desk.list(OTHER_SITE, at.now())).toHaveLength(1);
    accept(at, request.digits);
    expect(at.desk.list(OTHER_SITE, at.now())).toEqual([]);
    expect(at.desk.refuse(id, OTHER_SITE, at.now())).toBe(false);
    expect(at.desk.refuse(id, SITE, at.now())).toBe(true);
    expect((await request.look()).state).toBe('refused');
  });
});

describe('replay and time', () => {
  it('a recorded opening opens nothing twice, and not another request', async () => {
    const at = await appliance();
    const one = play(at);
    const reveal = one.reveal();
    const received = { now: at.now(), from: one.from };
    at.desk.reveal(reveal, received);
    expect(() => at.desk.reveal(reveal, received)).toThrow('not open');
    const other = play(at);
    expect(() => at.desk.reveal({ ...reveal, joinId: other.offer.joinId }, received)).toThrow('not open');
  });

  it('a confirmation with another key, of another request, or made of the opening is refused', async () => {
    const at = await appliance();
    const one = play(at);
    const received = { now: at.now(), from: one.from };
    const reveal = one.reveal();
    at.desk.reveal(reveal, received);
    accept(at, one.attempt.digits);
    const good = one.attempt.confirm(someFacts);
    const other = play(at);
    other.reveal();
    const forged = [
      { ...good, signature: reveal.signature },
      { ...good, signature: other.attempt.confirm(someFacts).signature },
      { ...good, joinId: other.offer.joinId },
      { ...good, joinId: randomBytes(16).toString('base64url') },
      { ...good, signature: randomBytes(64).toString('base64url') },
    ];
    for (const message of forged) expect(() => at.desk.confirm(message, received)).toThrow('not open');
    expect(at.desk.confirm(good, received)).toMatchObject({ name: 'nas', siteId: SITE });
  });

  it('somebody who brings another’s public key cannot open', async () => {
    const at = await appliance();
    const key = { ...newAgentKey(), publicKey: newAgentKey().publicKey };
    const one = play(at, { key });
    expect(() => at.desk.reveal(one.reveal(), { now: at.now(), from: one.from })).toThrow('not open');
  });

  it('a request ends after ten minutes, and ten after its digits were typed; one that does not open, after 30 s', async () => {
    const at = await appliance();
    const slow = play(at);
    const reveal = slow.reveal();
    at.pass(PAIRING_LIMITS.sessionMs);
    expect(() => at.desk.reveal(reveal, { now: at.now(), from: slow.from })).toThrow('not open');
    const request = await begin(at.url);
    at.pass(PAIRING_LIMITS.joinMs - 1_000);
    accept(at, request.digits);
    at.pass(PAIRING_LIMITS.joinMs - 1_000);
    expect((await request.look()).state).toBe('accepted');
    at.pass(2_000);
    await expect(request.confirm(someFacts)).rejects.toSatisfy(isOver);
    expect(at.desk.list(SITE, at.now())).toEqual([]);
  });

  it('an answer that was lost is given again, until half a minute after', async () => {
    const at = await appliance();
    const request = await begin(at.url);
    accept(at, request.digits);
    await request.confirm(someFacts);
    const [joinId = ''] = at.joined;
    at.desk.joined(joinId, 'its host', at.now());
    await request.confirm(someFacts);
    at.pass(PAIRING_LIMITS.sessionMs + 1);
    await expect(request.confirm(someFacts)).rejects.toSatisfy(isOver);
  });
});

describe('limits', () => {
  it('four requests from one address in ten minutes, whatever became of them; IPv6 counts by network', async () => {
    const at = await appliance();
    for (let i = 0; i < 4; i++) {
      const one = play(at, { from: `fd77::1:${i}` });
      if (i === 0) continue; // Begun and dropped: who stands in between could try again and again.
      at.desk.reveal(one.reveal(), { now: at.now(), from: one.from });
      at.desk.refuse(at.desk.list(SITE, at.now()).at(-1)?.id ?? '', SITE, at.now());
    }
    expect(() => play(at, { from: 'fd77::9' })).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
    expect(play(at, { from: '10.0.0.9' }).offer.protocol).toBe(1);
    at.pass(PAIRING_LIMITS.joinMs);
    expect(play(at, { from: 'fd77::9' }).offer.protocol).toBe(1);
  });

  it('sixteen requests in all, so that a man in the middle has sixteen tries in a million', async () => {
    const at = await appliance();
    for (let i = 0; i < 16; i++) play(at, { from: `10.0.${i}.1` });
    expect(() => play(at, { from: '10.1.0.1' })).toThrow('wait ten minutes');
  });

  it('120 looks a minute from one address', async () => {
    const at = await appliance();
    const { offer } = play(at);
    const look = () => at.desk.look(offer.joinId, { now: at.now(), from: '10.0.0.1' });
    for (let i = 0; i < 120; i++) look();
    expect(look).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  });
});

describe('messages from outside', () => {
  const good = {
    protocol: 1,
    agentKey: randomBytes(32).toString('base64url'),
    commitment: randomBytes(32).toString('base64url'),
    name: 'nas',
    version: '0.1.0',
  };
  const joinId = randomBytes(16).toString('base64url');

  it.each([
    ['nothing', undefined],
    ['an array', [good]],
    ['no commitment', { ...good, commitment: undefined }],
    ['a short commitment', { ...good, commitment: 'abc' }],
    ['a huge commitment', { ...good, commitment: 'A'.repeat(100_000) }],
    ['an operator for a key', { ...good, agentKey: { $gt: '' } }],
    ['control characters in the name', { ...good, name: 'x\u001b[2J' }],
    ['a long name', { ...good, name: 'x'.repeat(65) }],
    ['a long version', { ...good, version: 'x'.repeat(41) }],
  ])('a first message with %s is refused', (_what, message) => {
    expect(joinStart.safeParse(good).success).toBe(true);
    expect(joinStart.safeParse(message).success).toBe(false);
  });

  it('no later message takes what is cut, of another type, or too long', () => {
    const signature = randomBytes(64).toString('base64url');
    for (const bad of ['', 'A', 5, null, {}, [], 'A'.repeat(10_000), '\u0000'.repeat(22)]) {
      expect(joinLook.safeParse({ joinId: bad }).success).toBe(false);
      expect(joinReveal.safeParse({ joinId, agentNonce: bad, signature }).success).toBe(false);
      expect(joinReveal.safeParse({ joinId, agentNonce: good.commitment, signature: bad }).success).toBe(false);
      expect(joinConfirm.safeParse({ joinId, signature: bad, facts: someFacts }).success).toBe(false);
      expect(joinConfirm.safeParse({ joinId, signature, facts: bad }).success).toBe(false);
    }
  });
});
