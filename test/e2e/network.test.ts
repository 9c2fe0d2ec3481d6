import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { unreachableByKeyboard } from '../helpers/page.ts';
import { openSeparateHost } from '../helpers/separate-host.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';
import { TestLan } from '../lan/harness/namespaces.ts';

/** The appliance is a machine of its own with two cables: one to this one, for the browser, and one into a LAN. */
const cable = openSeparateHost();
const lan = new TestLan({ hosts: 3, network: '10.214.7' });
const [appliance = ''] = cable.within.slice(-1);
const ip = (...parameters: string[]): void => void execFileSync('ip', parameters);
ip('-n', lan.bridge, 'link', 'add', 'v200', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', appliance);
ip('-n', lan.bridge, 'link', 'set', 'v200', 'master', 'br0', 'up');
ip('-n', appliance, 'address', 'add', '10.214.7.200/24', 'dev', 'lan0');
ip('-n', appliance, 'link', 'set', 'lan0', 'up');
const [known, newcomer] = [lan.host(1), lan.host(3)];
known.ip('link', 'set', 'eth0', 'address', 'b8:27:eb:00:00:01');
newcomer.down();
newcomer.ip('link', 'set', 'eth0', 'address', 'd8:3a:dd:00:00:03');
const server = known.spawn(process.execPath, ['-e', "require('node:net').createServer().listen(8080)"]);
afterAll(() => {
  server.kill('SIGKILL');
  lan.close();
  cable.close();
});

const bench = signedIn('network', {
  address: cable.address,
  within: cable.within,
  env: { REEVE_MDNS: 'on', REEVE_LOG_LEVEL: 'warn' },
});

const openAlerts = async (): Promise<string[]> => {
  const { body } = await bench.owner.request('GET', '/api/v1/alerts?status=active');
  return (body as { items: { title: string; reason: string }[] }).items.map(
    ({ title, reason }) => `${title}: ${reason}`,
  );
};

test('a sweep with progress finds who is there; who comes later is new and told of, until somebody names it', async () => {
  const { page, appliance: reeve } = bench;
  await page.goto(`${reeve.httpUrl}/network`);
  await page.getByRole('heading', { name: 'No devices yet' }).waitFor();
  await isSoundEverywhere(page, 'network-empty');
  await page.getByRole('button', { name: 'Sweep now' }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await page.getByRole('progressbar').waitFor();
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await row(known.address).getByRole('cell', { name: 'Raspberry Pi' }).waitFor({ timeout: 60_000 });
  await row('10.214.7.12').getByRole('cell', { name: 'Random MAC' }).waitFor();
  await page.getByRole('button', { name: 'Sweep now' }).waitFor({ timeout: 60_000 });
  expect(await openAlerts()).toEqual([]);
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await isSoundEverywhere(page, 'network-devices');

  await page.getByRole('link', { name: /^Inbox/ }).click();
  await page.getByRole('button', { name: 'Trust all…' }).click();
  await page.getByRole('button', { name: 'Trust all', exact: true }).click();
  await page.getByRole('heading', { name: 'No new devices' }).waitFor();

  newcomer.up();
  await page.getByRole('button', { name: 'Sweep now' }).click();
  await page.getByRole('link', { name: 'Inbox (1)' }).waitFor({ timeout: 60_000 });
  await page.getByText('d8:3a:dd:00:00:03').waitFor();
  await until(async () => (await openAlerts()).some((text) => text.includes(newcomer.address)), {
    what: 'the new device is told of',
  });
  await isSoundEverywhere(page, 'network-inbox');
  await page.getByRole('button', { name: 'Name…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Printer in the cellar');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'No new devices' }).waitFor();
  await until(async () => (await openAlerts()).length === 0, { what: 'the alert is over' });

  await page.getByRole('link', { name: 'Map' }).click();
  await page.getByRole('link', { name: 'Printer in the cellar' }).waitFor();
  await isSoundEverywhere(page, 'network-map');
  await page.getByRole('link', { name: 'Subnets' }).click();
  await page.getByText('all 254 addresses were asked').waitFor();
  await isSoundEverywhere(page, 'network-subnets');
});

test('the page of a device tells when it was here, looks at its ports, and says what is told of it', async () => {
  const { page, appliance: reeve } = bench;
  await page.goto(`${reeve.httpUrl}/network`);
  await page.getByRole('row').filter({ hasText: known.address }).getByRole('link').click();
  await page.getByRole('heading', { name: 'When it was here' }).waitFor();
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('8080').waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Change…' }).click();
  await page.getByRole('checkbox', { name: 'Tell when it is gone' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Told: when it is gone.').waitFor();
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await isSoundEverywhere(page, 'network-device');
  await page.getByRole('button', { name: 'Is also…' }).click();
  await page.getByRole('combobox').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Make them one' }).click();
  await page.getByRole('heading', { name: 'Also seen as' }).waitFor();
  await page.getByRole('button', { name: 'Take apart' }).click();
  await page.getByRole('heading', { name: 'Also seen as' }).waitFor({ state: 'detached' });
});

test('a viewer sees the network and changes nothing; a failure says so', async () => {
  const { appliance: reeve } = bench;
  const viewer = await bench.pageOf(await bench.person('eve', 'viewer'));
  await viewer.goto(`${reeve.httpUrl}/network`);
  await viewer.getByRole('row').filter({ hasText: known.address }).waitFor();
  expect(await viewer.getByRole('button', { name: 'Sweep now' }).count()).toBe(0);
  await viewer.route('**/api/v1/network/**', (request) => request.abort());
  await viewer.reload();
  await viewer.getByRole('heading', { name: 'The network could not be read' }).waitFor();
  expect(bench.complaints).toEqual([]);
});
