import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryQuery, HistoryResult } from '../../appliance/history/history.ts';
import { Hub } from '../../appliance/hub.ts';
import { ChannelError } from '../../appliance/notifications/channel.ts';
import { email } from '../../appliance/notifications/channels/email.ts';
import { openNotifications } from '../../appliance/notifications/open.ts';
import { sealWith } from '../../appliance/seal.ts';
import { openDocumentStore } from '../../appliance/store/nedb/documents.ts';
import type { Alert, Transition } from '../../protocol/alerts.ts';
import { testCa, testLeaf } from '../helpers/certificates.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { HOST, historyBench, NOON, sender } from '../helpers/history.ts';
import { diskHigh, everyMessage, hostile, serverOffline } from '../helpers/messages.ts';
import { decodePng } from '../helpers/png.ts';
import { startProgram } from '../helpers/program.ts';
import { deskWith } from '../helpers/push-browser.ts';
import { ROOT } from '../helpers/root.ts';
import { keepingLog } from '../helpers/silent-log.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'canary-5f2c';

interface Mail {
  from: string;
  to: string[];
  tls: boolean;
  user: string | null;
  content: string;
}

type Mode = 'starttls' | 'tls' | 'plain' | 'greylist' | 'refuse';

async function mailServer(mode: Mode) {
  const directory = makeDirectory();
  const ca = await testCa('Mail CA');
  const { cert, key } = await testLeaf(ca, ['localhost']);
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  const script = join(ROOT, 'test/parts/programs/mail-server.py');
  const program = startProgram(['/usr/bin/python3', script, mode, files.cert, files.key]);
  onTestFinished(() => program.kill());
  // What follows the last line break is not whole yet.
  const lines = () =>
    program
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^(?:\d+$|\{)/.test(line));
  const port = await until(() => Number(lines()[0]), { what: `the mail server says its port: ${program.output()}` });
  const mails = () =>
    lines()
      .slice(1)
      .map((line) => JSON.parse(line) as Mail);
  /** Its word that it took them may overtake what it writes about them. */
  const arrived = (count: number) =>
    until(() => mails().length >= count && mails(), { what: `${count} mails arrive: ${program.output()}` });
  return { port, ca: ca.pem, mails, arrived };
}

function open(server: { port: number; ca: string }, changed: Record<string, unknown> = {}) {
  const given = {
    ...{ host: 'localhost', port: server.port, user: 'reeve', password: PASSWORD, ca: server.ca },
    ...{ from: 'reeve@example.org', to: ['ann@example.org', 'bob@example.org'] },
    ...changed,
  };
  return email.open(email.settings.parse(given), { now: () => 0, browsers: deskWith() });
}

/** Without user and password. */
function anonymous({ port, ca }: { port: number; ca: string }) {
  const given = { host: 'localhost', port, ca, security: 'none', from: 'reeve@example.org', to: ['ann@example.org'] };
  return email.open(email.settings.parse(given), { now: () => 0, browsers: deskWith() });
}

const limit = () => AbortSignal.timeout(15_000);

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(ChannelError);
  expect(String(error)).not.toContain(PASSWORD);
  return error as ChannelError;
}

test.each([
  ['starttls', 'STARTTLS'],
  ['tls', 'TLS from the first byte'],
] as const)('a mail goes out over %s (%s), signed in, to every recipient', async (security, _title) => {
  const server = await mailServer(security);
  const { answer } = await open(server, { security }).send(diskHigh, limit());
  expect(answer).toContain('Queued as 42');
  const [mail] = await server.arrived(1);
  expect(mail).toMatchObject({
    from: 'reeve@example.org',
    to: ['ann@example.org', 'bob@example.org'],
    tls: true,
    user: 'reeve',
  });
  const content = mail?.content ?? '';
  expect(content).toMatch(/^Subject: \[Home\] Medium: \/srv is 91 % full on nas01\r?$/m);
  expect(content).toMatch(/^Message-ID: <alert-3.firing@example.org>\r?$/m);
  expect(content).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  expect(content).toContain('Content-Type: text/plain');
  expect(content).toContain('Content-Type: text/html');
  expect(content).toMatch(/Content-I[Dd]: <chart>/);
});

