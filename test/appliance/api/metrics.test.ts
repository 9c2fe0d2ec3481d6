import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Now } from '../../../appliance/api/now.ts';
import { exposition, labelsOf, namesOf } from '../../../appliance/api/prometheus.ts';
import { Hub } from '../../../appliance/hub.ts';
import { freePort } from '../../helpers/ports.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';
import { startTwoSites, type TwoSites } from '../../helpers/world.ts';

const promtool = '/usr/bin/promtool';
const prometheus = '/usr/bin/prometheus';

let two: TwoSites;
beforeAll(async () => {
  two = await startTwoSites();
  await two.home.sendFrame();
  await two.canary.sendFrame();
}, 60_000);
afterAll(() => two?.stop());

const scrape = async (headers: Record<string, string>): Promise<string> => {
  const answer = await fetch(`${two.reeve.http}/metrics`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.text();
};

describe('names and labels follow the conventions of Prometheus', () => {
  test.each([
    ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio', 1],
    ['system.memory.usage', 'By', 'gauge', 'system_memory_usage_bytes', 1],
    ['system.network.io.rate', 'By/s', 'rate', 'system_network_io_bytes_per_second', 1],
    ['system.processes.count', '{process}', 'gauge', 'system_processes', 1],
    ['hw.temperature', 'Cel', 'gauge', 'hw_temperature_celsius', 1],
    ['hw.energy', 'kW.h', 'counter', 'hw_energy_joules_total', 3_600_000],
    ['net.latency', 'ms', 'gauge', 'net_latency_seconds', 0.001],
    ['uptime.seconds', 's', 'gauge', 'uptime_seconds', 1],
    ['1st metric!', '', 'gauge', 'n1st_metric', 1],
    ['memUsed', 'By', 'gauge', 'mem_used_bytes', 1],
    ['é', '1', 'gauge', 'metric_ratio', 1],
    ['a.total', '', 'gauge', 'a', 1],
    ['packets.rate', '{packet}/s', 'rate', 'packets_per_second', 1],
  ] as const)('%s in %s', (id, unit, kind, name, factor) => {
    expect(namesOf(id, { unit, kind })).toEqual({ name, factor });
  });

  test('a label of ours is never taken by an attribute, and texts are escaped', () => {
    const labels = labelsOf({ host: 'nas', host_id: 'x' }, { host: 'evil', 'disk.name': 'a"b\\c\nd' });
    expect(labels).toEqual({ host: 'nas', host_id: 'x', attribute_host: 'evil', disk_name: 'a"b\\c\nd' });
    const text = exposition([
      { name: 'a', help: 'two\nlines \\', type: 'gauge', samples: [{ labels: { l: 'a"b\\c\nd' }, value: 1 }] },
    ]);
    expect(text).toBe('# HELP a two lines \\\\\n# TYPE a gauge\na{l="a\\"b\\\\c\\nd"} 1\n');
  });
});

test('what is late, only watched or no number is never of now, and a host that was removed has nothing', () => {
  const hub = new Hub((_, error) => {
    throw error;
  });
  const now = new Now(hub);
  const series = [{ id: 1, metric: 'm', attributes: {} }];
  const frame = {
    siteId: 's',
    hostId: 'h',
    at: 5,
    receivedAt: 5,
    late: false,
    grade: 'durable' as const,
    series,
    values: [1],
  };
  hub.emit('frame', frame);
  hub.emit('frame', { ...frame, at: 4, late: true, values: [2] });
  hub.emit('frame', { ...frame, at: 6, grade: 'watch', values: [3] });
  expect(now.of('h')).toEqual([{ series: series[0], value: 1, at: 5 }]);
  hub.emit('frame', { ...frame, at: 7, values: [null] });
  expect(now.of('h')).toEqual([]);
  hub.emit('frame', frame);
  hub.emit('host', { before: { id: 'h' } as never });
  expect(now.of('h')).toEqual([]);
});

describe('/metrics', () => {
  test('has the values of the caller’s site and of no other', async () => {
    const text = await scrape(two.home.keys.viewer.headers);
    expect(text).toMatch(/^reeve_host_up\{host_id="[\w-]+",host="[^"]+"\} 1$/m);
    expect(text).toMatch(/^system_\w+\{host_id=/m);
    for (const secret of two.canary.secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('reeve_history_size_bytes');
  });

  test('tells owners of store, agents and queues', async () => {
    const text = await scrape(two.owner.headers);
    for (const name of [
      'reeve_history_size_bytes',
      'reeve_connected_agents',
      'reeve_audit_trail_entries',
      'reeve_frames_received_total',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });

  test('asks for a sign-in', async () => {
    expect((await fetch(`${two.reeve.http}/metrics`)).status).toBe(401);
  });

  test.runIf(existsSync(promtool))('passes promtool check metrics', async () => {
    const { status, stderr, stdout } = spawnSync(promtool, ['check', 'metrics'], {
      input: await scrape(two.owner.headers),
      encoding: 'utf8',
    });
    expect([status, stdout + stderr]).toEqual([0, '']);
  });

  test.runIf(existsSync(prometheus))(
    'is scraped by a real Prometheus with an API key, which answers a query',
    async () => {
      const dir = temporaryDirectory();
      const [key = ''] = Object.values(two.home.keys.viewer.headers);
      const { host } = new URL(two.reeve.http);
      const port = await freePort();
      const config = [
        'global: {scrape_interval: 1s}',
        `scrape_configs: [{job_name: reeve, authorization: {credentials: '${key.replace(/^Bearer /, '')}'}, static_configs: [{targets: ['${host}']}]}]`,
      ];
      writeFileSync(path.join(dir, 'prometheus.yml'), config.join('\n'));
      const child = spawn(
        prometheus,
        [
          `--config.file=${dir}/prometheus.yml`,
          `--storage.tsdb.path=${dir}/data`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdio: 'ignore' },
      );
      const ended = new Promise((resolve) => child.once('exit', resolve));
      onTestFinished(async () => {
        child.kill('SIGTERM');
        await ended;
      });
      const found = await until(
        async () => {
          const query = encodeURIComponent('reeve_host_up');
          const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`).catch(() => undefined);
          const { data } = ((await answer?.json().catch(() => ({}))) ?? {}) as {
            data?: { result: { metric: object; value: [number, string] }[] };
          };
          return data?.result[0];
        },
        { timeoutMs: 40_000, what: 'Prometheus to answer with a host' },
      );
      expect(found).toMatchObject({ metric: { job: 'reeve' }, value: [expect.any(Number), '1'] });
    },
    60_000,
  );
});

describe('/api/v1/snapshot', () => {
  test('is the site’s fleet with status and newest values, their unit and age', async () => {
    const answer = await two.home.people.viewer.ask('GET', '/api/v1/snapshot');
    expect(answer.status).toBe(200);
    const { at, hosts } = answer.body as unknown as { at: number; hosts: { values: { ageMs: number }[] }[] };
    expect(at).toBeGreaterThan(0);
    expect(hosts).toMatchObject([
      {
        status: 'online',
        values: expect.arrayContaining([
          expect.objectContaining({ metric: expect.any(String), value: expect.any(Number) }),
        ]),
      },
    ]);
    for (const { ageMs } of hosts[0]?.values ?? []) expect(ageMs).toBeLessThan(60_000);
    expect(JSON.stringify(hosts)).not.toContain(two.canary.mark);
  });
});
