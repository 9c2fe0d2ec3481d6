import { afterAll, expect, test } from 'vitest';
import { devicesOf, openAlertsOf, openLanAppliance, type SeenDevice, sweepAll } from '../helpers/lan-appliance.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

/** A LAN on which somebody is unplugged, two get the same address, one moves, and one makes up another MAC: in real time. */
const { cable, lan, close } = openLanAppliance({ hosts: 4, network: '10.214.8' });
afterAll(close);
const [leaver, mover, random, twin] = [lan.host(1), lan.host(2), lan.host(3), lan.host(4)];
const cardOf = (n: number): string => `b8:27:eb:00:00:0${n}`;
for (const [n, host] of lan.hosts.entries()) host.ip('link', 'set', 'eth0', 'address', cardOf(n + 1));
random.ip('link', 'set', 'eth0', 'address', '06:12:34:56:78:01');

const bench = signedIn('network-changes', {
  ...{ address: cable.address, within: cable.within },
  env: { REEVE_MDNS: 'on', REEVE_LOG_LEVEL: 'warn' },
});
const byCard = async (mac: string): Promise<SeenDevice> => {
  const found = (await devicesOf(bench.owner)).find(({ macs }) => macs.some((each) => each.mac === mac));
  if (!found) throw new Error(`nobody has ${mac}`);
  return found;
};
const MINUTE_MS = 60_000;

test('a host that is unplugged is unsure after one sweep, and gone only after two and a minute; then its alert comes', async () => {
  const { owner, page, appliance } = bench;
  await sweepAll(owner);
  const { id, rev } = await byCard(cardOf(1));
  const path = `/api/v1/network/devices/${id}`;
  expect((await owner.request('PATCH', path, { rev, name: 'NAS', tellGone: true })).status).toBe(200);
  leaver.down();
  await sweepAll(owner);
  const once = await byCard(cardOf(1));
  expect(once.presence).toBe('unsure');
  await sweepAll(owner);
  const twice = await byCard(cardOf(1));
  expect(Date.now() - (twice.lastSeenAt ?? 0)).toBeLessThan(MINUTE_MS);
  expect(twice.presence).toBe('unsure');
  expect(await openAlertsOf(owner)).toEqual([]);
  await page.goto(`${appliance.httpUrl}/network/devices/${id}`);
  await page.getByText('another one and a minute decide').waitFor();
  await until(async () => (await byCard(cardOf(1))).presence === 'gone', { timeoutMs: 90_000, everyMs: 250 });
  const silence = Date.now() - (twice.lastSeenAt ?? 0);
  console.log(`gone after ${(silence / 1000).toFixed(1)} s of silence and two sweeps`);
  expect(silence).toBeGreaterThanOrEqual(MINUTE_MS);
  await until(async () => (await openAlertsOf(owner)).some((text) => text.includes('NAS is gone from the LAN')), {
    ...{ timeoutMs: 90_000, everyMs: 250, what: 'it is told of' },
  });
  await page.getByText('It did not answer 2 complete sweeps in a row').waitFor({ timeout: 30_000 });
  await isSoundEverywhere(page, 'network-gone');
  await page.goto(`${appliance.httpUrl}/alerts`);
  await page.getByText('NAS is gone from the LAN').first().waitFor();
  await isSoundEverywhere(page, 'network-gone-alert');
  leaver.up();
  await sweepAll(owner);
  expect((await byCard(cardOf(1))).presence).toBe('here');
  await until(async () => (await openAlertsOf(owner)).length === 0, { timeoutMs: 30_000, what: 'the alert is over' });
}, 300_000);

test('one that moves is the same device at another address; one that makes up another MAC is another, of which nobody is told', async () => {
  const { owner } = bench;
  const before = await devicesOf(owner);
  mover.ip('addr', 'del', `${mover.address}/24`, 'dev', 'eth0');
  mover.up('eth0', '10.214.8.77');
  random.ip('link', 'set', 'eth0', 'address', '0a:12:34:56:78:02');
  await sweepAll(owner);
  const after = await devicesOf(owner);
  expect(after.length).toBe(before.length + 1);
  expect(await byCard(cardOf(2))).toMatchObject({ address: '10.214.8.77', presence: 'here' });
  const { body } = await owner.request('GET', `/api/v1/network/devices/${(await byCard(cardOf(2))).id}`);
  expect((body as { addresses: { ip: string }[] }).addresses.map(({ ip }) => ip)).toEqual([
    ...['10.214.8.77', mover.address],
  ]);
  const made = await byCard('0a:12:34:56:78:02');
  expect(made).toMatchObject({ standing: 'new', macs: [{ isRandom: true }] });
  expect((await byCard('06:12:34:56:78:01')).presence).toBe('unsure');
  expect(await openAlertsOf(owner)).toEqual([]);
}, 120_000);

test('two with the same address are told of, each by name, and shown beside each other', async () => {
  const { owner, page, appliance } = bench;
  twin.ip('addr', 'add', `${leaver.address}/24`, 'dev', 'eth0');
  await sweepAll(owner);
  const told = await until(
    async () => (await openAlertsOf(owner)).find((text) => text.includes(`both have the address ${leaver.address}`)),
    { timeoutMs: 30_000, what: 'the conflict is told of' },
  );
  expect(told).toContain('NAS');
  const { id } = await byCard(cardOf(1));
  await page.goto(`${appliance.httpUrl}/network/devices/${id}`);
  await page.getByText('Also has it').waitFor();
  await isSoundEverywhere(page, 'network-conflict');
  expect(bench.complaints).toEqual([]);
}, 120_000);
