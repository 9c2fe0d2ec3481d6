import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberIn } from '../../../appliance/cost/hear-meter.ts';
import { Meter } from '../../../appliance/cost/meter.ts';
import { type MeterReading, type PowerPlugin, SourceError } from '../../../appliance/cost/source.ts';
import { sources } from '../../../appliance/cost/sources/index.ts';
import { SpotError, spotFromCsv } from '../../../appliance/cost/spot.ts';
import { httpMeter, shellyGen1, shellyGen2, tasmotaPlug } from '../../helpers/meters.ts';

const deps = { hostId: 'host', siteId: 'site', now: () => 0, machine: () => undefined };

function opened(id: string, settings: Record<string, unknown>) {
  const plugin = sources.find((each) => each.id === id) as PowerPlugin;
  return plugin.open(plugin.settings.parse(settings), deps);
}

async function read(id: string, settings: Record<string, unknown>): Promise<MeterReading> {
  const source = opened(id, settings);
  if (source.how !== 'poll') throw new Error(`${id} is not asked`);
  return source.read(AbortSignal.timeout(3_000));
}

const failure = (id: string, settings: Record<string, unknown>): Promise<string> =>
  read(id, settings).then(
    () => 'it was read',
    (error: unknown) => {
      expect(error).toBeInstanceOf(SourceError);
      return (error as Error).message;
    },
  );

describe('meters over HTTP, emulated by real servers', () => {
  test('a Shelly of the first generation counts in watt-minutes', async () => {
    const { url } = await httpMeter(shellyGen1({ watts: 61.3, wattMinutes: 6_000 }));
    expect(await read('shelly', { url })).toEqual({ watts: 61.3, totalWh: 100 });
  });

  test('a Shelly of a later generation counts in watt-hours, and is asked for its generation once', async () => {
    const { url, asked } = await httpMeter(shellyGen2({ watts: 12, wh: 340.5 }));
    const source = opened('shelly', { url });
    if (source.how !== 'poll') throw new Error('it is not asked');
    await source.read(AbortSignal.timeout(3_000));
    expect(await source.read(AbortSignal.timeout(3_000))).toEqual({ watts: 12, totalWh: 340.5 });
    expect(asked.filter((path) => path === '/shelly')).toHaveLength(1);
    expect(await failure('shelly', { url, channel: 3 })).toContain('channel');
  });

  test('a Shelly with a password is answered by digest, as RFC 7616 has it', async () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const answer = shellyGen2({ watts: 5, wh: 1 });
    const { url } = await httpMeter((path, { headers }) => {
      if (path === '/shelly') return answer(path);
      const given = Object.fromEntries(
        [...(headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, name, value]) => [name, value]),
      );
      if (given.response === undefined) return 401;
      const proof = [
        hash('admin:shellyplus1-1234:right'),
        '1645186372',
        given.nc,
        given.cnonce,
        'auth',
        hash(`GET:${path}`),
      ];
      return given.response === hash(proof.join(':')) ? answer(path) : 401;
    });
    expect(await read('shelly', { url, password: 'right' })).toEqual({ watts: 5, totalWh: 1 });
    const message = await failure('shelly', { url, password: 'wrong' });
    expect(message).toContain('refuses user name');
    expect(message).not.toContain('wrong');
  });

  test('Tasmota counts in kWh and takes its sign-in in the query', async () => {
    const { url, asked } = await httpMeter(tasmotaPlug({ watts: 54, kwh: 1.234 }));
    expect(await read('tasmota', { url, password: 'a&b' })).toEqual({ watts: 54, totalWh: 1_234 });
    expect(asked[0]).toContain('user=admin&password=a%26b&cmnd=Status%2010');
  });

  test('Home Assistant, Prometheus and Redfish are read in watts', async () => {
    const far = await httpMeter((path, { headers }) => {
      if (path === '/api/states/sensor.nas_power' && headers.authorization === 'Bearer t0ken')
        return { entity_id: 'sensor.nas_power', state: '0.0423', attributes: { unit_of_measurement: 'kW' } };
      if (path === '/api/states/sensor.nas_energy') return { state: '12', attributes: { unit_of_measurement: 'kWh' } };
      if (path === '/api/states/sensor.gone') return { state: 'unavailable', attributes: {} };
      if (path.startsWith('/api/v1/query?query=up'))
        return { data: { result: [1, 2].map(() => ({ value: [0, '1'] })) } };
      if (path.startsWith('/api/v1/query'))
        return { data: { resultType: 'vector', result: [{ metric: {}, value: [1, '77.5'] }] } };
      if (path === '/redfish/v1/Chassis/1/Power')
        return { PowerControl: [{ PowerConsumedWatts: 180 }, { PowerConsumedWatts: 20 }] };
      if (path === '/redfish/v1/Chassis/2/EnvironmentMetrics') return { PowerWatts: { Reading: 95.5 } };
      return undefined;
    });
    const at = { url: far.url };
    expect(await read('home-assistant', { ...at, entity: 'sensor.nas_power', token: 't0ken' })).toEqual({
      watts: 42.3,
    });
    expect(await failure('home-assistant', { ...at, entity: 'sensor.nas_energy', token: 'x' })).toContain('in W or kW');
    expect(await failure('home-assistant', { ...at, entity: 'sensor.gone', token: 'x' })).toContain('unavailable');
    expect(await read('prometheus', { ...at, query: 'watts{host="nas"}' })).toEqual({ watts: 77.5 });
    expect(await failure('prometheus', { ...at, query: 'up' })).toContain('2 values');
    const plain = { ...at, allowPlain: true };
    expect(await read('redfish', plain)).toEqual({ watts: 200 });
    expect(await read('redfish', { ...plain, path: '/redfish/v1/Chassis/2/EnvironmentMetrics' })).toEqual({
      watts: 95.5,
    });
    expect(await failure('redfish', at)).toContain('not encrypted');
  });

  test('what is malformed, huge, truncated or hostile is refused in words', async () => {
    const answers = [
      '',
      '{',
      '[]',
      '{"power":"61"}',
      `{"power":${'9'.repeat(400)}}`,
      'x'.repeat(400_000),
      '{"__proto__":1}',
      'null',
    ];
    for (const text of answers) {
      const { url } = await httpMeter((path) => (path === '/shelly' ? { type: 'SHPLG-S' } : text));
      expect(await failure('shelly', { url })).toMatch(/answer/);
    }
    expect(await failure('shelly', { url: 'http://169.254.169.254' })).toContain('Link-local');
  });
});

