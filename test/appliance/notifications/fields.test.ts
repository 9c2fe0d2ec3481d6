import { expect, onTestFinished, test } from 'vitest';
import { Alerts } from '../../../appliance/alerts/alerts.ts';
import type { HistoryQuery, HistoryResult } from '../../../appliance/history/history.ts';
import { type FactEvent, Hub } from '../../../appliance/hub.ts';
import { mailText, subjectOf } from '../../../appliance/notifications/channels/email.ts';
import { ntfyBody } from '../../../appliance/notifications/channels/ntfy.ts';
import { pushBody } from '../../../appliance/notifications/channels/push.ts';
import { pushoverFields } from '../../../appliance/notifications/channels/pushover.ts';
import { slackPayload } from '../../../appliance/notifications/channels/slack.ts';
import { webhookBody } from '../../../appliance/notifications/channels/webhook.ts';
import { htmlOf } from '../../../appliance/notifications/mail-html.ts';
import { type Message, timeText } from '../../../appliance/notifications/message.ts';
import { openNotifications } from '../../../appliance/notifications/open.ts';
import { sealWith } from '../../../appliance/seal.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { Alert, Transition } from '../../../protocol/alerts.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { diskHigh, remediationDone, serverOffline, serviceStopped } from '../../helpers/messages.ts';
import { playedHost } from '../../helpers/played-appliance.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { until } from '../../helpers/until.ts';

/** Texts as people see them: entities of HTML and Slack, and escapes of JSON, read back. */
const read = (text: string): string =>
  text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
const textsIn = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).map(textsIn).join('\n') : read(String(value));

const forms: Record<string, (message: Message) => string> = {
  'mail as text': (message) => `${subjectOf(message)}\n${mailText(message)}`,
  'mail as HTML': (message) => read(htmlOf(message)),
  slack: (message) => textsIn(slackPayload(message)),
  webhook: (message) => textsIn({ ...webhookBody(message), time: timeText(message.at, message.timeZone) }),
  ntfy: (message) => textsIn(ntfyBody(message, 'reeve')),
  mqtt: (message) => textsIn({ ...webhookBody(message), time: timeText(message.at, message.timeZone) }),
  pushover: (message) => textsIn(pushoverFields(message, true)),
  push: (message) => textsIn(JSON.parse(pushBody(message))),
};

/** Every field of NTF-1 that a message has. Programs (webhook, MQTT) get the moment as ISO 8601 instead. */
function fieldsOf({
  severity,
  host = '',
  title,
  text,
  at,
  timeZone,
  facts,
  causes,
  suggestion,
  action,
  link,
}: Message): string[] {
  const path = new URL(link ?? 'https://x/').pathname;
  const labelled = facts.flatMap(({ name, value }) => [name, value]);
  return [severity, host, title, text, timeText(at, timeZone), ...labelled, ...causes, suggestion, action, path].filter(
    (field): field is string => field !== undefined,
  );
}

const lacking = (form: string, message: Message): string[] => {
  const said = forms[form]?.(message).toLowerCase() ?? '';
  return fieldsOf(message).filter((field) => !said.includes(field.toLowerCase()));
};

const messages = { serverOffline, serviceStopped, remediationDone, diskHigh };
test.each(Object.keys(forms).flatMap((form) => Object.keys(messages).map((name) => [form, name] as const)))(
  '%s carries every field of %s',
  (form, name) => {
    expect(lacking(form, messages[name as keyof typeof messages])).toEqual([]);
  },
);

const SITE = '0190a000-0000-7000-8000-000000000002';
const host: Host = playedHost(1, 'media', { siteId: SITE });
const NOW = Date.UTC(2026, 10, 21, 13, 32, 5);

const answerOf = (from: number, to: number, series: HistoryResult['series']): HistoryResult => ({
  ...{
    from,
    to,
    first: from,
    stepMs: 5_000,
    steps: 3,
    resolution: 'raw',
    columns: ['average'],
    hosts: [],
    unmatched: [],
  },
  series,
});

/** The way of facts and alerts through the hub, with the real engine of alerts and a channel that is never reached. */
async function bench(query: (query: HistoryQuery) => Promise<HistoryResult> = () => Promise.reject(new Error('away'))) {
  const documents = await openDocumentStore({ dir: makeDirectory(), log: keepingLog() });
  onTestFinished(() => documents.close());
  const hub = new Hub((_event, error) => {
    throw error;
  });
  const log = keepingLog() as never;
  const clock = { now: NOW };
  const parts = { documents, hub, log, now: () => clock.now, query };
  const { channels, outbox } = await openNotifications({
    ...parts,
    seal: sealWith(Buffer.alloc(32, 7)),
    lookUp: () => undefined,
    surroundings: () => ({ site: 'Home', timeZone: 'Europe/Berlin', url: 'https://reeve.local' }),
    settings: () => ({ quiet: [], low: 'at once', digestAt: '08:00', mostAnHour: 30 }),
    tagsOf: () => [],
    openAlerts: () => [],
    mayLook: () => true,
    charts: { query, titleOf: () => undefined },
  });
  onTestFinished(() => outbox.close());
  // As incidents do where nothing is held and nothing comes together.
  hub.on('alert', ({ alert, transition }) => {
    if (transition.isTold)
      hub.emit('telling', { siteId: alert.siteId, incidentId: alert.id, items: [{ alert, transition }] });
  });
  const alerts = await Alerts.open({
    ...parts,
    query: async ({ from, to }) => answerOf(from, to, []),
    hosts: () => [host],
    applianceSite: () => SITE,
    describe: () => undefined,
  });
  onTestFinished(() => alerts.close());
  const given = { url: 'https://localhost:1/never' };
  await channels.add(SITE, 'webhook', { name: 'never', isEnabled: true, given, mayRefer: false });
  const told = (count: number): Promise<Message[]> =>
    until(async () => {
      const entries = await outbox.list(SITE);
      return entries.length >= count && entries.reverse().map(({ message }) => message);
    }) as Promise<Message[]>;
  /** Time goes on while somebody waits, and the engine looks at it, as in the appliance each second. */
  const later = (): void => {
    clock.now += 1_000;
    alerts.tick();
  };
  return { hub, told, later };
}

