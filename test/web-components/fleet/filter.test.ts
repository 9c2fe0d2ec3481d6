import { describe, expect, test } from 'vitest';
import type { Host } from '../../../protocol/hosts.ts';
import { hostCondition } from '../../../web-components/condition.ts';
import { countGroups, filterHosts, tagsOf } from '../../../web-components/fleet/filter.ts';
import { disksOf } from '../../../web-components/host/disks.ts';
import type { Page } from '../../../web-components/pages/page.ts';
import { targetsFor } from '../../../web-components/shell/jump-targets.ts';
import { playedAlert } from '../../helpers/played-alerts.ts';

const host = (name: string, rest: Partial<Host> = {}): Host => ({
  id: name,
  name,
  siteId: 's',
  rev: 1,
  kind: 'agent',
  isAppliance: false,
  tags: [],
  intervalMs: 5_000,
  status: 'online',
  statusReason: 'Reports every 5 s.',
  notes: [],
  createdAt: 1,
  ...rest,
});
const card = (disks: [string, number][], memory = 0.2) => ({
  at: 1,
  memory,
  disks: disks.map(([label, used]) => ({ label, used })),
});

describe('how a host is by its alerts', () => {
  const nas = { id: 'a', name: 'a' };
  const disk = playedAlert(1, nas);
  const heat = playedAlert(2, nas, { severity: 'high', title: 'Too hot: 91 °C' });
  const texts = (...parameters: Parameters<typeof hostCondition>) =>
    hostCondition(...parameters).concerns.map(({ text }) => text);

  test('rules say what is wrong, whatever the last values are', () => {
    expect(hostCondition(host('a'), card([['/', 0.99]], 0.99), [])).toMatchObject({ level: 'ok', concerns: [] });
    const { level, concerns } = hostCondition(host('a'), card([['/', 0.1]]), [heat, disk]);
    expect([level, concerns.map(({ text }) => text)]).toEqual(['critical', ['Disk /srv 93 %', 'Too hot: 91 °C']]);
    expect(concerns[0]?.alert).toBe(disk);
  });

  test('what is in hand comes last, and its level still counts', () => {
    const { level, concerns } = hostCondition(host('a'), undefined, [{ ...disk, status: 'acknowledged' }, heat]);
    expect([level, concerns.map(({ isQuiet }) => isQuiet)]).toEqual(['critical', [false, true]]);
  });

  test('a milder alert that is covered says nothing more', () => {
    expect(texts(host('a'), undefined, [playedAlert(3, nas, { coveredBy: 'disk-used-critical' })])).toEqual([]);
  });

  test('that a host is offline is said once, with the alert about it', () => {
    const away = host('a', { status: 'offline', statusReason: 'Its connection is closed.' });
    const alert = playedAlert(4, nas, { title: 'Offline', condition: { id: 'absent', settings: {} } });
    const { level, concerns } = hostCondition(away, undefined, [alert]);
    expect([level, concerns.map(({ text }) => text)]).toEqual(['offline', ['Offline. Its connection is closed.']]);
    expect(concerns[0]?.alert).toBe(alert);
    expect(texts(host('a'), undefined, [alert])).toEqual(['Offline']);
  });
});

describe('how a host is', () => {
  test('is calm while nothing is wrong', () => {
    expect(hostCondition(host('a'), card([['/', 0.5]]), undefined)).toMatchObject({
      level: 'ok',
      word: 'online',
      concerns: [],
    });
  });

  test('is as bad as its worst part, which is named first', () => {
    const { level, concerns } = hostCondition(
      host('a'),
      card(
        [
          ['/', 0.82],
          ['/srv', 0.91],
        ],
        0.9,
      ),
      undefined,
    );
    expect(level).toBe('critical');
    expect(concerns.map(({ text }) => text.replaceAll('\u00a0', ' '))).toEqual([
      '/srv is 91 % full',
      '/ is 82 % full',
      'Memory is 90 % used',
    ]);
  });

  test('says when and why it is away, and nothing about old values', () => {
    const away = host('a', { status: 'offline', statusReason: 'Powered off, network, or agent stopped.', statusAt: 7 });
    expect(hostCondition(away, card([['/', 0.99]]), undefined)).toMatchObject({
      level: 'offline',
      concerns: [{ level: 'offline', text: 'Offline. Powered off, network, or agent stopped.', since: 7 }],
    });
  });

  test('is a warning while it is stale, and unknown before the first frame', () => {
    expect(hostCondition(host('a', { status: 'stale' }), undefined, undefined)).toMatchObject({
      level: 'warning',
      word: 'stale',
    });
    expect(hostCondition(host('a', { status: 'unknown' }), undefined, undefined)).toMatchObject({ level: 'unknown' });
  });

  test('carries the notes that a person should see', () => {
    expect(hostCondition(host('a', { notes: ['Same machine as nas01'] }), undefined, undefined).level).toBe('warning');
  });
});

