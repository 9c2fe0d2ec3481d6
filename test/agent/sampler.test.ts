import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod/mini';
import { type Collector, collector, NothingToRead, type Reader } from '../../agent/collectors/collector.ts';
import { collectors } from '../../agent/collectors/index.ts';
import { declaration } from '../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../protocol/limits.ts';
import { copyMachine, sampled } from '../helpers/machine.ts';

const fake = (id: string, reader: Reader | (() => Reader)): Collector =>
  collector({
    id,
    title: id,
    settings: z.object({}),
    descriptors: [
      { id: `${id}.value`, title: id, unit: '1', kind: 'gauge', rollup: 'average' },
      { id: `${id}.each`, title: id, unit: '1', kind: 'gauge', rollup: 'average', attributes: ['name'] },
    ],
    read: { linux: () => (typeof reader === 'function' ? reader() : reader) },
  });

const good = fake('good', { read: (put) => put('good.value', 1) });

describe('the sampler', () => {
  it('loses only the values of a collector that fails, says so once and shows it', async () => {
    let isBroken = true;
    const bad = fake('bad', {
      read(put) {
        put('bad.value', 1);
        if (isBroken) throw new Error(`no answer ${Math.random()}`);
      },
    });
    const { at, log, sampler } = sampled([bad, good]);
    for (const mono of [0, 5000, 10_000]) expect(await at(mono)).toEqual({ 'good.value': 1 });
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^warn a collector failed.*"bad"/);
    expect(sampler.states).toMatchObject([
      { state: 'failing', values: 0 },
      { state: 'reading', values: 1 },
    ]);
    isBroken = false;
    expect(await at(15_000)).toEqual({ 'bad.value': 1, 'good.value': 1 });
    expect(sampler.states[0]).toMatchObject({ state: 'reading' });
  });

  it('leaves without a reader that hangs, and does not ask it again', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let asked = 0;
    const slow = fake('slow', {
      read: () => {
        asked++;
        return new Promise(() => undefined);
      },
    });
    const { at } = sampled([slow, good]);
    const first = at(0);
    while (vi.getTimerCount() === 0) await nextTurn();
    await vi.advanceTimersByTimeAsync(500);
    expect(await first).toEqual({ 'good.value': 1 });
    expect(await at(5000)).toEqual({ 'good.value': 1 });
    expect(asked).toBe(1);
  });

  it('sets no timer for a reader that answers at once: Node would wake for it, also when it was cleared', async () => {
    const { at } = sampled([fake('quick', { read: (put) => nextTurn().then(() => put('quick.value', 1)) }), good]);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const set = vi.spyOn(globalThis, 'setTimeout');
    expect(await at(0)).toEqual({ 'quick.value': 1, 'good.value': 1 });
    expect(set).not.toHaveBeenCalled();
  });

  it('sends the last values of a slow reader again until its next turn', async () => {
    let reads = 0;
    const { at } = sampled([fake('slow', { everyMs: 10_000, read: (put) => put('slow.value', ++reads) })]);
    const seen = [];
    for (const mono of [0, 5000, 10_000, 15_000]) seen.push((await at(mono))['slow.value']);
    expect(seen).toEqual([1, 1, 2, 2]);
  });

  describe('of collectors beside the frames', () => {
    const beside = (id: string, reader: Reader): Collector => ({ ...fake(id, reader), isSlow: true });

    it('waits for none, sends what each said last, and drops what has grown old', async () => {
      let answer: (() => void) | undefined;
      let reads = 0;
      const slow = beside('slow', {
        everyMs: 10_000,
        read(put) {
          const value = ++reads;
          return new Promise((resolve) => {
            answer = () => {
              put('slow.value', value);
              resolve();
            };
          });
        },
      });
      const { at, sampler, log } = sampled([slow, good]);
      expect(await at(0)).toEqual({ 'good.value': 1 });
      expect(reads).toBe(0);
      const startedAt = performance.now();
      expect(await at(5000)).toEqual({ 'good.value': 1 });
      expect(performance.now() - startedAt).toBeLessThan(400);
      answer?.();
      await sampler.sampleSlow({ at: 0, mono: 5000 }, 1_000);
      expect(await at(10_000)).toEqual({ 'good.value': 1, 'slow.value': 1 });
      expect(await at(15_000)).toEqual({ 'good.value': 1, 'slow.value': 1 });
      expect(reads).toBe(2);
      expect(await at(70_000)).toEqual({ 'good.value': 1, 'slow.value': 1 });
      expect(await at(75_000)).toEqual({ 'good.value': 1 });
      expect(sampler.states[0]).toMatchObject({ state: 'failing', reason: 'no answer for 60 s', answeredAt: 5000 });
      expect(log.lines).toHaveLength(1);
      expect(reads).toBe(2);
      answer?.();
      await sampler.sampleSlow({ at: 0, mono: 0 }, 1_000);
      expect(await at(80_000)).toEqual({ 'good.value': 1, 'slow.value': 2 });
    });

    it('starts one after the other', async () => {
      const asked: string[] = [];
      const each = (id: string) => beside(id, { everyMs: 60_000, read: () => void asked.push(id) });
      const { at } = sampled([each('a'), each('b'), each('c')]);
      for (const mono of [0, 1000, 2000]) await at(mono);
      expect(asked).toEqual(['a', 'b']);
      await at(60_000);
      expect(asked).toEqual(['a', 'b', 'c']);
    });

    it('tells doctor what one could not read', async () => {
      const half = beside('half', {
        everyMs: 60_000,
        read: (put, _moment, miss) => {
          put('half.value', 1);
          miss('sda: permission denied');
        },
      });
      const { sampler } = sampled([half]);
      await sampler.sampleSlow({ at: 0, mono: 0 }, 1_000);
      expect(sampler.states).toMatchObject([{ state: 'reading', values: 1, missed: ['sda: permission denied'] }]);
    });
  });

  it('looks again after ten minutes for what was not there', async () => {
    let isThere = false;
    const shy = fake('shy', () => {
      if (!isThere) throw new NothingToRead('no such thing');
      return { read: (put) => put('shy.value', 1) };
    });
    const { at, sampler, log } = sampled([shy]);
    await at(0);
    expect(sampler.states[0]).toMatchObject({ state: 'absent', reason: 'no such thing' });
    isThere = true;
    expect(await at(5000)).toEqual({});
    expect(await at(600_000)).toEqual({ 'shy.value': 1 });
    expect(log.lines).toEqual([]);
  });

  it('says of a collector that this system does not have', async () => {
    const { at, sampler } = sampled([good], { platform: 'win32' });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]).toMatchObject({ state: 'unsupported' });
  });

  it('makes a gap of what is no number, and nothing of what is not known yet', async () => {
    const odd = fake('odd', {
      read(put) {
        for (const [name, value] of [
          ['a', Number.NaN],
          ['b', Infinity],
          ['c', -0.5],
          ['d', 2 ** 53],
        ] as const)
          put('odd.each', value, name);
        put('odd.value', undefined);
      },
    });
    expect(await sampled([odd]).at(0)).toEqual({
      'odd.each{name="a"}': null,
      'odd.each{name="b"}': null,
      'odd.each{name="c"}': -0.5,
      'odd.each{name="d"}': 2 ** 53,
    });
  });

  it('keeps the index of a series as long as it runs, also when it was gone for a while', async () => {
    let names = ['a', 'b'];
    const { at, series } = sampled([fake('it', { read: (put) => void names.map((name) => put('it.each', 1, name)) })]);
    for (const now of [['a', 'b'], ['b'], ['c', 'b', 'a']]) {
      names = now;
      await at(0);
    }
    expect(series.since(0).map(({ ix, attributes }) => `${ix}${attributes.name}`)).toEqual(['0a', '1b', '2c']);
    expect(series.since(2)).toEqual([{ ix: 2, metric: 'it.each', attributes: { name: 'c' } }]);
  });

  it('holds a collector that names too many series to the limit, and says it once', async () => {
    const many = fake('many', {
      read(put) {
        for (let i = 0; i < 5000; i++) put('many.each', i, String(i));
      },
    });
    const { at, log } = sampled([many]);
    expect(Object.keys(await at(0))).toHaveLength(FRAME_LIMITS.seriesPerHost);
    await at(1000);
    expect(log.lines).toHaveLength(1);
  });

  it('takes values of undescribed metrics, or with other attributes, as a failure of the collector', async () => {
    const wrong = fake('wrong', { read: (put) => put('wrong.other', 1) });
    const bare = fake('bare', { read: (put) => put('bare.each', 1) });
    const { at, sampler } = sampled([wrong, bare]);
    await at(0);
    expect(sampler.states.map(({ reason }) => reason)).toEqual([
      'wrong.other has no descriptor',
      'bare.each has the attributes [name], but was put with []',
    ]);
  });
});

