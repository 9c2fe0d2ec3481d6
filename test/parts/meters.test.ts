import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqttClient from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import type { MeterReading, PowerPlugin, SourceError } from '../../appliance/cost/source.ts';
import { sources } from '../../appliance/cost/sources/index.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { freePort } from '../helpers/ports.ts';
import { startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

const deps = { hostId: 'host', siteId: 'site', now: () => 0, machine: () => undefined };

/** The real Mosquitto, and a plug's own client on it. */
async function broker() {
  const directory = makeDirectory();
  const port = await freePort();
  const file = join(directory, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`);
  const program = startProgram(['/usr/sbin/mosquitto', '-c', file]);
  onTestFinished(() => program.kill());
  const url = `mqtt://127.0.0.1:${port}`;
  const plug = await until(() => mqttClient.connectAsync(url, { reconnectPeriod: 0 }), {
    what: `Mosquitto answers: ${program.output()}`,
  });
  onTestFinished(() => void plug.end(true));
  return { url, plug, program };
}

function listen(id: string, settings: Record<string, unknown>) {
  const plugin = sources.find((each) => each.id === id) as PowerPlugin;
  const source = plugin.open(plugin.settings.parse(settings), deps);
  if (source.how !== 'hear') throw new Error(`${id} does not listen`);
  const readings: MeterReading[] = [];
  const failures: SourceError[] = [];
  const end = source.hear(
    (reading) => void readings.push(reading),
    (error) => void failures.push(error),
  );
  onTestFinished(end);
  return { readings, failures };
}

test('Shelly plugs of both generations are heard over the real Mosquitto', async () => {
  const { url, plug } = await broker();
  const gen1 = listen('shelly-mqtt', { url, prefix: 'shellies/shellyplug-s-1234' });
  const gen2 = listen('shelly-mqtt', { url, prefix: 'shellyplusplugs-1234' });
  await until(
    async () => {
      await plug.publishAsync('shellies/shellyplug-s-1234/relay/0/power', '61.30');
      await plug.publishAsync(
        'shellyplusplugs-1234/status/switch:0',
        '{"id":0,"apower":12.5,"aenergy":{"total":340.5}}',
      );
      return gen1.readings.length > 0 && gen2.readings.length > 0;
    },
    { everyMs: 100, what: 'both are heard' },
  );
  expect(gen1.readings[0]).toEqual({ watts: 61.3 });
  expect(gen2.readings[0]).toEqual({ watts: 12.5, totalWh: 340.5 });
});

test('a Tasmota plug is asked, answers and is heard in its telemetry too', async () => {
  const { url, plug } = await broker();
  const energy = { Total: 1.234, Power: 54 };
  plug.on('message', (_topic, payload) => {
    if (payload.toString() === '10')
      plug.publish('stat/plug7/STATUS10', JSON.stringify({ StatusSNS: { ENERGY: energy } }));
  });
  await plug.subscribeAsync('cmnd/plug7/STATUS');
  const heard = listen('tasmota-mqtt', { url, topic: 'plug7' });
  await until(() => heard.readings.length > 0, { what: 'the plug has answered' });
  expect(heard.readings[0]).toEqual({ watts: 54, totalWh: 1_234 });
  await plug.publishAsync('tele/plug7/SENSOR', JSON.stringify({ ENERGY: { Total: 1.235, Power: 55 } }));
  await until(() => heard.readings.some(({ watts }) => watts === 55), { what: 'its telemetry is heard' });
});

test('any topic is heard, as a number or in JSON; what is malformed is told and passed over', async () => {
  const { url, plug } = await broker();
  const json = listen('mqtt', { url, topic: 'zigbee2mqtt/nas', path: 'power', energyPath: 'energy' });
  const say = (text: string) => plug.publishAsync('zigbee2mqtt/nas', text);
  await until(
    async () => {
      await say('{"power":33.5,"energy":2.5}');
      return json.readings.length > 0;
    },
    { everyMs: 100, what: 'it is heard' },
  );
  expect(json.readings[0]).toEqual({ watts: 33.5, totalWh: 2_500 });
  for (const text of ['', '{', '{"power":"many","energy":1}', 'x'.repeat(100_000)]) {
    const before = json.failures.length;
    await say(text);
    await until(() => json.failures.length > before, { what: `${text.slice(0, 20)} is told` });
  }
});

test('a broker that is away is said, and heard again when it is back', async () => {
  const { url, plug, program } = await broker();
  const heard = listen('mqtt', { url, topic: 'plug/watts' });
  await until(async () => {
    await plug.publishAsync('plug/watts', '7');
    return heard.readings.length > 0;
  });
  await program.kill();
  await until(() => heard.failures.length > 0, { what: 'it is said' });
  expect(heard.failures[0]?.message).toContain('cannot be reached');
});