const judged = [
  host('nas01', { tags: ['storage'] }),
  host('pi', {
    tags: ['dns', 'edge'],
    facts: { ...({} as NonNullable<Host['facts']>), hostName: 'pihole.lan', os: 'Raspbian', addresses: ['10.0.0.5'] },
  }),
  host('old', { status: 'offline' }),
  host('new', { status: 'unknown' }),
].map((each) => ({
  host: each,
  condition: hostCondition(each, each.name === 'nas01' ? card([['/', 0.95]]) : undefined, undefined),
}));
const found = (filter: Partial<Parameters<typeof filterHosts>[1]>) =>
  filterHosts(judged, { search: '', tag: '', status: '', ...filter }).map((each) => each.host.name);

describe('the fleet', () => {
  test('counts a host that needs attention as online too', () => {
    expect(countGroups(judged)).toEqual({ online: 2, attention: 1, offline: 1, unknown: 1 });
  });

  test('is filtered by status, tag and words, all at once', () => {
    expect(found({})).toHaveLength(4);
    expect(found({ status: 'online' })).toEqual(['nas01', 'pi']);
    expect(found({ status: 'attention' })).toEqual(['nas01']);
    expect(found({ status: 'offline' })).toEqual(['old']);
    expect(found({ tag: 'dns' })).toEqual(['pi']);
    expect(found({ search: '10.0.0 RASP' })).toEqual(['pi']);
    expect(found({ search: 'pi', tag: 'storage' })).toEqual([]);
    expect(tagsOf(judged)).toEqual(['dns', 'edge', 'storage']);
  });

  test('is jumped to by name, tag or address, names that begin so first', () => {
    const pages = [
      { id: 'p', title: () => 'Agents', path: '/agents', nav: { icon: 'agents' }, tag: 'x', load: async () => 0 },
    ] as Page[];
    const hosts = judged.map((each) => each.host);
    expect(targetsFor('p', pages, hosts)[0]).toMatchObject({ title: 'pi', href: '/hosts/pi' });
    expect(targetsFor('agents', pages, hosts).map(({ href }) => href)).toEqual(['/agents']);
    expect(targetsFor('nothing like it', pages, hosts)).toEqual([]);
  });
});

describe('file systems', () => {
  const place = (mount: string) => ({ 'system.filesystem.mountpoint': mount });
  const series = [
    { id: 1, metric: 'system.filesystem.utilization', attributes: place('/') },
    { id: 2, metric: 'system.filesystem.utilization', attributes: place('/srv') },
    { id: 3, metric: 'system.filesystem.usage', attributes: { ...place('/srv'), 'system.filesystem.state': 'free' } },
    { id: 4, metric: 'system.filesystem.usage', attributes: { ...place('/srv'), 'system.filesystem.state': 'used' } },
    { id: 5, metric: 'system.filesystem.limit', attributes: place('/srv') },
  ];
  const values = new Map([
    [1, 0.3],
    [2, 0.9],
    [3, 100],
    [4, 900],
    [5, 1_000],
  ]);
  const chart = { group: 'filesystem', order: 1, style: 'line', card: 'disk' } as const;
  const known = { id: 'x', title: 'x', unit: '1', kind: 'gauge', rollup: 'average', attributes: [], chart } as const;
  const descriptors = {
    get: (metric: string) => (/utilization/.test(metric) ? { ...known, attributes: [] } : undefined),
  };

  test('come fullest first, with the bytes that are used of all', () => {
    expect(disksOf({ series, descriptors, read: (id) => values.get(id) })).toEqual([
      { label: '/srv', used: 0.9, usedBytes: 900, totalBytes: 1_000 },
      { label: '/', used: 0.3 },
    ]);
  });

  test('that are not read now are left out', () => {
    expect(disksOf({ series, descriptors, read: () => undefined })).toEqual([]);
  });
});
