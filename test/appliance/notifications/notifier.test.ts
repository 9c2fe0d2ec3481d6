import { expect, onTestFinished, test } from 'vitest';
import { Hub } from '../../../appliance/hub.ts';
import { openNotifications } from '../../../appliance/notifications/open.ts';
import { sealWith } from '../../../appliance/seal.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { Alert, Transition } from '../../../protocol/alerts.ts';
import { quietWindow } from '../../../protocol/notifications.ts';
import type { NotificationSettings } from '../../../protocol/settings/notifications.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { type FarEnd, startFarEnd } from '../../helpers/far-end.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { until } from '../../helpers/until.ts';

const SITE = '0193a000-0000-7000-8000-00000000000a';
const HOST = '0193a000-0000-7000-8000-00000000000b';
const ALERT = '0193a000-0000-7000-8000-00000000000c';
const NOON = Date.UTC(2026, 10, 21, 12);

const alert: Alert = {
  ...{
    id: ALERT,
    siteId: SITE,
    rev: 1,
    status: 'open',
    severity: 'high',
    title: 'CPU 97 %',
    reason: 'above 90 % for 5 min',
  },
  ...{ ruleId: 'cpu', ruleRev: 0, ruleTitle: 'Processor', condition: { id: 'above', settings: {} }, hostId: HOST },
  ...{ hostName: 'nas01', series: { metric: 'system.cpu.utilization', attributes: {} }, value: 0.97, threshold: 0.9 },
  ...{ sinceAt: NOON - 300_000, firedAt: NOON, isStale: false, isLate: false, transitions: [] },
};
const fired: Transition = { n: 2, at: NOON, kind: 'fired', text: 'above 90 % for 5 min', isTold: true };
const resolved: Transition = { n: 3, at: NOON + 60_000, kind: 'resolved', text: 'below 80 % for 1 min', isTold: true };

const always: NotificationSettings = { quiet: [], low: 'digest', digestAt: '08:00', mostAnHour: 30 };

const tell = (hub: Hub, transition: Transition): void =>
  hub.emit('telling', { siteId: SITE, incidentId: ALERT, items: [{ alert, transition }] });

async function bench(settings: NotificationSettings = always) {
  const farEnd = await startFarEnd();
  const clock = { now: NOON };
  const dir = makeDirectory();
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  onTestFinished(() => documents.close());
  const hub = new Hub((_event, error) => {
    throw error;
  });
  const facts: unknown[] = [];
  const open: Alert[] = [];
  hub.on('fact', (fact) => void facts.push(fact));
  const parts = await openNotifications({
    ...{ documents, hub, seal: sealWith(Buffer.alloc(32, 7)), log: keepingLog() as never, now: () => clock.now },
    lookUp: () => undefined,
    surroundings: () => ({ site: 'Home', timeZone: 'UTC', url: 'https://reeve.local' }),
    settings: () => settings,
    openAlerts: () => open,
    tagsOf: (hostId) => (hostId === HOST ? ['video'] : []),
    mayLook: () => true,
    charts: { query: () => Promise.reject(new Error('history is away')), titleOf: () => undefined },
  });
  onTestFinished(() => parts.outbox.close());
  const add = (name: string) =>
    parts.channels.add(SITE, 'webhook', {
      ...{ name, isEnabled: true, given: { url: `${farEnd.url}/${name}`, ca: farEnd.ca }, mayRefer: false },
    });
  const work = async (): Promise<void> => {
    parts.outbox.work();
    await parts.outbox.settled();
  };
  return { ...parts, open, hub, farEnd, clock, facts, add, work };
}

const titles = ({ arrived }: FarEnd): string[] =>
  arrived.map(({ path, body }) => `${path} ${JSON.parse(body).headline}`);

test('an alert on the hub reaches every channel once, and so does its end', async () => {
  const { hub, farEnd, add, work } = await bench();
  await add('one');
  await add('two');
  tell(hub, fired);
  tell(hub, fired);
  await until(() => farEnd.arrived.length >= 2, { what: 'both channels have it' });
  tell(hub, resolved);
  await until(async () => {
    await work();
    return farEnd.arrived.length >= 4;
  });
  expect(titles(farEnd).sort()).toEqual([
    '/one High: nas01: CPU 97 %',
    '/one Resolved: nas01: CPU 97 %',
    '/two High: nas01: CPU 97 %',
    '/two Resolved: nas01: CPU 97 %',
  ]);
  const [first] = farEnd.arrived.map(({ body }) => JSON.parse(body));
  expect(first).toMatchObject({
    id: `${ALERT}.2`,
    link: `https://reeve.local/alerts/${ALERT}`,
    host: 'nas01',
    site: 'Home',
  });
  expect(first.facts).toContainEqual({ name: 'Threshold', value: '0.9' });
});

test('routes decide by the tags of the host', async () => {
  const { hub, farEnd, add, routes } = await bench();
  const [one] = [await add('one'), await add('two')];
  const fields = {
    title: 'Video',
    isEnabled: true,
    severities: [],
    categories: [],
    tags: ['video'],
    tellsEnd: true,
    afterMinutes: 0,
  };
  await routes.insert({ id: '0193a000-0000-7000-8000-00000000000d', siteId: SITE, ...fields, channelIds: [one.id] });
  tell(hub, fired);
  await until(() => farEnd.arrived.length > 0, { what: 'one channel has it' });
  expect(titles(farEnd)).toEqual(['/one High: nas01: CPU 97 %']);
});

test('quiet hours hold messages back, and their end tells them as one', async () => {
  const quiet = { ...always, quiet: [quietWindow.parse({ days: [1, 2, 3, 4, 5, 6, 7], from: '11:00', to: '13:00' })] };
  const { hub, farEnd, clock, add, work, outbox } = await bench(quiet);
  await add('one');
  tell(hub, fired);
  tell(hub, resolved);
  await until(() => outbox.waiting === 2, { what: 'both wait' });
  await work();
  expect(farEnd.arrived).toEqual([]);
  clock.now = NOON + 3_600_000;
  await work();
  expect(titles(farEnd)).toEqual(['/one Note: 2 messages of Home']);
  expect(JSON.parse(farEnd.arrived[0]?.body ?? '').text).toContain('nas01: CPU 97 % (resolved)');
});

test('a channel that gives up is a fact until it takes something again', async () => {
  const { hub, farEnd, facts, add, work } = await bench();
  await add('one');
  farEnd.manner = 'refuses';
  tell(hub, fired);
  await until(() => facts.length === 1, { what: 'the fact is told' });
  expect(facts[0]).toMatchObject({ kind: 'notification', state: 'wrong', text: expect.stringContaining('403') });
  farEnd.manner = 'takes';
  tell(hub, resolved);
  await until(async () => {
    await work();
    return facts.length === 2;
  });
  expect(facts[1]).toMatchObject({ state: 'ok', text: 'Channel one works' });
});

test('"send test" tells what the far end said, good or bad', async () => {
  const { notifier, farEnd, add } = await bench();
  const { id } = await add('one');
  const signal = new AbortController().signal;
  expect(await notifier.test(SITE, id, signal)).toMatchObject({ hasArrived: true, answer: '200 ok' });
  farEnd.manner = 'refuses';
  expect(await notifier.test(SITE, id, signal)).toMatchObject({
    hasArrived: false,
    answer: expect.stringContaining('invalid_token'),
  });
});

test('a site that goes takes its channels and routes along', async () => {
  const { hub, channels, add } = await bench();
  await add('one');
  hub.emit('site', { before: { id: SITE, name: 'Home' } });
  await until(() => channels.list(SITE).length === 0, { what: 'they are gone' });
});
