import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MeterReading } from '../../appliance/cost/source.ts';
import { sources } from '../../appliance/cost/sources/index.ts';
import { makeDirectory } from '../helpers/directories.ts';
import { freePort } from '../helpers/ports.ts';
import { startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

/** What an exporter of power meters says. */
async function exporter(): Promise<string> {
  const text = 'ipmi_power_watts{host="nas"} 77.5\nipmi_power_watts{host="media"} 41\n';
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The real Prometheus, which reads that exporter each second. */
async function prometheus(): Promise<string> {
  const directory = makeDirectory();
  const port = await freePort();
  const file = join(directory, 'prometheus.yml');
  const target = await exporter();
  writeFileSync(
    file,
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: power, static_configs: [{targets: ['${target}']}]}]\n`,
  );
  const program = startProgram([
    '/usr/bin/prometheus',
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  onTestFinished(() => program.kill());
  return `http://127.0.0.1:${port}`;
}

function reader(settings: Record<string, unknown>): () => Promise<MeterReading> {
  const plugin = sources.find(({ id }) => id === 'prometheus');
  if (!plugin) throw new Error('there is no source prometheus');
  const deps = { hostId: 'host', siteId: 'site', now: Date.now, machine: () => undefined };
  const source = plugin.open(plugin.settings.parse(settings), deps);
  if (source.how !== 'poll') throw new Error('it is not asked');
  return () => source.read(AbortSignal.timeout(5_000));
}

test('a query of a real Prometheus gives watts; one with several values, with none or with a fault is refused in words', async () => {
  const url = await prometheus();
  const ask = (query: string) => reader({ url, query, allowPlain: true })();
  const reading = await until(() => ask('ipmi_power_watts{host="nas"}').catch(() => undefined), {
    timeoutMs: 40_000,
    what: 'Prometheus has read the exporter',
  });
  expect(reading).toEqual({ watts: 77.5 });
  expect(await ask('sum(ipmi_power_watts)')).toEqual({ watts: 118.5 });
  await expect(ask('ipmi_power_watts')).rejects.toThrow('answers with 2 values: narrow it down to one');
  await expect(ask('ipmi_power_watts{host="gone"}')).rejects.toThrow('answers with no value');
  await expect(ask('ipmi_power_watts{')).rejects.toThrow(/400/);
}, 60_000);
