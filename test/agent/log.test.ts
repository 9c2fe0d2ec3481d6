import { describe, expect, it } from 'vitest';
import { Once, openAgentLog } from '../../agent/log.ts';
import { seriesText, spanText, valueText } from '../../agent/words.ts';

function lines(level: Parameters<typeof openAgentLog>[0]) {
  const all: string[] = [];
  return { all, log: openAgentLog(level, (line) => void all.push(line)) };
}

describe('the agent’s log', () => {
  it('is one line per event, with the details behind', () => {
    const { all, log } = lines('info');
    log.info({ url: 'https://192.0.2.1:8443', count: 3, error: new Error('no "way"') }, 'connected');
    expect(all[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z info connected url=https:\/\/192.0.2.1:8443 count=3 error="no \\"way\\""\n$/,
    );
  });

  it('says nothing below its level', () => {
    const { all, log } = lines('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(all).toHaveLength(2);
    const silent = lines('silent');
    silent.log.error({}, 'x');
    expect(silent.all).toEqual([]);
  });

  it('lets nobody forge a line: not by line breaks, not by control characters', () => {
    const { all, log } = lines('info');
    log.info({ name: 'a\n2026 error hacked', odd: '\u001b[31m' }, 'one\r\ntwo\u2028three');
    expect(all.join('').split('\n')).toHaveLength(2);
    expect(all[0]).not.toContain('\u001b');
  });
});

describe('once', () => {
  it('is news when it is new or has changed', () => {
    const once = new Once();
    expect([once.isNews('a', 'x'), once.isNews('a', 'x'), once.isNews('b', 'x'), once.isNews('a', 'y')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([once.settle('a'), once.settle('a'), once.isNews('a', 'y')]).toEqual([true, false, true]);
  });
});

describe('values for people', () => {
  it.each([
    [0.1234, '1', 'gauge', '12.3 %'],
    [null, '1', 'gauge', '–'],
    [1, '1', 'state', '1'],
    [48.312, 'Cel', 'gauge', '48.3 °C'],
    [512, 'By', 'gauge', '512 B'],
    [25_276_502_016, 'By', 'gauge', '23.5 GiB'],
    [1_500_000, 'By/s', 'rate', '1.4 MiB/s'],
    [1e9, 'bit/s', 'gauge', '1.0 Gbit/s'],
    [93_784, 's', 'gauge', '1 d 2 h 3 min'],
    [0.000068, 's', 'gauge', '0.000068 s'],
    [12.34567, '{operation}/s', 'rate', '12.35 operation/s'],
    [0, 'By/s', 'rate', '0 B/s'],
  ] as const)('%s %s %s are %s', (value, unit, kind, text) => {
    expect(valueText(value, { unit, kind })).toBe(text);
  });

  it('name a series and a span', () => {
    expect(seriesText({ ix: 0, metric: 'a.b', attributes: { name: 'eth0', direction: 'receive' } })).toBe(
      'a.b eth0 receive',
    );
    expect([spanText(12), spanText(1_500), spanText(3_600_000)]).toEqual(['0.012 s', '1.5 s', '1 h 0 min']);
  });
});
