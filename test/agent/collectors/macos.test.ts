import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { battery } from '../../../agent/collectors/battery.ts';
import { parseIoreg } from '../../../agent/collectors/disk.darwin.ts';
import { disk } from '../../../agent/collectors/disk.ts';
import { parseMacMounts } from '../../../agent/collectors/filesystem.darwin.ts';
import { filesystem } from '../../../agent/collectors/filesystem.ts';
import { memoryOf, parseSwapUsage } from '../../../agent/collectors/memory.darwin.ts';
import { memory } from '../../../agent/collectors/memory.ts';
import { parseIfconfig, parseNetstat } from '../../../agent/collectors/network.darwin.ts';
import { network } from '../../../agent/collectors/network.ts';
import { processes } from '../../../agent/collectors/processes.ts';
import { services } from '../../../agent/collectors/services.ts';
import { temperature } from '../../../agent/collectors/temperature.ts';
import { updates } from '../../../agent/collectors/updates.ts';
import { users } from '../../../agent/collectors/users.ts';
import { Wishes } from '../../../agent/expected.ts';
import { parsePmset, parseSmartBattery } from '../../../agent/reading/mac/battery.ts';
import { launchd, parseLaunchctl } from '../../../agent/reading/mac/services.ts';
import { countLabels, countOutdated } from '../../../agent/reading/mac/updates.ts';
import { sampled } from '../../helpers/machine.ts';
import { macFile, printing, readOn } from '../../helpers/systems.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

// What is not in test/fixtures/systems, as the lines of ps and who, is hand-made after the programs' manuals.
const HOSTILE = ['', 'no such thing\n', '\0\0\0', '{'.repeat(10_000), `${'9'.repeat(400)} ${'9'.repeat(400)}\n`];

describe('interfaces of macOS', () => {
  it.each([
    ['netstat-yosemite', { lo0: 12_824_763_793, gif0: 0, stf0: 0, en0: 7_295_722_068 }],
    ['netstat-lion', { lo0: 368_415_571, gif0: 0, stf0: 0, en0: 13_309_516_362 }],
    ['netstat-m', { lo0: 3_540_480, gif0: 0, stf0: 0, anpi2: 0, anpi1: 0, anpi0: 0, en3: 0 }],
    ['netstat-truncated', { lo0: 3_769_823, gif0: 0, stf0: 0, utun8: 27_175 }],
  ])('stand once each in %s, with the bytes that came in', (file, expected) => {
    const found = parseNetstat(macFile(file)).map(({ name, receivedBytes }) => [name, receivedBytes]);
    expect(Object.fromEntries(found)).toEqual(expected);
    expect(found).toHaveLength(Object.keys(expected).length);
  });

  it('have what was sent, errors and drops in the columns behind', () => {
    expect(parseNetstat(macFile('netstat-yosemite')).at(-1)).toEqual({
      name: 'en0',
      receivedBytes: 7_295_722_068,
      receiveErrors: 0,
      receiveDrops: 0,
      sentBytes: 379_533_492,
      sendErrors: 0,
      sendDrops: 230,
    });
  });

  it('say whether they have a link and how fast it is', () => {
    expect([...parseIfconfig(macFile('ifconfig'))]).toEqual([['en0', { isUp: true, speed: 1e9 }]]);
    const slow = macFile('ifconfig').replace('1000baseT', '2500Base-T').replace('status: active', 'status: inactive');
    expect(parseIfconfig(slow).get('en0')).toEqual({ isUp: false, speed: 2.5e9 });
    expect(parseIfconfig(slow.replace('2500Base-T', '10Gbase-T')).get('en0')?.speed).toBe(1e10);
  });

  it.each(HOSTILE)('are none in %j', (text) => {
    expect(parseNetstat(text)).toEqual([]);
    expect(parseNetstat(`Name Mtu\n${text}`)).toEqual([]);
    expect(parseIfconfig(text).size).toBe(0);
  });

  it('become rates, and what the cards carry is the total', async () => {
    let netstat = macFile('netstat-yosemite');
    const run = printing({});
    const answering: typeof run = (program) =>
      printing({ 'netstat -ibdnW': netstat, 'ifconfig -a': macFile('ifconfig') })(program);
    const reader = readOn('darwin', network, { run: answering });
    await reader.at(0);
    netstat = netstat.replace('7295722068', '7295822068').replace('27190978 - 12', '27190978 - 13');
    const values = await reader.at(10_000);
    expect(values).toMatchObject({
      'system.network.receive.rate': 10_000,
      'system.network.transmit.rate': 0,
      'system.network.link.up{network.interface.name="en0"}': 1,
      'system.network.link.speed{network.interface.name="en0"}': 1e9,
    });
    expect(Object.keys(values).some((key) => key.includes('lo0'))).toBe(false);
  });
});