test('a number is taken as it stands, or from where it lies in JSON', () => {
  expect(numberIn(' 12.5 ', undefined)).toBe(12.5);
  expect(numberIn('{"ENERGY":{"Power":[3,4]}}', 'ENERGY.Power.1')).toBe(4);
  for (const [text, path] of [
    ['on', undefined],
    ['', undefined],
    ['{', 'a'],
    ['{"a":{}}', 'a'],
    ['{}', 'constructor.length'],
    ['1e999', undefined],
  ] as const)
    expect(() => numberIn(text, path)).toThrow(SourceError);
});

describe('the counter of a meter', () => {
  const HOUR = 3_600_000;
  const joules = (readings: readonly [at: number, reading: MeterReading][], stepMs = 10_000): number => {
    const meter = new Meter(stepMs);
    return readings.reduce((sum, [at, reading]) => sum + (meter.take(reading, at)?.joules ?? 0), 0);
  };

  test('is believed before watts are added up, also over an hour in which nobody asked', () => {
    const meter = new Meter(10_000);
    meter.take({ watts: 100, totalWh: 5_000 }, 0);
    expect(meter.take({ watts: 100, totalWh: 5_080 }, HOUR)).toEqual({ from: 0, to: HOUR, joules: 80 * 3_600 });
  });

  test('that begins anew loses what was counted before, and nothing after', () => {
    const sum = joules([
      [0, { watts: 36, totalWh: 900 }],
      [10_000, { watts: 36, totalWh: 900.1 }],
      [20_000, { watts: 36, totalWh: 0.02 }],
      [30_000, { watts: 36, totalWh: 0.12 }],
    ]);
    expect(sum).toBeCloseTo(4 * 360, 0);
  });

  test('that dips to 0 and comes back counts once', () => {
    const sum = joules([
      [0, { watts: 36, totalWh: 900 }],
      [10_000, { watts: 36, totalWh: 0 }],
      [20_000, { watts: 36, totalWh: 900.2 }],
    ]);
    expect(sum).toBeCloseTo(3 * 360, 0);
  });

  test('that jumps further than a socket can give is passed over', () => {
    const sum = joules([
      [0, { watts: 36, totalWh: 900 }],
      [10_000, { watts: 36, totalWh: 9_000_000 }],
      [20_000, { watts: 36, totalWh: 9_000_000.1 }],
    ]);
    expect(sum).toBeCloseTo(3 * 360, 0);
  });

  test('is missed by nobody: without one, trapezoids stand for no more than their step', () => {
    expect(
      joules([
        [0, { watts: 100 }],
        [10_000, { watts: 200 }],
        [HOUR, { watts: 100 }],
      ]),
    ).toBe(1_000 + 1_500 + 1_000);
  });

  test('never makes energy out of whatever a plug says', () => {
    const reading = fc.record({
      watts: fc.double({ min: -10, max: 5_000, noNaN: true }),
      totalWh: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 40 }), (given) => {
        const meter = new Meter(10_000);
        for (const [n, each] of given.entries()) {
          const { joules: told = 0 } = meter.take(each, n * 10_000) ?? {};
          expect(told).toBeGreaterThanOrEqual(0);
          expect(told).toBeLessThanOrEqual(25_000 * 10 + 50_000);
        }
      }),
    );
  });
});

test('a file of prices that is malformed, huge or hostile is refused with its line', () => {
  const bad = [
    '',
    'time;price',
    'a;b\nc;d',
    '2026-05-03T13:00;0.2\n2026-05-03T14:00;0.2',
    `time;price\n${'x'.repeat(10_000)}`,
  ];
  for (const text of bad) expect(() => spotFromCsv(text, 'kWh')).toThrow(SpotError);
  const twice = '2026-10-25T02:00+02:00,0.10\n2026-10-25T02:00+01:00,0.20';
  expect(spotFromCsv(twice, 'kWh').prices).toEqual([
    [Date.UTC(2026, 9, 25, 0), 0.1],
    [Date.UTC(2026, 9, 25, 1), 0.2],
  ]);
});
