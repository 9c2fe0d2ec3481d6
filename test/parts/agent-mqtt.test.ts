import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import mqttClient, { type MqttClient } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { collector } from '../../agent/collectors/collector.ts';
import type { Payload } from '../../agent/mqtt/message.ts';
import { startPublishing } from '../../agent/mqtt/publisher.ts';
import type { MqttSettings } from '../../agent/mqtt/settings.ts';
import { testCa, testLeaf } from '../helpers/certificates.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { keptLog } from '../helpers/machine.ts';
import { freePort } from '../helpers/ports.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

const PASSWORD = 'canary-91aa';

/** Mosquitto with TLS, in which `nas01` may write its own metrics only, and `reader` may read all of them. */
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
  for (const user of ['nas01', 'reader'])
    execFileSync('mosquitto_passwd', ['-b', users, user, PASSWORD], { stdio: 'ignore' });
  chmodSync(users, 0o600);
  const acl = file('acl', 'user nas01\ntopic write metrics/home/nas01/#\nuser reader\ntopic read metrics/#\n');
  chmodSync(acl, 0o600);
  const port = await freePort();
  const settings = [
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    `listener ${port} 127.0.0.1`,
    ...[`cafile ${file('ca.pem', ca.pem)}`, `certfile ${file('cert.pem', cert)}`, `keyfile ${file('key.pem', key)}`],
    ...['allow_anonymous false', `password_file ${users}`, `acl_file ${acl}`],
  ];
  const configuration = file('mosquitto.conf', `${settings.join('\n')}\n`);
  const url = `mqtts://localhost:${port}`;
  const heard: { topic: string; payload: Payload }[] = [];
  let program: Program | undefined;
  let listener: MqttClient | undefined;
  const far = {
    heard,
    mqtt: {
      url,
      site: 'home',
      agent: 'nas01',
      userName: 'nas01',
      password: PASSWORD,
      ca: ca.pem,
    } satisfies MqttSettings,
    async start() {
      const started = startProgram(['/usr/sbin/mosquitto', '-c', configuration]);
      program = started;
      const options = { ca: ca.pem, username: 'reader', password: PASSWORD, reconnectPeriod: 0 };
      listener = await until(() => mqttClient.connectAsync(url, options), {
        what: `Mosquitto answers: ${started.output()}`,
      });
      listener.on('message', (topic, bytes) => void heard.push({ topic, payload: JSON.parse(bytes.toString('utf8')) }));
      await listener.subscribeAsync('metrics/#', { qos: 1 });
    },
    /** Without a word to anybody. */
    async kill() {
      listener?.end(true);
      await program?.kill();
    },
    signal: (name: NodeJS.Signals) => program?.signal(name),
    values: () => heard.filter(({ topic }) => topic.endsWith('/test.count')).map(({ payload }) => payload.value),
  };
  onTestFinished(() => far.kill());
  await far.start();
  return far;
}

/** Counts its readings, so that one that is lost or doubled is seen. */
function counting() {
  let count = 0;
  const made = collector({
    id: 'test',
    title: 'Test',
    settings: z.object({}),
    descriptors: [
      { id: 'test.count', title: 'Count', unit: '1', kind: 'gauge', rollup: 'last' },
      { id: 'test.each', title: 'Each', unit: '1', kind: 'gauge', rollup: 'last', attributes: ['name'] },
    ],
    read: {
      linux: () => ({
        read(put) {
          put('test.count', ++count);
          put('test.each', Number.NaN, 'gap');
          put('test.each', 0.5, 'blank name');
        },
      }),
    },
  });
  return { made, count: () => count };
}

async function publish(mqtt: MqttSettings, options: { stateDir?: string; test?: ReturnType<typeof counting> } = {}) {
  const log = keptLog();
  const { stateDir = temporaryDirectory(), test: own = counting() } = options;
  const agent = await startPublishing({
    mqtt,
    stateDir,
    log,
    collectors: [own.made],
    intervalMs: 1_000,
    spool: { patienceMs: 200, batchMs: 200 },
    retryMs: { least: 100, most: 400 },
  });
  onTestFinished(() => agent.stop());
  return { agent, log, stateDir };
}

/** Every number from the first to the last, each at least once. */
const isWhole = (values: readonly number[]): boolean => {
  const all = new Set(values);
  return all.size > 0 && Math.max(...all) === all.size;
};

