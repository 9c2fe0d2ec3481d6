import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ceilingCommand } from '../../../agent/ceiling-file.ts';
import { collectors } from '../../../agent/collectors/index.ts';
import { examine } from '../../../agent/doctor.ts';
import { messagesOf, topicOf } from '../../../agent/mqtt/message.ts';
import { clientIdOf } from '../../../agent/mqtt/settings.ts';
import { readOptions } from '../../../agent/options.ts';
import { readOwnFile } from '../../../agent/own-file.ts';
import { status } from '../../../agent/status.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const good = { url: 'mqtts://broker.lan:8883', site: 'home', agent: 'nas01', userName: 'nas01', password: 'canary-77' };

function own(mqtt: unknown, mode = 0o640): string {
  const path = join(temporaryDirectory(), 'agent.json');
  writeFileSync(path, JSON.stringify({ mqtt }));
  chmodSync(path, mode);
  return path;
}

describe('mqtt in the agent’s own file', () => {
  it('says where to publish and as whom', () => {
    expect(readOwnFile(own(good), collectors).mqtt).toEqual(good);
    const { agent: _, ...unnamed } = good;
    expect(readOwnFile(own(unnamed), collectors).mqtt?.agent).toMatch(/^[^\s#+/]+$/);
    expect(readOwnFile(own({ ...good, url: 'mqtt://10.0.0.5', allowPlain: true }), collectors).mqtt?.url).toBe(
      'mqtt://10.0.0.5',
    );
  });

  it.each([
    ['plain without a word', { ...good, url: 'mqtt://10.0.0.5' }, /mqtt\.url: use mqtts:/],
    ['no address', { ...good, url: 'broker' }, /mqtt\.url: write mqtts:/],
    ['a password in the address', { ...good, url: 'mqtts://a:b@broker' }, /mqtt\.url: write mqtts:/],
    ['a site that is two levels', { ...good, site: 'a/b' }, /mqtt\.site/],
    ['a wildcard', { ...good, agent: '#' }, /mqtt\.agent/],
    ['a password without a user', { url: good.url, site: 'a', password: 'x' }, /mqtt\.userName: a password needs/],
    ['a CA that is not there', { ...good, ca: '/no/such/ca.pem' }, /mqtt\.ca: .*no such file/],
    ['what is not known', { ...good, topic: 'x' }, /mqtt/],
  ])('is refused with the field and its cure: %s', (_what, mqtt, message) => {
    const path = own(mqtt);
    expect(() => readOwnFile(path, collectors)).toThrow(message);
    expect(() => readOwnFile(path, collectors)).toThrow(expect.objectContaining({ code: 'option' }));
  });

  it('with a password is refused where everybody can read it, and stays closed when the ceiling is written', () => {
    expect(() => readOwnFile(own(good, 0o644), collectors)).toThrow('chmod 640');
    const path = own(good);
    ceilingCommand({ ownFile: path, words: ['allow', 'reboot'] });
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ may: { reboot: true }, mqtt: good });
  });

  it('is what status and doctor tell of', async () => {
    const path = own({ url: 'mqtts://127.0.0.1:9', site: 'home', agent: 'nas01' });
    const stateDir = temporaryDirectory();
    expect(status({ stateDir, ownFile: path })).toContain('mqtts://127.0.0.1:9, under metrics/home/nas01/');
    const options = readOptions(['doctor', '--config', path, '--state', stateDir], { REEVE_MDNS: 'off' });
    const told = await examine(options, []);
    expect(told).toMatch(/MQTT broker\n {2}state folder/);
    expect(told).toContain('NOT reached   mqtts://127.0.0.1:9: the broker cannot be reached: ECONNREFUSED');
    expect(told).not.toContain('paired');
  });

  it('stands beside an interval, which is said as people say it', () => {
    const path = join(temporaryDirectory(), 'agent.json');
    const write = (interval: unknown) => writeFileSync(path, JSON.stringify({ interval }));
    write('1m');
    expect(readOwnFile(path, collectors).intervalMs).toBe(60_000);
    for (const bad of ['10ms', '6m', 5, '']) {
      write(bad);
      expect(() => readOwnFile(path, collectors)).toThrow(/agent\.json: interval/);
    }
  });

  it('makes the same name of a client for the same agent, of a length that every broker takes', () => {
    expect(clientIdOf(good)).toBe(clientIdOf({ ...good }));
    expect(clientIdOf(good)).not.toBe(clientIdOf({ ...good, agent: 'nas02' }));
    expect(clientIdOf(good, 'd').length).toBeLessThanOrEqual(23);
  });
});

describe('messages', () => {
  it('are one for each value that is a number, under its metric, with a mark by which a repeat is known', () => {
    const series = [
      { ix: 0, metric: 'system.cpu.utilization', attributes: {} },
      { ix: 1, metric: 'odd/name#+', attributes: { 'disk.io.direction': 'read' } },
    ];
    const frame = {
      stream: 'stream-a',
      seq: 7,
      at: 1_790_000_000_000.4,
      mono: 1,
      values: [0, 0.25, 1, -3, 0, null, 9, 1],
    };
    const made = messagesOf(frame, { settings: good, seriesOf: (ix) => series[ix], offsetMs: 2_000 });
    expect(made.map(({ topic }) => topic)).toEqual([
      'metrics/home/nas01/system.cpu.utilization',
      'metrics/home/nas01/odd_name__',
    ]);
    expect(made.map(({ payload }) => JSON.parse(payload))).toEqual([
      { agent_id: 'nas01', timestamp: 1_790_000_002_000, value: 0.25, dedupe_id: 'stream-a.7.0' },
      {
        agent_id: 'nas01',
        timestamp: 1_790_000_002_000,
        value: -3,
        tags: { 'disk.io.direction': 'read' },
        dedupe_id: 'stream-a.7.1',
      },
    ]);
    expect(topicOf(good, 'a\u0000b')).toBe('metrics/home/nas01/a_b');
  });
});
