import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqttClient from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelError } from '../../appliance/notifications/channel.ts';
import { mqtt } from '../../appliance/notifications/channels/mqtt.ts';
import { testCa, testLeaf } from '../helpers/certificates.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { everyMessage, hostile, serverOffline } from '../helpers/messages.ts';
import { freePort } from '../helpers/ports.ts';
import { startProgram } from '../helpers/program.ts';
import { deskWith } from '../helpers/push-browser.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'canary-5f2c';

/** Mosquitto with TLS, a user and a rule of what that user may write. */
async function broker() {
  const directory = makeDirectory();
  chmodSync(directory, 0o755);
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o644 });
    return join(directory, name);
  };
  const ca = await testCa('Broker CA');
  const { cert, key } = await testLeaf(ca, ['localhost']);
  const users = file('users', '');
  execFileSync('mosquitto_passwd', ['-b', users, 'reeve', PASSWORD], { stdio: 'ignore' });
  chmodSync(users, 0o644);
  const port = await freePort();
  const settings = [
    ...(process.getuid?.() === 0 ? ['user root'] : []), // Else it drops its rights, and cannot read a folder of the test's.
    `listener ${port} 127.0.0.1`,
    ...[`cafile ${file('ca.pem', ca.pem)}`, `certfile ${file('cert.pem', cert)}`, `keyfile ${file('key.pem', key)}`],
    ...['allow_anonymous false', `password_file ${users}`],
  ];
  const program = startProgram(['/usr/sbin/mosquitto', '-c', file('mosquitto.conf', `${settings.join('\n')}\n`)]);
  onTestFinished(() => program.kill());
  const url = `mqtts://localhost:${port}`;
  const listener = await until(
    () => mqttClient.connectAsync(url, { ca: ca.pem, username: 'reeve', password: PASSWORD, reconnectPeriod: 0 }),
    { what: `Mosquitto answers: ${program.output()}` },
  );
  onTestFinished(() => void listener.end(true));
  const heard: { topic: string; text: string }[] = [];
  listener.on('message', (topic, bytes) => void heard.push({ topic, text: bytes.toString('utf8') }));
  await listener.subscribeAsync('#', { qos: 1 });
  return { url, ca: ca.pem, heard, program };
}

type Broker = Awaited<ReturnType<typeof broker>>;

function open({ url, ca }: Pick<Broker, 'url' | 'ca'>, changed: Record<string, unknown> = {}) {
  const given = { url, ca, userName: 'reeve', password: PASSWORD, ...changed };
  return mqtt.open(mqtt.settings.parse(given), { now: () => 0, browsers: deskWith() });
}

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(ChannelError);
  expect(String(error)).not.toContain(PASSWORD);
  return error as ChannelError;
}

const limit = (timeoutMs = 8_000) => AbortSignal.timeout(timeoutMs);

test('a message is published over TLS, signed in, and resolves when the broker has acknowledged it', async () => {
  const far = await broker();
  expect((await open(far).send(serverOffline, limit())).answer).toContain('acknowledged');
  await until(() => far.heard.length === 1, { what: 'the listener hears it' });
  expect(far.heard[0]?.topic).toBe('reeve/alerts/Home');
  expect(JSON.parse(far.heard[0]?.text ?? '')).toMatchObject({
    id: 'alert-1.firing',
    host: 'nas01',
    severity: 'critical',
  });
});

test('no name of a site becomes a topic of its own', async () => {
  const far = await broker();
  const channel = open(far, { topic: 'reeve/{site}/{severity}' });
  for (const message of Object.values(everyMessage)) await channel.send(message, limit());
  await until(() => far.heard.length === Object.keys(everyMessage).length, { what: 'all are heard' });
  for (const { topic } of far.heard) expect(topic.split('/')).toHaveLength(3);
  expect(JSON.parse(far.heard[4]?.text ?? '').site).toBe(hostile.site);
});

test('a wrong password and a wrong CA are said as what they are, and are not tried again', async () => {
  const far = await broker();
  const password = await failureOf(open(far, { password: 'wrong' }).send(serverOffline, limit()));
  expect(password).toMatchObject({ mayRetry: false });
  expect(password.message).toContain('refuses user name or password');
  const certificate = await failureOf(open({ ...far, ca: (await testCa()).pem }).send(serverOffline, limit()));
  expect(certificate).toMatchObject({ mayRetry: false });
  expect(certificate.message).toContain('certificate');
});

test('a broker that is away, or there but silent, asks for a later try', async () => {
  const far = await broker();
  await far.program.kill();
  expect(await failureOf(open(far).send(serverOffline, limit()))).toMatchObject({ mayRetry: true });
  const silent = await broker();
  silent.program.signal('SIGSTOP');
  onTestFinished(() => silent.program.signal('SIGCONT'));
  expect(await failureOf(open(silent).send(serverOffline, limit(800)))).toMatchObject({ mayRetry: true });
});

test('a plain broker has to be allowed', () => {
  expect(() => open({ url: 'mqtt://localhost:1883', ca: '' as never }, { ca: undefined })).toThrow();
  const allowed = { url: 'mqtt://localhost:1883', allowPlain: true };
  expect(mqtt.settings.safeParse(allowed).success).toBe(true);
  expect(mqtt.settings.safeParse({ ...allowed, allowPlain: false }).error?.issues[0]?.message).toContain('mqtts://');
});
