import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { Ack, HelloAnswer, Welcome } from '../../../protocol/agent-link.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, type HandAgent, helloOf } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

/** What an agent may send at worst, through the real gateway into real history, and read back over HTTP. */
let reeve: InProcess;
const open: HandAgent[] = [];
beforeAll(async () => {
  reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
});
afterAll(async () => {
  for (const agent of open) agent.close();
  await reeve.stop();
});

interface Series {
  metric: string;
  attributes?: Record<string, string>;
}

interface Worst {
  agent: HandAgent;
  hostId: string;
  declare(series: readonly Series[], stream?: string): Promise<string>;
  /** Answers with the acknowledged number or the code of the refusal. */
  send(frame: { seq: number; at: number; values: unknown[]; stream?: string }): Promise<number | string>;
}

async function host(name: string): Promise<Worst> {
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name });
  const facts = { ...someFacts, hostName: name };
  const agent = await connectByHand(
    reeve.https,
    await pairWith(reeve.https, { token: String(body.token), name, facts }),
  );
  open.push(agent);
  const hello = await agent.say<HelloAnswer>('hello', helloOf(name));
  if (!hello.ok) throw new Error(hello.error.message);
  return {
    agent,
    hostId: hello.value.hostId,
    async declare(series, stream = 'worst-stream') {
      const said = series.map((each, ix) => ({ ix, attributes: {}, ...each }));
      const answer = await agent.say<Welcome>('declare', { stream, descriptors: [], series: said });
      return answer.ok ? 'ok' : `${answer.error.code}: ${answer.error.message}`;
    },
    async send({ seq, at, values, stream = 'worst-stream' }) {
      const frames = [{ stream, seq, at, mono: seq, values: values.flatMap((value, ix) => [ix, value]) }];
      const answer = await agent.say<Ack[]>('frames', { offsetMs: 0, frames });
      return answer.ok ? (answer.value[0]?.ackedSeq ?? -1) : answer.error.code;
    },
  };
}

