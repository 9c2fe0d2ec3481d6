import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ups } from '../../agent/collectors/ups.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { HOST, historyBench } from '../helpers/history.ts';
import { sampled } from '../helpers/machine.ts';
import { freePort } from '../helpers/ports.ts';
import { costBench, hostOf } from '../helpers/powered.ts';
import { startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

/** What two hosts on that UPS are said to take, when the agent of the first has read so many watts. */
async function sharedPower(watts: number) {
  const bench = historyBench(makeDirectory());
  const hosts = [hostOf(HOST), hostOf(`${HOST.slice(0, -1)}2`)];
  const { cost, frame, declare } = await costBench(await bench.open(), { hosts, now: () => bench.now });
  for (const host of hosts)
    await cost.sources.choose(host, { rev: 0, kind: 'ups', given: { host: HOST, name: 'rack' }, mayRefer: true });
  cost.power.start();
  const metrics = [
    { metric: 'hw.ups.power', attributes: { 'hw.name': 'rack' } },
    { metric: 'system.cpu.utilization', attributes: {} },
  ];
  return [0, 1]
    .flatMap((round) =>
      hosts.map((host, n) => {
        const series = declare(host, metrics.slice(n));
        const made = frame(host, bench.now + round * 60_000, { series, values: [watts, 0.1].slice(n) });
        return made.values[made.series.findIndex(({ metric }) => metric === 'hw.host.power')];
      }),
    )
    .slice(2);
}

const FOLDER = ['/lib/nut', '/usr/lib/nut'].find((folder) => existsSync(`${folder}/upsd`)) ?? '/lib/nut';

/** The real server of Network UPS Tools, with its driver for a UPS that is only a file. */
async function nutServer() {
  const directory = makeDirectory();
  chmodSync(directory, 0o755);
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o640 });
  const port = await freePort();
  const say = (status: string, charge: number) =>
    file(
      'rack.dev',
      `battery.charge: ${charge}\nbattery.runtime: 1740\ninput.voltage: 231.4\noutput.voltage: 230.1\nups.load: 23\n` +
        `ups.realpower.nominal: 1000\nups.status: ${status}\nups.temperature: 31.2\nTIMER 1\n`,
    );
  say('OL CHRG', 87);
  file('ups.conf', '[rack]\n driver = dummy-ups\n port = rack.dev\n mode = dummy-loop\n desc = "Rack \\"A\\""\n');
  file('upsd.conf', `LISTEN 127.0.0.1 ${port}\n`);
  file('upsd.users', '');
  const env = { NUT_CONFPATH: directory, NUT_STATEPATH: directory, NUT_ALTPIDPATH: directory };
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const programs = [
    startProgram([`${FOLDER}/dummy-ups`, '-a', 'rack', '-D', ...user], { env }),
    startProgram([`${FOLDER}/upsd`, '-D', ...user], { env }),
  ];
  onTestFinished(async () => {
    await Promise.all(programs.map((program) => program.kill()));
  });
  return { port, say, programs };
}

test('a UPS is read from the real NUT server: on mains, then on battery and nearly empty, then lost', async () => {
  const { port, say, programs } = await nutServer();
  const { sampler, at } = sampled([ups], { settings: { ups: { nut: [`127.0.0.1:${port}`] } } });
  let mono = 0;
  const now = async () => {
    mono += 15_000;
    await sampler.sampleSlow({ at: 0, mono }, 10_000);
    return at(mono);
  };
  const first = await until(
    async () => {
      const values = await now();
      return values['hw.ups.charge{hw.name="rack"}'] !== undefined && values;
    },
    { timeoutMs: 30_000, everyMs: 200, what: 'the UPS is read' },
  );
  expect(first).toMatchObject({
    'hw.ups.reachable{hw.name="rack"}': 1,
    'hw.ups.on_battery{hw.name="rack"}': 0,
    'hw.ups.charge{hw.name="rack"}': 0.87,
    'hw.ups.time_left{hw.name="rack"}': 1740,
    'hw.ups.load{hw.name="rack"}': 0.23,
    'hw.ups.power{hw.name="rack"}': 230,
    'hw.ups.voltage{hw.name="rack",hw.ups.side="input"}': 231.4,
  });
  // Two hosts without a model hang on it: each takes half.
  expect(await sharedPower(first['hw.ups.power{hw.name="rack"}'] ?? 0)).toEqual([115, 115]);
  say('OB DISCHRG LB', 9);
  await until(async () => (await now())['hw.ups.on_battery{hw.name="rack"}'] === 1, {
    timeoutMs: 30_000,
    everyMs: 200,
  });
  expect(await now()).toMatchObject({
    'hw.ups.battery.low{hw.name="rack"}': 1,
    'hw.ups.charge{hw.name="rack"}': 0.09,
  });
  await programs[0]?.kill();
  await until(async () => (await now())['hw.ups.reachable{hw.name="rack"}'] === 0, { timeoutMs: 40_000, everyMs: 500 });
  await programs[1]?.kill();
  await now();
  expect(sampler.states[0]).toMatchObject({ state: 'failing' });
  expect(sampler.states[0]?.reason).toContain('ECONNREFUSED');
}, 120_000);