describe('disks of macOS', () => {
  it('stand under the name of their first medium', () => {
    expect(parseIoreg(macFile('ioreg-disk'))).toEqual([
      {
        name: 'disk0',
        reads: 12_975_224,
        readBytes: 368_261_685_248,
        readMs: 3_698_579.261481,
        writes: 13_964_680,
        writtenBytes: 222_826_323_968,
        writeMs: 1_213_255.8168,
        busyMs: undefined,
      },
    ]);
  });

  it('are none where it is an image, or nothing of the kind', () => {
    const image = macFile('ioreg-disk').replace('APPLE SSD AP1024Z Media', 'Apple Disk Image Media');
    expect(parseIoreg(image)).toEqual([]);
    for (const text of HOSTILE) expect(parseIoreg(text)).toEqual([]);
  });

  it('have rates and durations, and no use: macOS does not tell how long they were busy', async () => {
    let text = macFile('ioreg-disk');
    const reader = readOn('darwin', disk, { run: (program) => printing({ ioreg: text })(program) });
    await reader.at(0);
    text = text
      .replace('"Bytes (Read)"=368261685248', '"Bytes (Read)"=368262685248')
      .replace('"Operations (Read)"=12975224', '"Operations (Read)"=12975324')
      .replace('"Total Time (Read)"=3698579261481', '"Total Time (Read)"=3698779261481');
    const values = await reader.at(10_000);
    expect(values).toMatchObject({
      'system.disk.io.rate{disk.io.direction="read",system.device="disk0"}': 100_000,
      'system.disk.operations.rate{disk.io.direction="read",system.device="disk0"}': 10,
      'system.disk.operation.duration{disk.io.direction="read",system.device="disk0"}': 0.002,
    });
    expect(Object.keys(values).some((key) => key.includes('utilization'))).toBe(false);
  });
});

describe('memory of macOS', () => {
  it('is in use as Activity Monitor counts it', () => {
    const total = 32 * 1024 ** 3;
    const used = (678_901 - 56_789 + 234_567 + 45_678) * 16_384;
    expect(memoryOf(macFile('vm_stat'), macFile('swapusage'), total)).toEqual({
      total,
      free: 123_456 * 16_384,
      available: total - used,
      swapTotal: 7168 * 1024 ** 2,
      swapFree: Math.round(1048.94 * 1024 ** 2),
    });
    expect(memoryOf(macFile('vm_stat'), '', 1024)).toMatchObject({ available: 0, free: 0, swapTotal: 0 });
  });

  it.each(HOSTILE)('is not made up of %j', (text) => {
    expect(memoryOf(text, text, 1024)).toBeUndefined();
    expect(parseSwapUsage(text)).toEqual({ total: 0, free: 0 });
  });

  it('adds up', async () => {
    const run = printing({ vm_stat: macFile('vm_stat'), sysctl: macFile('swapusage') });
    const values = await readOn('darwin', memory, { run }).at(0);
    const part = (state: string) => values[`system.memory.usage{system.memory.state="${state}"}`] ?? 0;
    expect(part('used') + part('cached') + part('free')).toBe(totalmem());
    expect(values['system.paging.utilization']).toBe(0.8537);
  });
});