describe('the collectors', () => {
  it.each(['vm', 'pi4', 'server64', 'container', 'laptop', 'nas', 'alpine'])(
    'read the saved machine %s without a failure, as the protocol wants it',
    async (machine) => {
      const { at, sampler, series, log } = sampled(collectors, { root: copyMachine(machine).root });
      await at(0);
      await at(5000);
      expect(log.lines).toEqual([]);
      expect(sampler.states.filter(({ state }) => state === 'failing')).toEqual([]);
      const all = series.since(0);
      const said = declaration.safeParse({ stream: 'stream-0', descriptors: series.describe(all), series: all });
      expect(said.error).toBeUndefined();
    },
  );

  it('have no metric twice', () => {
    const ids = collectors.flatMap(({ descriptors }) => descriptors.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('put each card on one metric without attributes or on file systems, which the card sums up', () => {
    const cards = collectors.flatMap(({ descriptors }) => descriptors.filter(({ chart }) => chart?.card));
    expect(
      Object.fromEntries(cards.map(({ id, chart, attributes = [] }) => [chart?.card, `${id} ${attributes}`.trim()])),
    ).toEqual({
      cpu: 'system.cpu.utilization',
      memory: 'system.memory.utilization',
      disk: 'system.filesystem.utilization system.filesystem.mountpoint',
      'network-in': 'system.network.receive.rate',
      'network-out': 'system.network.transmit.rate',
    });
  });

  it('count the 2,000 processes of a machine of which one is a container', async () => {
    const { root } = copyMachine('container');
    for (let pid = 100; pid < 2_097; pid++) mkdirSync(join(root, 'proc', String(pid)));
    const { at } = sampled(collectors, { root });
    await at(0);
    const startedAt = performance.now();
    expect(await at(5000)).toMatchObject({ 'system.process.count': 2_000 });
    expect(performance.now() - startedAt).toBeLessThan(400);
  });

  it('read a machine with 64 cores and 200 container mounts in a few milliseconds', async () => {
    const { at } = sampled(
      collectors.filter(({ id }) => id !== 'filesystem'),
      { root: copyMachine('server64').root },
    );
    for (let i = 0; i < 50; i++) await at(i * 5000);
    const startedAt = performance.now();
    for (let i = 50; i < 100; i++) await at(i * 5000);
    expect((performance.now() - startedAt) / 50).toBeLessThan(50);
  });
});