/** Every value that history has of a host in a stretch, by metric. */
async function kept(hostId: string, from: number, to: number): Promise<Record<string, number[]>> {
  const { status, body } = await reeve.call(
    'GET',
    `/api/v1/history?hosts=${hostId}&from=${from}&to=${to}&maxPoints=5000&values=min`,
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { series } = body as unknown as { series: { metric: string; min: (number | null)[] }[] };
  return Object.fromEntries(series.map(({ metric, min }) => [metric, min.filter((each) => each !== null)]));
}

const now = (): number => Math.floor(Date.now() / 5_000) * 5_000;

describe('series', () => {
  test('5,000 from one host are refused with what to look for, and the host goes on', async () => {
    const { declare, send, hostId } = await host('many-series');
    const many = Array.from({ length: 5_000 }, (_, i) => ({ metric: `m.${i}` }));
    expect(await declare(many)).toMatch(/^invalid: /);
    for (let part = 0; part < 5; part++) {
      const some = Array.from({ length: 2_000 }, (_, i) => ({ metric: 'request', attributes: { id: `${part}-${i}` } }));
      expect(await declare(some, `stream-${part}`)).toBe('ok');
    }
    const refusal = await declare([{ metric: 'request', attributes: { id: 'one-more' } }], 'stream-6');
    expect(refusal).toMatch(/^limit: .*10000 is the most.*request\{id="one-more"\}.*changes all the time/);
    expect(await declare([{ metric: 'request', attributes: { id: '0-0' } }])).toBe('ok');
    expect(await send({ seq: 1, at: now(), values: [7] })).toBe(1);
    expect(await kept(hostId, now() - 60_000, now() + 60_000)).toEqual({ request: [7] });
  }, 30_000);

  test('with odd names are kept under them, and those that could do harm are refused', async () => {
    const { declare, send, hostId } = await host('odd-names');
    const odd = [
      '__proto__',
      'constructor',
      'temp °C',
      'größe',
      '温度',
      'a,b;c',
      "x'y",
      '../../etc',
      '<b>',
      'a|b',
      '$set',
      'a.b.c',
    ];
    expect(await declare(odd.map((metric) => ({ metric })))).toBe('ok');
    expect(await send({ seq: 1, at: now(), values: odd.map((_, i) => i) })).toBe(1);
    const values = await kept(hostId, now() - 60_000, now() + 60_000);
    expect(Object.keys(values).sort()).toEqual([...odd].sort());
    expect(odd.map((metric) => Object.getOwnPropertyDescriptor(values, metric)?.value)).toEqual(odd.map((_, i) => [i]));
    for (const metric of ['', 'a\nb', 'a\u0000', 'a{b}', 'a"b', 'a\\b', 'x'.repeat(121), '\u202edrow'])
      expect(await declare([{ metric }]), JSON.stringify(metric)).toMatch(/^invalid: /);
  });
});

describe('values', () => {
  test('from the smallest to the largest double come back as they were, gaps as gaps', async () => {
    const { declare, send, hostId } = await host('odd-values');
    const values = [
      2 ** 53,
      -(2 ** 53),
      2 ** 53 - 1,
      1.7976931348623157e308,
      5e-324,
      -273.15,
      0.1 + 0.2,
      1e-9,
      null,
      0,
    ];
    expect(await declare(values.map((_, i) => ({ metric: `v.${i}` })))).toBe('ok');
    expect(await send({ seq: 1, at: now(), values })).toBe(1);
    const found = await kept(hostId, now() - 60_000, now() + 60_000);
    for (const [i, value] of values.entries())
      expect(found[`v.${i}`] ?? [], `v.${i}`).toEqual(value === null ? [] : [value]);
  });

  test('that are no numbers are refused as a whole frame, and what JSON makes of NaN and infinity is a gap', async () => {
    const { declare, send, hostId } = await host('no-numbers');
    expect(await declare([{ metric: 'a' }, { metric: 'b' }])).toBe('ok');
    for (const value of ['1', true, {}, [], 'NaN'])
      expect(await send({ seq: 1, at: now(), values: [1, value] })).toBe('invalid');
    expect(await send({ seq: 1, at: now(), values: [Number.NaN, Number.POSITIVE_INFINITY] })).toBe(1);
    expect(await send({ seq: 2, at: now() + 1, values: [1, Number.NEGATIVE_INFINITY] })).toBe(2);
    expect(await kept(hostId, now() - 60_000, now() + 60_000)).toEqual({ a: [1] });
  });

  test('of a counter that begins anew are kept as they came', async () => {
    const { declare, send, hostId } = await host('counter');
    expect(await declare([{ metric: 'energy' }])).toBe('ok');
    const from = now() - 600_000;
    const values = [100, 250, 900, 3, 40, 0, 12];
    for (const [i, value] of values.entries())
      expect(await send({ seq: i + 1, at: from + i * 5_000, values: [value] })).toBe(i + 1);
    expect(await kept(hostId, from, from + 60_000)).toEqual({ energy: values });
  });
});

describe('times', () => {
  test('long past and far ahead are acknowledged, and leave no row where nobody would look', async () => {
    const { declare, send, hostId } = await host('odd-times');
    expect(await declare([{ metric: 'a' }])).toBe('ok');
    expect(await send({ seq: 1, at: Date.UTC(2001, 0, 1), values: [1] })).toBe(1);
    const sentAt = Date.now();
    expect(await send({ seq: 2, at: Date.UTC(2150, 0, 1), values: [2] })).toBe(2);
    expect(await send({ seq: 3, at: sentAt, values: [3] })).toBe(3);
    for (const at of [Date.UTC(1999, 0, 1), Date.UTC(2300, 0, 1), -1, 0.5, 1e300])
      expect(await send({ seq: 4, at, values: [4] })).toBe('invalid');
    expect(Object.values(await kept(hostId, Date.UTC(2000, 11, 1), Date.UTC(2001, 11, 1))).flat()).toEqual([]);
    const found = (await kept(hostId, sentAt - 60_000, sentAt + 120_000)).a ?? [];
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((value) => value === 2 || value === 3)).toBe(true);
  });

  test('of a host whose interval changes in mid-day are all there, in order', async () => {
    const { agent, declare, hostId } = await host('changes-interval');
    expect(await declare([{ metric: 'a' }])).toBe('ok');
    const start = now() - 3_600_000;
    let at = start;
    let seq = 0;
    for (const intervalMs of [5_000, 60_000, 1_000, 30_000]) {
      const { body } = await reeve.call('GET', `/api/v1/hosts/${hostId}`);
      const { status } = await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, { rev: body.rev, intervalMs });
      expect(status).toBe(200);
      await until(() => agent.intervals.at(-1) === intervalMs || intervalMs === 5_000, { what: 'the agent is told' });
      // Together: twenty messages a second are the most.
      const frames = Array.from({ length: 6 }, () => {
        at += intervalMs;
        seq += 1;
        return { stream: 'worst-stream', seq, at, mono: seq, values: [0, seq] };
      });
      const answer = await agent.say<Ack[]>('frames', { offsetMs: 0, frames });
      expect(answer.ok && answer.value[0]?.ackedSeq).toBe(seq);
    }
    // Steps are as long as the longest interval: each says how many values it has.
    const query = `hosts=${hostId}&from=${start}&to=${at + 1}&maxPoints=5000&values=average,count`;
    const { body } = await reeve.call('GET', `/api/v1/history?${query}`);
    const [{ average = [], count = [] } = {}] = (body as unknown as { series: Record<string, (number | null)[]>[] })
      .series;
    expect(count.reduce<number>((sum, each) => sum + (each ?? 0), 0)).toBe(24);
    const means = average.filter((each) => each !== null);
    expect(means).toEqual([...means].sort((a, b) => a - b));
  }, 60_000);
});