test('never falls back to plain by itself: a server without STARTTLS gets nothing, not even the password', async () => {
  const server = await mailServer('plain');
  const error = await failureOf(open(server).send(serverOffline, limit()));
  expect(error.mayRetry).toBe(false);
  expect(error.message).toContain('no encryption');
  expect(server.mails()).toEqual([]);
});

test('goes out plain only where a person chose that, and then never with a password', async () => {
  const server = await mailServer('plain');
  expect(() => open(server, { security: 'none' })).toThrow('a password is not sent unencrypted');
  await anonymous(server).send(serverOffline, limit());
  expect((await server.arrived(1))[0]).toMatchObject({ tls: false, user: null });
});

test('says that the password is wrong, and that trying again is of no use', async () => {
  const server = await mailServer('starttls');
  const error = await failureOf(open(server, { password: 'wrong' }).send(serverOffline, limit()));
  expect(error).toMatchObject({ mayRetry: false });
  expect(error.message).toContain('refuses user name or password');
});

test('a server that asks to wait is tried later; one that refuses the recipients is not', async () => {
  expect(await failureOf(open(await mailServer('greylist')).send(serverOffline, limit()))).toMatchObject({
    mayRetry: true,
  });
  const refused = await failureOf(open(await mailServer('refuse')).send(serverOffline, limit()));
  expect(refused).toMatchObject({ mayRetry: false });
  expect(refused.message).toContain('No such user');
});

test('says when some of the recipients were refused', async () => {
  const server = await mailServer('starttls');
  const { answer } = await open(server, { to: ['ann@example.org', 'nobody@example.org'] }).send(serverOffline, limit());
  expect(answer).toContain('1 of 2 recipients were refused');
});

test('trusts no certificate that nobody vouches for, and ends in time when nobody answers', async () => {
  const server = await mailServer('starttls');
  const { ca } = await mailServer('starttls');
  const error = await failureOf(open({ ...server, ca }).send(serverOffline, limit()));
  expect(error.message).toContain('certificate');
  const late = await failureOf(open({ ...server, port: 9 }).send(serverOffline, AbortSignal.timeout(2_000)));
  expect(late.mayRetry).toBe(true);
});

test('hostile names add no header, no recipient and no markup', async () => {
  const server = await mailServer('starttls');
  await open(server).send(hostile, limit());
  const [mail] = await server.arrived(1);
  expect(mail?.to).toEqual(['ann@example.org', 'bob@example.org']);
  const [head = ''] = (mail?.content ?? '').split(/\r?\n\r?\n/);
  expect(head).not.toMatch(/^Bcc:/im);
  expect(head.match(/^Subject:/gm)).toHaveLength(1);
  const html = mail?.content.slice(mail.content.indexOf('Content-Type: text/html')) ?? '';
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toContain('<script>');
});

test('takes every message, huge ones too', async () => {
  const server = await mailServer('starttls');
  const channel = open(server);
  for (const message of Object.values(everyMessage)) await channel.send(message, limit());
  const count = Object.keys(everyMessage).length;
  expect(await server.arrived(count)).toHaveLength(count);
});

const SITE = 'home';
const MINUTE = 60_000;
const FIRED = NOON + 20 * MINUTE;
const diskAlert: Alert = {
  ...{ id: '019aa5a0-0000-7000-8000-00000000000a', siteId: SITE, status: 'open', severity: 'medium' },
  ...{
    title: 'Disk /srv 91 %',
    reason: 'above 80 % for 10 min',
    ruleId: 'disk',
    ruleRev: 0,
    ruleTitle: 'Disk nearly full',
  },
  ...{ condition: { id: 'above', settings: { threshold: 0.8 } }, hostId: HOST, hostName: 'nas01' },
  series: { metric: 'a', attributes: {}, unit: '1' },
  ...{
    value: 0.91,
    threshold: 0.8,
    sinceAt: NOON + 10 * MINUTE,
    firedAt: FIRED,
    isStale: false,
    isLate: false,
    transitions: [],
  },
};
const fired: Transition = { n: 1, at: FIRED, kind: 'fired', text: 'above 80 % for 10 min', isTold: true };

