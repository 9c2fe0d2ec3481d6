import { appendFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { custom } from '../../../agent/collectors/custom.ts';
import { collectors } from '../../../agent/collectors/index.ts';
import { LogCounter, logs } from '../../../agent/collectors/logs.ts';
import { readOwnFile } from '../../../agent/own-file.ts';
import { runProgram } from '../../../agent/programs.ts';
import { parseExposition } from '../../../agent/reading/exposition.ts';
import { sampled } from '../../helpers/machine.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const NOW = Date.now();

function read(settings: object, root = temporaryDirectory()) {
  const { sampler, at, series } = sampled([custom, logs], { root, settings: { custom: settings }, run: runProgram });
  return {
    root,
    sampler,
    series,
    write: (file: string, text: string) => writeFileSync(join(root, file), text),
    async at(mono: number) {
      await sampler.sampleSlow({ at: NOW + mono, mono }, 10_000);
      return at(mono);
    },
  };
}

const TEXT = `# HELP room_temperature_celsius How warm it is
# TYPE room_temperature_celsius gauge
room_temperature_celsius{room="a \\"b\\"\\n",floor="1"} 21.5 1395066363000
room_temperature_celsius{floor="2",room="c",} +Inf
# TYPE doors_opened_total counter
doors_opened_total 100
room_temperature_celsius{other="x"} 1
broken{
also broken
plain_value -1.5e3
`;

describe('metrics of your own', () => {
  it('come from files in Prometheus’ form, counters as rates, and show up with unit and title', async () => {
    const { at, write, series, sampler, root } = read({ folders: ['/metrics'] });
    mkdirSync(join(root, 'metrics'));
    write('metrics/room.prom', TEXT);
    write('metrics/notes.txt', 'other 1\n');
    expect(await at(0)).toEqual({
      'room_temperature_celsius{floor="1",room="a \\"b\\"\\n"}': 21.5,
      'room_temperature_celsius{floor="2",room="c"}': null,
      plain_value: -1500,
    });
    expect(sampler.states[0]?.missed).toEqual([
      `${root}/metrics/room.prom: line 8 is no sample, nor are 1 others`,
      'room_temperature_celsius: its samples have different labels',
    ]);
    write('metrics/room.prom', TEXT.replace('total 100', 'total 130'));
    expect(await at(15_000)).toMatchObject({ 'doors_opened_total.rate': 2 });
    expect(series.describe(series.since(0))).toMatchObject([
      { id: 'room_temperature_celsius', title: 'How warm it is', kind: 'gauge', attributes: ['floor', 'room'] },
      { id: 'plain_value' },
      { id: 'doors_opened_total.rate', kind: 'rate', unit: '1/s' },
    ]);
  });

  it('that nobody writes any more, and files that are too large, are left out and named', async () => {
    const { at, write, root, sampler } = read({ folders: ['/metrics', '/missing'] });
    mkdirSync(join(root, 'metrics'));
    write('metrics/old.prom', 'old 1\n');
    utimesSync(join(root, 'metrics/old.prom'), new Date(NOW - 7_200_000), new Date(NOW - 7_200_000));
    write('metrics/huge.prom', 'x 1\n'.repeat(300_000));
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]?.missed.join()).toMatch(/huge\.prom: larger.*old\.prom: not written.*ENOENT/);
  });

  it('come from programs, each at its own pace; one that fails or hangs is named', async () => {
    const root = temporaryDirectory();
    const script = join(root, 'count');
    writeFileSync(script, `#!/bin/sh\necho x >> ${root}/runs\necho "runs $(wc -l < ${root}/runs)"\n`, { mode: 0o700 });
    const commands = [
      { command: script, everyMs: 60_000 },
      { command: '/bin/sh', args: ['-c', 'echo half 1; echo no >&2; exit 3'] },
      { command: '/bin/sh', args: ['-c', 'sleep 100'], limitMs: 200 },
    ];
    const { at, sampler } = read({ commands }, root);
    expect(await at(0)).toEqual({ runs: 1 });
    expect(sampler.states[0]?.missed).toEqual(['/bin/sh: it ended with 3 no', '/bin/sh did not end within 0.2 s']);
    expect(await at(30_000)).toEqual({ runs: 1 });
    expect(await at(60_000)).toEqual({ runs: 2 });
  });

  it('are read from hostile texts without an error', () => {
    for (let end = 0; end < TEXT.length; end += 3) expect(() => parseExposition(TEXT.slice(0, end))).not.toThrow();
    expect(parseExposition('a{__proto__="1"} 1\nb 0x1g\nc{x="1"y="2"} 3\n{} 1\n'.repeat(2)).samples).toHaveLength(2);
  });
});

describe('counted lines of logs', () => {
  it('are those that are new and match, also over a rotation', async () => {
    const root = temporaryDirectory();
    const path = join(root, 'app.log');
    const missed: string[] = [];
    const counter = new LogCounter({ name: 'app', path: '/app.log', pattern: 'ERROR' }, root);
    const next = (mono: number) => counter.rate(mono, (what) => void missed.push(what));
    writeFileSync(path, 'ERROR old\n'.repeat(1000));
    expect(await next(0)).toBeUndefined();
    appendFileSync(path, 'ERROR one\ninfo\nERROR tw');
    expect(await next(10_000)).toBe(0.1);
    appendFileSync(path, 'o\n');
    expect(await next(20_000)).toBe(0.1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'ERROR new\nERROR newer\n');
    expect(await next(30_000)).toBe(0.2);
    writeFileSync(path, '');
    expect(await next(40_000)).toBe(0);
    appendFileSync(path, `${'x'.repeat(99)}\n`.repeat(60_000));
    expect(await next(50_000)).toBe(0);
    expect(missed.join()).toMatch(/bytes were passed over/);
  });
});

describe('the agent’s own file', () => {
  const file = (text: string, mode = 0o600) => {
    const path = join(temporaryDirectory(), 'agent.json');
    writeFileSync(path, text, { mode });
    return path;
  };

  it('sets up collectors, and need not be there', () => {
    expect(readOwnFile('/nonexistent/agent.json', collectors)).toMatchObject({ collectors: {} });
    expect(readOwnFile(file('{"collectors":{"network":{"skip":["eth9"]}}}'), collectors).collectors).toEqual({
      network: { skip: ['eth9'] },
    });
  });

  it.each([
    ['{"collectors":', /is no JSON/],
    ['[]', /is no object/],
    ['{"collector":{}}', /has collector, which is not known/],
    ['{"collectors":{"printer":{}}}', /there is no collector printer/],
    [
      '{"collectors":{"custom":{"commands":[{"command":"sensors"}]}}}',
      /collectors\.custom\.commands\.0\.command: write the whole path/,
    ],
  ])('that says %s is refused with the reason', (text, reason) => {
    expect(() => readOwnFile(file(text), collectors)).toThrow(reason);
  });

  it('is not believed when others may write it', async () => {
    const { chmodSync } = await import('node:fs');
    const path = file('{}');
    chmodSync(path, 0o666);
    expect(() => readOwnFile(path, collectors)).toThrow(/can be written by others/);
  });
});
