import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Browsing, LanChange, Sighting } from '../../discovery/browsing.ts';
import { candidatesOf, type FindOptions, findAppliance, pairOnLan } from '../../discovery/find.ts';
import { PairingError } from '../../discovery/pairing/failure.ts';
import type { ApplianceRecord } from '../../protocol/presence.ts';
import { someFacts, type TestAppliance, testAppliance } from '../helpers/pairing-appliance.ts';

const open: TestAppliance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function appliance(): Promise<TestAppliance> {
  const made = await testAppliance();
  open.push(made);
  return made;
}

const record: ApplianceRecord = { id: '019a0000-0000-7000-8000-000000000001', v: '0.1', proto: 1, https: 8443, ca: '' };
const sighting = (instance: string, more: Partial<Sighting<ApplianceRecord>> = {}): Sighting<ApplianceRecord> => ({
  instance,
  port: 8443,
  addresses: ['10.0.0.9'],
  heardAt: 0,
  record,
  ...more,
});

/** How an appliance shows itself on the LAN; loopback stands for it. */
const shown = (at: TestAppliance, instance: string, ca = at.ca.pem) => {
  const spki = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(spki).digest('base64url');
  return sighting(instance, {
    addresses: ['127.0.0.1'],
    record: { ...record, id: at.id, https: Number(new URL(at.url).port), ca: hash },
  });
};

/** A LAN on which the test says who is seen. */
function fakeLan(seen: Sighting<ApplianceRecord>[] = []) {
  let listener: (change: LanChange<ApplianceRecord>) => void = () => undefined;
  const state = { stopped: false };
  const browse = (_service: unknown, told: typeof listener) => {
    listener = told;
    return {
      list: () => seen,
      refresh: () => undefined,
      stop: () => {
        state.stopped = true;
      },
    } as unknown as Browsing;
  };
  const appears = (one: Sighting<ApplianceRecord>) => {
    seen.push(one);
    listener({ kind: 'up', sighting: one });
  };
  return { lan: { browse } as FindOptions['lan'], appears, state };
}

function keepingLog() {
  const lines: string[] = [];
  const write = (_detail: object, message: string) => void lines.push(message);
  return { lines, log: { debug: write, info: write, warn: write } };
}

describe('candidates', () => {
  it('are all addresses of all appliances, at the port that the record names', () => {
    const found = candidatesOf([sighting('a', { addresses: ['10.0.0.9', 'fd77::9'] }), sighting('b')]);
    expect(found.map(({ url }) => url)).toEqual([
      'https://10.0.0.9:8443',
      'https://[fd77::9]:8443',
      'https://10.0.0.9:8443',
    ]);
  });
});

describe('the search for an appliance', () => {
  it('tries one after another until one succeeds, the preferred first, and stops browsing', async () => {
    const { lan, state } = fakeLan([sighting('a'), sighting('b'), sighting('c')]);
    const { log, lines } = keepingLog();
    const tried: string[] = [];
    const options = { lan, log, timeoutMs: 1_000, prefers: (of: ApplianceRecord) => of === liked };
    const liked = { ...record };
    lan
      .browse(undefined as never)
      .list()
      .push(sighting('liked', { record: liked }) as never);
    const result = await findAppliance(options, async ({ instance }) => {
      tried.push(instance);
      if (instance !== 'b') throw new Error('not me');
      return 'found';
    });
    expect(result).toBe('found');
    expect(tried).toEqual(['liked', 'a', 'b']);
    expect(lines).toHaveLength(2);
    expect(state.stopped).toBe(true);
  });

  it('waits for those that appear later', async () => {
    const { lan, appears } = fakeLan();
    const { log } = keepingLog();
    const result = findAppliance({ lan, log, timeoutMs: 5_000 }, async ({ instance }) => instance);
    appears(sighting('late'));
    expect(await result).toBe('late');
  });

  it('tries none that is not accepted, and none twice that was refused', async () => {
    const { lan } = fakeLan([sighting('a'), sighting('b', { record: { ...record, v: 'no' } })]);
    const { log } = keepingLog();
    const tried: string[] = [];
    const search = findAppliance({ lan, log, timeoutMs: 700, accepts: ({ v }) => v !== 'no' }, async ({ instance }) => {
      tried.push(instance);
      throw new Error('not me');
    });
    await expect(search).rejects.toMatchObject({
      code: 'appliance-not-found',
      message: expect.stringMatching(/"a" at https:\/\/10\.0\.0\.9:8443: not me.*--hub/),
    });
    expect(tried).toEqual(['a']);
  });

  it('ends with an error that the right appliance gave', async () => {
    const { lan } = fakeLan([sighting('a'), sighting('b')]);
    const { log } = keepingLog();
    const clock = new PairingError('clock-wrong', 'set the clock', { isFinal: true });
    await expect(findAppliance({ lan, log, timeoutMs: 1_000 }, () => Promise.reject(clock))).rejects.toBe(clock);
  });

  it('ends when it is told to', async () => {
    const { lan, state } = fakeLan();
    const { log } = keepingLog();
    const search = findAppliance({ lan, log, timeoutMs: 60_000, signal: AbortSignal.timeout(20) }, async () => 'x');
    await expect(search).rejects.toMatchObject({ message: expect.stringContaining('None answered') });
    expect(state.stopped).toBe(true);
  });
});

describe('pairing over the LAN', () => {
  it('meets rogues first, even ones that claim the right key, and pairs with the token’s appliance', async () => {
    const [good, rogue, liar] = [await appliance(), await appliance(), await appliance()];
    const seen = [shown(rogue, 'rogue'), shown(liar, 'liar', good.ca.pem), shown(good, 'good')];
    const { lan } = fakeLan(seen);
    const { log, lines } = keepingLog();
    const { text } = good.issue();
    const found = await pairOnLan({ lan, log, token: text, name: 'nas', facts: someFacts, timeoutMs: 5_000 });
    expect(found.url).toBe(good.url);
    expect(found.pairing.applianceId).toBe(good.id);
    expect(rogue.requests).toEqual([]); // its record names another key, so it is not even asked first
    expect(liar.requests).toEqual(['/api/v1/pairing/start']);
    expect(lines).toHaveLength(1);
    expect(good.paired).toHaveLength(1);
  });

  it('says at once that a token is none', async () => {
    const { lan } = fakeLan();
    const { log } = keepingLog();
    const options = { lan, log, token: 'RV-nonsense', name: 'nas', facts: someFacts, timeoutMs: 60_000 };
    await expect(pairOnLan(options)).rejects.toMatchObject({ code: 'token-malformed' });
  });
});