describe('file systems of macOS', () => {
  it.each([
    ['mount-catalina', ['/', '/System/Volumes/Data']],
    ['mount-bigsur', ['/', '/System/Volumes/Data']],
  ])('are those that people know, in %s', (file, points) => {
    expect(parseMacMounts(macFile(file)).mounts.map(({ point }) => point)).toEqual(points);
  });

  it('with blanks and brackets in their names are read, those of the network named as not asked', () => {
    const text =
      '/dev/disk4s1 on /Volumes/My (old) Disk (exfat, local, nodev)\n//a@nas/b on /Volumes/b (smbfs, nodev, mounted by a)\n';
    const { mounts, far } = parseMacMounts(text);
    expect(mounts.map(({ point }) => point)).toEqual(['/Volumes/My (old) Disk']);
    expect(far).toEqual(['/Volumes/b']);
    for (const hostile of HOSTILE) expect(parseMacMounts(hostile)).toEqual({ mounts: [], far: [] });
  });

  it('are as full as Linux says of the same place, and the others are said to doctor', async () => {
    const run = printing({ mount: '/dev/disk1s5 on / (apfs, local)\n//nas/b on /Volumes/b (smbfs, nodev)\n' });
    const reader = readOn('darwin', filesystem, { run });
    const root = 'system.filesystem.limit{system.filesystem.mountpoint="/"}';
    const own = await sampled([filesystem]).at(0);
    const values = await reader.at(0);
    expect(values[root]).toBeGreaterThan(0);
    if (own[root] != null) expect(values[root]).toBe(own[root]);
    expect(reader.state()?.missed).toEqual(['/Volumes/b: mounts of the network are not asked on macOS']);
  });
});

describe('batteries of macOS', () => {
  it('say charge, whether they run and how long', () => {
    expect(parsePmset(macFile('pmset'))).toMatchObject({
      isOnMains: false,
      batteries: [{ name: 'InternalBattery', battery: { charge: 0.78, isDischarging: true, secondsLeft: 18_300 } }],
    });
    const mains =
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=123)\t85%; charged; 0:00 remaining present: true\n";
    expect(parsePmset(mains)).toMatchObject({
      isOnMains: true,
      batteries: [{ battery: { charge: 0.85, isDischarging: false, secondsLeft: undefined } }],
    });
    expect(parsePmset("Now drawing from 'AC Power'\n").batteries).toEqual([]);
  });

  it('say how worn they are, on Macs of today by the raw capacity', () => {
    expect(parseSmartBattery(macFile('battery-raw'))).toEqual({ health: 1, watts: undefined, cycles: undefined });
    expect(parseSmartBattery(macFile('battery-intel'))).toMatchObject({ health: undefined });
    const drained =
      '  "Voltage" = 12119\n  "Amperage" = 18446744073709548738\n  "CycleCount" = 319\n  "DesignCapacity" = 4563\n  "MaxCapacity" = 3955\n';
    expect(parseSmartBattery(drained)).toEqual({ health: 0.8668, watts: 34.88, cycles: 319 });
    for (const text of HOSTILE) expect(parseSmartBattery(text).health).toBeUndefined();
  });

  it('are read, and a Mac without one has nothing to read', async () => {
    const run = printing({ 'pmset -g batt': macFile('pmset'), ioreg: macFile('battery-raw') });
    expect(await readOn('darwin', battery, { run }).at(0)).toMatchObject({
      'hw.battery.charge{hw.name="InternalBattery"}': 0.78,
      'hw.battery.health{hw.name="InternalBattery"}': 1,
      'hw.power_supply.online{hw.name="mains"}': 0,
    });
    const none = readOn('darwin', battery, { run: printing({ pmset: "Now drawing from 'AC Power'\n" }) });
    await none.at(0);
    expect(none.state()).toMatchObject({ state: 'absent', reason: 'this Mac has no battery' });
  });
});