/** The way of an alert from the hub to the mail server, with history as `query` has it. */
async function mailOfAlert(query: (query: HistoryQuery) => Promise<HistoryResult>): Promise<string> {
  const server = await mailServer('starttls');
  const documents = await openDocumentStore({ dir: makeDirectory(), log: keepingLog() });
  onTestFinished(() => documents.close());
  const hub = new Hub((_event, error) => {
    throw error;
  });
  const { channels, outbox, notifier } = await openNotifications({
    ...{ documents, hub, seal: sealWith(Buffer.alloc(32, 7)), log: keepingLog() as never, now: () => FIRED },
    lookUp: () => undefined,
    surroundings: () => ({ site: 'Home', timeZone: 'UTC', url: 'https://reeve.local' }),
    settings: () => ({ quiet: [], low: 'digest', digestAt: '08:00', mostAnHour: 60 }),
    tagsOf: () => [],
    openAlerts: () => [],
    mayLook: () => true,
    charts: { query, titleOf: () => 'Used space' },
  });
  onTestFinished(() => outbox.close());
  const given = { host: 'localhost', port: server.port, ca: server.ca, user: 'reeve', password: PASSWORD };
  const people = { from: 'reeve@example.org', to: ['ann@example.org'] };
  await channels.add(SITE, 'email', { name: 'mail', isEnabled: true, given: { ...given, ...people }, mayRefer: false });
  await notifier.tell({
    siteId: SITE,
    incidentId: diskAlert.id,
    items: [{ alert: diskAlert, transition: fired }],
  });
  await outbox.settled();
  return (await server.arrived(1))[0]?.content ?? '';
}

/** A part of a mail with its body decoded. */
function partOf(content: string, type: string): Buffer {
  const part = content.split(/^--[^\r\n]+\r?\n/m).find((each) => each.startsWith(`Content-Type: ${type}`)) ?? '';
  const [head = '', ...body] = part.split(/\r?\n\r?\n/);
  const text = body.join('\n\n');
  if (/base64/i.test(head)) return Buffer.from(text, 'base64');
  const joined = /quoted-printable/i.test(head) ? text.replace(/=\r?\n/g, '') : text;
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

test('a chart of real history around the breach arrives inside the mail, and its numbers as words', async () => {
  const bench = historyBench(makeDirectory());
  const history = await bench.open();
  const agent = sender(history);
  for (let at = NOON; at < FIRED; at += 5_000) {
    bench.now = at;
    void history.append([agent.frame(at, [at < NOON + 10 * MINUTE ? 0.5 : 0.91, 1])]).catch(() => undefined);
  }
  const content = await mailOfAlert((query) => history.query(query));
  const { width, height } = decodePng(partOf(content, 'image/png'));
  expect([width, height]).toEqual([1_196, 440]);
  expect(content).toMatch(/Content-Disposition: inline/i);
  expect(partOf(content, 'text/html').toString()).toContain('src="cid:chart"');
  const text = partOf(content, 'text/plain').toString();
  expect(text).toContain('50 % to 91 %, 91 % at last; threshold 80 %; broken since 2025-11-21 12:10:00 UTC');
  expect(content.length).toBeLessThan(40_000);
});

test('when history is away the mail goes out without the chart', async () => {
  const content = await mailOfAlert(() => Promise.reject(new Error('the disk is gone')));
  expect(content).not.toContain('image/png');
  expect(content).not.toContain('cid:chart');
  expect(content).toMatch(/^Subject: \[Home\] Medium: nas01: Disk \/srv 91 %\r?$/m);
});