test('each value is published over TLS under its metric, acknowledged, with time and tags', async () => {
  const far = await broker();
  await publish(far.mqtt);
  await until(() => far.values().length >= 3, { timeoutMs: 15_000, what: 'three frames are heard' });
  const [first] = far.heard;
  expect(first?.topic).toBe('metrics/home/nas01/test.count');
  expect(first?.payload).toMatchObject({ agent_id: 'nas01', value: 1 });
  expect(Math.abs((first?.payload.timestamp ?? 0) - Date.now())).toBeLessThan(60_000);
  const each = far.heard.find(({ topic }) => topic.endsWith('test.each'));
  expect(each?.payload).toMatchObject({ value: 0.5, tags: { name: 'blank name' } });
  expect(new Set(far.heard.map(({ payload }) => payload.dedupe_id)).size).toBe(far.heard.length);
});

test('what was read while the broker was away is published when it is back, in order and without a hole', async () => {
  const far = await broker();
  const { log } = await publish(far.mqtt);
  await until(() => far.values().length >= 2, { timeoutMs: 15_000, what: 'two frames are heard' });
  await far.kill();
  const before = far.values().length;
  await until(() => log.lines.some((line) => line.includes('not connected to the broker')), {
    timeoutMs: 15_000,
    what: 'the agent says that the broker is away',
  });
  await far.start();
  await until(() => far.values().length >= before + 3 && isWhole(far.values()), {
    timeoutMs: 30_000,
    what: 'all are heard',
  });
  const values = far.values();
  expect(values).toEqual([...values].sort((a, b) => a - b));
});

test('what the broker has not acknowledged outlives the agent, on disk, and comes after its next start', async () => {
  const far = await broker();
  const own = counting();
  const { agent, stateDir } = await publish(far.mqtt, { test: own });
  await until(() => far.values().length >= 1, { timeoutMs: 15_000, what: 'a frame is heard' });
  // Alive, and silent: what is sent now is not acknowledged.
  far.signal('SIGSTOP');
  const heard = far.values().length;
  const read = own.count();
  await until(() => own.count() >= read + 2, { timeoutMs: 15_000, what: 'two more frames are read' });
  await agent.stop();
  far.signal('SIGCONT');
  await publish(far.mqtt, { stateDir, test: own });
  await until(() => far.values().length > heard + 2 && isWhole(far.values()), {
    timeoutMs: 30_000,
    what: 'nothing is missing',
  });
  const marks = far.heard.filter(({ topic }) => topic.endsWith('count')).map(({ payload }) => payload.dedupe_id);
  const byValue = new Map(
    far.heard.filter(({ topic }) => topic.endsWith('count')).map(({ payload }) => [payload.value, payload.dedupe_id]),
  );
  expect(new Set(marks).size).toBe(byValue.size);
});

test('a wrong password and a wrong CA are said as what they are, and the password is in no log', async () => {
  const far = await broker();
  const cases: [Partial<MqttSettings>, string][] = [
    [{ password: 'canary-wrong' }, 'it does not let this user in|refuses user name or password'],
    [{ ca: (await testCa()).pem }, 'certificate of the broker is not trusted'],
  ];
  for (const [changed, said] of cases) {
    const { log } = await publish({ ...far.mqtt, ...changed });
    await until(() => log.lines.some((line) => new RegExp(said).test(line)), { timeoutMs: 15_000, what: said });
    expect(log.lines.join('\n')).not.toContain('canary');
  }
  expect(far.heard).toEqual([]);
});

test('the agent’s own file names the broker, and the program publishes there in the place of an appliance', async () => {
  const far = await broker();
  const folder = temporaryDirectory();
  const [script, ca, config] = [join(folder, 'agent.cjs'), join(folder, 'ca.pem'), join(folder, 'agent.json')];
  const how = { bundle: true, format: 'cjs', platform: 'node', target: 'node20', logLevel: 'error' } as const;
  await build({ absWorkingDir: ROOT, entryPoints: [join(ROOT, 'agent/entry.ts')], outfile: script, ...how });
  writeFileSync(ca, far.mqtt.ca);
  writeFileSync(config, JSON.stringify({ interval: '1s', mqtt: { ...far.mqtt, ca } }), { mode: 0o600 });
  const agent = startProgram([process.execPath, script, '--state', join(folder, 'state'), '--config', config], {});
  onTestFinished(() => agent.kill());
  const loads = () => far.heard.filter(({ topic }) => topic === 'metrics/home/nas01/system.memory.limit');
  await until(() => loads().length >= 3, { timeoutMs: 20_000, what: `values of this machine: ${agent.output()}` });
  const [first, , third] = loads().map(({ payload }) => payload.timestamp);
  expect((third ?? 0) - (first ?? 0)).toBeLessThan(5_000);
});