describe('services of launchd', () => {
  it('run when they have a process, whichever way launchctl writes them', () => {
    const listed = parseLaunchctl(macFile('launchctl-list'));
    expect(listed).toHaveLength(7);
    expect(listed.find(({ name }) => name.startsWith('uk.co'))).toEqual({
      name: 'uk.co.canimaansoftware.ClamXAV.HelperTool',
      state: 'running',
      pid: 158,
    });
    expect(listed[0]).toEqual({ name: 'com.apple.mobile.obliteration', state: 'stopped' });
    expect(parseLaunchctl(macFile('launchctl-print'))).toEqual([
      { name: 'com.apple.modelcatalogd', state: 'running', pid: 9682 },
      { name: 'com.apple.audioanalyticsd', state: 'running', pid: 10_001 },
    ]);
    expect(parseLaunchctl('-\t78\tcom.example.broken\n')).toEqual([{ name: 'com.example.broken', state: 'failed' }]);
    for (const text of HOSTILE) expect(parseLaunchctl(text)).toEqual([]);
  });

  it('tell memory and processor time of those that are expected, and which are missing', async () => {
    const ps = '  158 Tue Mar  4 09:12:31 2025       2:31.05  17488 root             /Library/HelperTool\n';
    const manager = launchd(printing({ 'launchctl print system': macFile('launchctl-list'), ps }));
    expect(await manager.show(['uk.co.canimaansoftware.ClamXAV.HelperTool', 'org.example.none'])).toEqual([
      {
        name: 'uk.co.canimaansoftware.ClamXAV.HelperTool',
        state: 'running',
        pid: 158,
        memoryBytes: 17_907_712,
        cpuSeconds: 151.05,
      },
      { name: 'org.example.none', state: 'unknown', isMissing: true },
    ]);
    await expect(launchd(printing({ launchctl: 'Not permitted' })).list()).rejects.toThrow('launchctl');
  });

  it('are told with the frames', async () => {
    const wishes = new Wishes();
    wishes.expect([{ name: 'com.apple.coreservicesd', isCritical: true }]);
    const run = printing({ 'launchctl print system': macFile('launchctl-list'), ps: '' });
    const { at, sampler } = sampled([services], { platform: 'darwin', run, wishes, root: temporaryDirectory() });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 5_000);
    expect(await at(0)).toMatchObject({
      'system.service.up{service.critical="yes",service.name="com.apple.coreservicesd"}': 1,
    });
    expect(wishes.found).toHaveLength(7);
  });
});

describe('updates of macOS', () => {
  it.each(['softwareupdate-mojave', 'softwareupdate-catalina'])('are four in %s', (file) =>
    expect(countLabels(macFile(file))).toBe(4),
  );

  it('come with those of Homebrew, once a day, and which are for security is not said', async () => {
    const asked: string[] = [];
    const outdated = JSON.stringify({ formulae: [{ name: 'wget' }], casks: [] });
    expect(countOutdated(outdated)).toBe(1);
    const answers = printing({ softwareupdate: macFile('softwareupdate-catalina') });
    const reader = readOn('darwin', updates, {
      run: (program) => {
        asked.push([program.command, ...program.args].join(' '));
        return answers(program);
      },
    });
    expect(await reader.at(0)).toEqual({ 'system.updates.pending': 4 });
    await reader.at(3_600_000);
    expect(asked).toEqual(['softwareupdate --list --no-scan']);
    const none = printing({ softwareupdate: 'Software Update Tool\n\nNo new software available.\n' });
    expect(await readOn('darwin', updates, { run: none }).at(0)).toEqual({ 'system.updates.pending': 0 });
  });

  it('that could not be asked for are no zero', async () => {
    const reader = readOn('darwin', updates, { run: printing({ softwareupdate: 'Can’t connect\n' }) });
    expect(await reader.at(0)).toEqual({});
    expect(reader.state()?.missed).toEqual(['softwareupdate: no answer']);
  });
});

it('people and processes of a Mac are counted', async () => {
  const who = 'vladpaskal       console      Feb 19 08:58 \nvladpaskal       ttys000      Feb 19 08:58 \n';
  expect(await readOn('darwin', users, { run: printing({ who }) }).at(0)).toEqual({
    'system.session.count': 2,
    'system.user.count': 1,
  });
  const ps = '    1\n  303\n 4711\n';
  expect(await readOn('darwin', processes, { run: printing({ ps }) }).at(0)).toEqual({ 'system.process.count': 3 });
});

it('temperatures of a Mac are what systeminformation finds, and nothing to read where it finds none', async () => {
  const reader = readOn('darwin', temperature);
  const values = await reader.at(0);
  const { state, reason } = reader.state() ?? {};
  const isFound = Object.keys(values).length > 0;
  expect([state, reason]).toEqual(
    isFound ? ['reading', undefined] : ['absent', 'macOS shows temperatures to its own tools only'],
  );
});