const fact = (rest: Partial<FactEvent>): FactEvent => ({
  ...{ siteId: SITE, hostId: host.id, kind: 'service', key: 'plex', severity: 'high', at: NOW, state: 'wrong' },
  text: 'plex has stopped with exit code 1',
  ...rest,
});

test('a service that stopped, with a remedy that waits for a person, and its result are told with the state of the action', async () => {
  const { hub, told, later } = await bench();
  hub.emit(
    'fact',
    fact({ action: 'Restart plex: waiting for approval', causes: ['it crashed', 'it was stopped by hand'] }),
  );
  const [fired] = await told(1);
  expect(fired).toMatchObject({
    state: 'firing',
    host: 'media',
    title: expect.stringContaining('plex has stopped with exit code 1'),
    action: 'Restart plex: waiting for approval',
    causes: ['it crashed', 'it was stopped by hand'],
  });
  later();
  hub.emit('fact', fact({ state: 'ok', text: 'plex runs', action: 'Restart plex: completed' }));
  later();
  const [, over] = await told(2);
  expect(over).toMatchObject({ state: 'resolved', action: 'Restart plex: completed' });
  for (const message of [fired, over])
    for (const form of Object.keys(forms)) expect(lacking(form, message as Message), form).toEqual([]);
});

test('a fact without action has none, and a later one does not inherit that of before', async () => {
  const { hub, told, later } = await bench();
  hub.emit('fact', fact({ action: 'Restart plex: waiting for approval' }));
  later();
  hub.emit('fact', fact({ state: 'ok' }));
  later();
  const [, over] = await told(2);
  expect(over?.action).toBeUndefined();
});

const disk: Alert = {
  ...{ id: '019aa5a0-0000-7000-8000-00000000000a', siteId: SITE, status: 'open', severity: 'medium' },
  ...{
    title: 'File system use /srv 91 %',
    reason: 'above 80 % for 10 min',
    ruleId: 'disk',
    ruleRev: 0,
    ruleTitle: 'Disk fills up',
  },
  ...{ condition: { id: 'above', settings: { threshold: 0.8 } }, hostId: host.id, hostName: 'media' },
  series: {
    metric: 'system.filesystem.utilization',
    attributes: { 'system.filesystem.mountpoint': '/srv' },
    unit: '1',
  },
  ...{
    value: 0.91,
    threshold: 0.8,
    sinceAt: NOW - 600_000,
    firedAt: NOW,
    isStale: false,
    isLate: false,
    transitions: [],
  },
  remedy: 'Look what grew last, and delete what is not needed.',
};
const fired: Transition = { n: 1, at: NOW, kind: 'fired', text: 'above 80 % for 10 min', isTold: true };

const spaceOf = (mountpoint: string, used: number, total: number) =>
  [
    { metric: 'system.filesystem.usage', state: 'used', value: used },
    { metric: 'system.filesystem.usage', state: 'free', value: total - used },
    { metric: 'system.filesystem.limit', value: total },
  ].map(({ metric, state, value }) => ({
    metric,
    attributes: { 'system.filesystem.mountpoint': mountpoint, ...(state && { 'system.filesystem.state': state }) },
    columns: [Float64Array.of(1, value, Number.NaN)],
  }));

test('a full disk is told with used and total, the threshold in its unit, causes and suggestion', async () => {
  const series = [...spaceOf('/', 1e9, 2e9), ...spaceOf('/srv', 1.82e12, 2e12)];
  const { hub, told } = await bench(async ({ from, to }) => answerOf(from, to, series));
  hub.emit('alert', { alert: disk, transition: fired });
  const [message] = await told(1);
  expect(message?.facts).toEqual([
    { name: 'Used', value: '1.82 TB of 2 TB' },
    { name: 'Value', value: '91 %' },
    { name: 'Threshold', value: '80 %' },
    { name: 'Since', value: '2026-11-21 14:22:05 CET' },
    { name: 'Rule', value: 'Disk fills up' },
  ]);
  expect(message).toMatchObject({
    suggestion: disk.remedy,
    causes: { length: 2 },
    link: `https://reeve.local/alerts/${disk.id}`,
  });
  for (const form of Object.keys(forms)) expect(lacking(form, message as Message), form).toEqual([]);
});

test('when history is away it is told without the space, and not later', async () => {
  const { hub, told } = await bench();
  hub.emit('alert', { alert: disk, transition: fired });
  expect((await told(1))[0]?.facts.map(({ name }) => name)).toEqual(['Value', 'Threshold', 'Since', 'Rule']);
});

test('a host that is offline is told with when it was last seen', async () => {
  const { hub, told } = await bench();
  const { series: _, value: _value, threshold: _threshold, ...rest } = disk;
  const offline: Alert = { ...rest, title: 'Offline', condition: { id: 'absent', settings: { afterMs: 180_000 } } };
  hub.emit('alert', { alert: offline, transition: fired });
  const [message] = await told(1);
  expect(message?.facts[0]).toEqual({ name: 'Last seen', value: '2026-11-21 14:22:05 CET' });
  expect(message?.causes).toEqual(['powered off', 'network', 'agent stopped']);
});
