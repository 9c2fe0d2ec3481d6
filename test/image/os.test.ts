import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newestFormat } from '../../appliance/store/format.ts';
import { differences, linesFromApt, lockOf, packagesOf } from '../../image/os/base.mjs';
import { BOARDS } from '../../image/os/boards.mjs';
import { modulesOf } from '../../image/os/initramfs.mjs';
import { dataSchema } from '../../image/os/release.mjs';
import { grubEnvironment } from '../../image/os/vm.mjs';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const SYSTEM = join(ROOT, 'image/os/overlay/common/usr/lib/reeve-system');
const BOARD = join(ROOT, 'image/os/overlay/vm/usr/lib/reeve-system/board');

describe('what an image is made of', () => {
  it('is in the lock: each package that is named, with a hash', () => {
    const { takenAt, lines } = lockOf(BOARDS.vm);
    expect(takenAt).toBeGreaterThan(1_700_000_000);
    const names = lines.map((line) => line.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining([...packagesOf(BOARDS.vm), ...BOARDS.vm.unpacked]));
    for (const line of lines) expect(line).toMatch(/^\S+ \S+ (amd64|all) [1-9]\d* [0-9a-f]{64}$/);
  });

  it('is read from what apt shows, and differences are told both ways', () => {
    const shown =
      'Package: b\nVersion: 2\nArchitecture: all\nSize: 5\nSHA256: bb\n\nPackage: a\nSource: x\nVersion: 1\nArchitecture: amd64\nSize: 4\nSHA256: aa\n';
    expect(linesFromApt(shown)).toEqual(['a 1 amd64 4 aa', 'b 2 all 5 bb']);
    expect(differences(['a 1', 'b 2'], ['b 2', 'c 3'])).toEqual(['- a 1', '+ c 3']);
    expect(differences(['a 1'], ['a 1'])).toEqual([]);
  });

  it('has in its initramfs the modules that are named, and what these need', () => {
    const text =
      'kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/jbd2/jbd2.ko.xz\nkernel/lib/crc16.ko.xz:\nkernel/fs/jbd2/jbd2.ko.xz:\nkernel/drivers/mmc/host/a-b.ko.xz:\nkernel/drivers/usb/c.ko.xz:\n';
    expect(modulesOf(text, ['ext4', 'nothing'])).toEqual([
      'kernel/fs/ext4/ext4.ko.xz',
      'kernel/fs/jbd2/jbd2.ko.xz',
      'kernel/lib/crc16.ko.xz',
    ]);
    expect(modulesOf(text, ['drivers/mmc/host/', 'a_b'])).toEqual(['kernel/drivers/mmc/host/a-b.ko.xz']);
  });

  it('says the format of data that the appliance writes', () => {
    expect(dataSchema()).toBe(newestFormat());
  });

  it('runs the appliance with no capability: systemd finds little to say of its unit', () => {
    const root = temporaryDirectory('reeve-os-');
    const units = join(root, 'usr/lib/systemd/system');
    mkdirSync(join(units, 'reeve.service.d'), { recursive: true });
    writeFileSync(join(units, 'reeve.service'), readFileSync(join(ROOT, 'image/systemd/reeve.service')));
    const dropIn = readFileSync(join(SYSTEM, '../systemd/system/reeve.service.d/image.conf'), 'utf8');
    writeFileSync(join(units, 'reeve.service.d/image.conf'), dropIn.replace('@FLAGS@', ''));
    const words = ['security', '--offline=true', `--root=${root}`, 'reeve.service'];
    const said = spawnSync('systemd-analyze', words, { encoding: 'utf8' }).stdout;
    expect(Number(/exposure level for reeve.service: ([\d.]+)/.exec(said)?.[1])).toBeLessThanOrEqual(1.3);
  });

  it('meets, as a virtual machine, each device once: what is not before the appliance comes after it', () => {
    const named = (unit: string, word: string) =>
      [
        ...readFileSync(join(BOARD, '../../systemd/system', unit), 'utf8').matchAll(
          new RegExp(` --${word}=(\\S+)`, 'g'),
        ),
      ]
        .map(([, name]) => name)
        .sort();
    const first = named('systemd-udev-trigger.service.d/reeve.conf', 'subsystem-match');
    expect(first).toEqual(expect.arrayContaining(['block', 'net', 'pci', 'platform', 'usb']));
    expect(named('reeve-devices.service', 'subsystem-nomatch')).toEqual(first);
  });

  it('has only scripts that a shell can read', () => {
    const scripts = readdirSync(SYSTEM).filter((name) => !name.endsWith('.mjs'));
    for (const file of [...scripts.map((name) => join(SYSTEM, name)), BOARD, join(ROOT, 'image/os/initramfs/init')])
      expect(spawnSync('sh', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the slots of a machine that GRUB starts', () => {
  let dir: string;
  const at = (...parts: string[]) => join(dir, ...parts);
  const env = () => ({ ...process.env, REEVE_BOOT: at('boot'), REEVE_ROOTS: at('roots') });
  const board = (...words: string[]) => execFileSync('sh', [BOARD, ...words], { encoding: 'utf8', env: env() }).trim();
  const set = (variables: object) =>
    writeFileSync(
      at('boot/grub/grubenv'),
      grubEnvironment({
        ORDER: 'A B',
        A_OK: 1,
        A_TRIAL: 0,
        A_TRY: 'x',
        A_VERSION: '1.0.0',
        B_OK: 0,
        B_TRIAL: 0,
        B_TRY: '',
        B_VERSION: '',
        ...variables,
      }),
    );

  beforeEach(() => {
    dir = temporaryDirectory('reeve-os-');
    for (const folder of ['boot/grub', 'roots', 'run', 'share', 'data', 'kept'])
      mkdirSync(at(folder), { recursive: true });
    set({});
  });

  it.each<[string, object, string]>([
    ['nothing was written there', {}, 'empty'],
    ['it was found healthy', { B_OK: 1, B_VERSION: '2' }, 'good 2'],
    ['it was written and not yet started', { B_TRIAL: 1, B_VERSION: '2' }, 'trying 2'],
    ['it was started once', { B_TRIAL: 1, B_TRY: 'x', B_VERSION: '2' }, 'trying 2'],
    ['it was given up', { B_TRIAL: 1, B_TRY: 'xxx', B_VERSION: '2' }, 'bad 2'],
  ])('a slot is told when %s', (_, variables, state) => {
    set(variables);
    expect(board('state', 'B')).toBe(state);
  });

  it('a healthy slot is first from then on, and nothing is written when that is so already', () => {
    set({ ORDER: 'B A', B_TRIAL: 1, B_TRY: 'x', B_VERSION: '2' });
    board('good', 'B');
    const text = readFileSync(at('boot/grub/grubenv'), 'latin1');
    expect(text).toMatch(/^# GRUB Environment Block\n/);
    expect(text).toHaveLength(1024);
    expect(board('state', 'B')).toBe('good 2');
    expect(board('state', 'A')).toBe('good 1.0.0');
    expect(text).toContain('\nORDER=B A\n');
    expect(board('returned', 'B')).toBe('');
  });

  const boot = () => {
    const settings = {
      REEVE_SYSTEM_RUN: at('run'),
      REEVE_SHARE: at('share'),
      REEVE_DATA: at('data'),
      REEVE_KEPT: at('kept'),
    };
    for (const [name, text] of Object.entries({ version: '1.0.0', board: 'vm', 'data-schema': '1' }))
      writeFileSync(at('share', name), `${text}\n`);
    writeFileSync(at('cmdline'), 'ro reeve.slot=A quiet\n');
    execFileSync('sh', [join(SYSTEM, 'boot')], {
      env: { ...env(), ...settings, REEVE_CMDLINE: at('cmdline'), REEVE_BOARD: BOARD },
    });
    return JSON.parse(readFileSync(at('run/image.json'), 'utf8'));
  };

  it('the appliance is told of a machine that was just flashed', () => {
    expect(boot()).toEqual({
      version: '1.0.0',
      board: 'vm',
      slot: 'A',
      other: { version: null, state: 'empty' },
      returnedFrom: null,
      resetAt: null,
    });
    expect(JSON.parse(readFileSync(at('run/update.json'), 'utf8'))).toMatchObject({
      state: 'idle',
      version: null,
      done: 0,
      reason: null,
    });
  });

  it('the appliance is told that the machine went back, and when it was reset', () => {
    set({ ORDER: 'B A', B_TRIAL: 1, B_TRY: 'xx', B_VERSION: '1.1.0' });
    writeFileSync(at('kept/reset-at'), '1700000000\n');
    const told = {
      slot: 'A',
      other: { version: '1.1.0', state: 'bad' },
      returnedFrom: '1.1.0',
      resetAt: 1_700_000_000_000,
    };
    expect(boot()).toMatchObject(told);
  });

  it('data that an update brought to a newer format are as before, once the machine went back', () => {
    const put = (name: string, text: string) => writeFileSync(at('data', name), text);
    put('format.json', '{"format":2}');
    put('users', 'new');
    put('key', 'k');
    mkdirSync(at('data/before-format-1-x'));
    put('before-format-1-x/format.json', '{"format":1}');
    put('before-format-1-x/users', 'old');
    boot();
    const read = (name: string) => readFileSync(at('data', name), 'utf8');
    expect(['format.json', 'users', 'key', 'after-format-1/users'].map(read)).toEqual([
      '{"format":1}',
      'old',
      'k',
      'new',
    ]);
    expect(existsSync(at('data/before-format-1-x'))).toBe(false);
  });
});
