import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeBundle } from '../../image/os/bundle.mjs';
import {
  hostNameFrom,
  orderIn,
  sshFrom,
  takeAway,
} from '../../image/os/overlay/common/usr/lib/reeve-system/orders.mjs';
import { type placesOf, update } from '../../image/os/overlay/common/usr/lib/reeve-system/update.mjs';
import { grubEnvironment } from '../../image/os/vm.mjs';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const BOARD = join(ROOT, 'image/os/overlay/vm/usr/lib/reeve-system/board');
const GOOD_A = {
  ORDER: 'A B',
  A_OK: 1,
  A_TRIAL: 0,
  A_TRY: '',
  A_VERSION: '1.0.0',
  B_OK: 0,
  B_TRIAL: 0,
  B_TRY: '',
  B_VERSION: '',
};
const { privateKey } = generateKeyPairSync('ed25519');
const { privateKey: foreign } = generateKeyPairSync('ed25519');

let dir: string;
let places: ReturnType<typeof placesOf>;
const at = (...parts: string[]) => join(dir, ...parts);
const put = (file: string, text: string | Buffer) => {
  mkdirSync(join(at(file), '..'), { recursive: true });
  writeFileSync(at(file), text);
};
const variables = () =>
  Object.fromEntries(
    readFileSync(at('boot/grub/grubenv'), 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.split('=')),
  );
const told = () => JSON.parse(readFileSync(at('run/update.json'), 'utf8'));
const environment = (changed: object) => put('boot/grub/grubenv', grubEnvironment({ ...GOOD_A, ...changed }));

beforeEach(() => {
  dir = temporaryDirectory('reeve-os-');
  for (const folder of ['run', 'orders', 'boot/grub', 'boot/A', 'roots', 'parts'])
    mkdirSync(at(folder), { recursive: true });
  environment({});
  put('share/board', 'vm\n');
  put('share/architecture', 'amd64\n');
  put('share/update-key.pem', createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  put('cmdline', 'ro quiet reeve.slot=A\n');
  put('roots/reeve-root-B', 'old');
  // The board as it is in the image, with the places of this test.
  const lines = ['#!/bin/sh', `REEVE_BOOT=${at('boot')} REEVE_ROOTS=${at('roots')} exec sh ${BOARD} "$@"`];
  put('board', `${lines.join('\n')}\n`);
  chmodSync(at('board'), 0o755);
  places = {
    run: at('run'),
    orders: at('orders'),
    share: at('share'),
    data: at('data'),
    board: at('board'),
    cmdline: at('cmdline'),
    reboot: 'false',
  };
});

function bundle(about: object = {}, key: KeyObject = privateKey) {
  const parts = Object.fromEntries(['root.squashfs', 'vmlinuz', 'initrd'].map((name) => [name, at('parts', name)]));
  for (const [name, file] of Object.entries(parts)) writeFileSync(file, `new ${name} `.repeat(50_000));
  const said = { board: 'vm', architecture: 'amd64', version: '1.1.0', dataSchema: 1, ...about };
  makeBundle({ file: at('orders/update.bundle'), folder: dir, parts, about: said, key });
  return at('orders/update.bundle');
}

describe('an update of the image', () => {
  it('is written into the other slot, which is tried at the next start', async () => {
    bundle();
    expect(await update(places)).toBe(true);
    expect(variables()).toMatchObject({ ORDER: 'B A', A_OK: '1', B_OK: '0', B_TRIAL: '1', B_VERSION: '1.1.0' });
    for (const file of ['roots/reeve-root-B', 'boot/B/vmlinuz', 'boot/B/initrd'])
      expect(readFileSync(at(file), 'utf8')).toMatch(/^new /);
    expect(told()).toMatchObject({ state: 'restarting', version: '1.1.0', done: 1, reason: null });
    expect(existsSync(at('orders/update.bundle'))).toBe(false);
    expect(statSync(at('boot/grub/grubenv')).size).toBe(1024);
  });

  const refused = async (words: RegExp) => {
    const before = readFileSync(at('boot/grub/grubenv'), 'utf8');
    expect(await update(places)).toBe(false);
    expect(told()).toMatchObject({ state: 'refused', reason: expect.stringMatching(words) });
    expect(readFileSync(at('boot/grub/grubenv'), 'utf8')).toBe(before);
    expect(readFileSync(at('roots/reeve-root-B'), 'utf8')).toBe('old');
    expect(existsSync(at('orders/update.bundle'))).toBe(false);
  };

  it.each<[string, object, RegExp]>([
    ['another kind of machine', { board: 'pi' }, /another kind of machine/],
    ['another architecture', { architecture: 'arm64' }, /another kind of machine/],
    ['a version that is no version', { version: '../x' }, /does not know/],
    ['another product', { name: 'other' }, /does not know/],
  ])('is refused when it is for %s', async (_, about, words) => {
    bundle(about);
    await refused(words);
  });

  it('is refused when it was signed by somebody else', async () => {
    bundle({}, foreign);
    await refused(/signature/);
  });

  it('is refused when it reads only older data than there is', async () => {
    put('data/format.json', '{"format":2}');
    bundle();
    await refused(/reads data up to format 1, and yours has 2/);
  });

  it('is refused while the version that runs is still on trial', async () => {
    environment({ A_OK: 0, A_TRIAL: 1, A_TRY: 'x' });
    bundle();
    await refused(/not been found healthy yet/);
  });

  it('is refused when one byte of any part was changed', async () => {
    const whole = readFileSync(bundle());
    const spots = ['"version"', 'new root', 'new vmlinuz', 'new initrd'].map((word) => whole.indexOf(word) + 3);
    const inSignature = whole.indexOf('manifest.sig') + 512;
    for (const where of [...spots, inSignature, whole.lastIndexOf('initrd')]) {
      const changed = Buffer.from(whole);
      changed[where] = (changed[where] ?? 0) ^ 1;
      writeFileSync(at('orders/update.bundle'), changed);
      await refused(/./);
    }
  });

  it('is refused when it is cut short, empty, not a bundle, or a link', async () => {
    const whole = readFileSync(bundle());
    for (const bytes of [whole.subarray(0, 200_000), whole.subarray(0, 700), Buffer.alloc(0), Buffer.alloc(4_096, 7)]) {
      writeFileSync(at('orders/update.bundle'), bytes);
      await refused(/./);
    }
    writeFileSync(at('elsewhere'), whole);
    symlinkSync(at('elsewhere'), at('orders/update.bundle'));
    await refused(/./);
  });

  it('is refused when files are missing or come twice under another name', async () => {
    const manifest = Buffer.from(
      JSON.stringify({
        format: 1,
        name: 'reeve',
        board: 'vm',
        architecture: 'amd64',
        version: '1.1.0',
        dataSchema: 1,
        files: { '../x': { bytes: 0, sha256: '' } },
      }),
    );
    const header = (name: string, size: number) => {
      const head = Buffer.alloc(512);
      head.write(name, 0);
      head.write(size.toString(8).padStart(11, '0'), 124);
      head.write('0', 156);
      head.write('        ', 148);
      head.write(
        `${head
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
        148,
      );
      return head;
    };
    const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
    const signature = sign(null, manifest, privateKey);
    const tar = [
      header('manifest.json', manifest.length),
      padded(manifest),
      header('manifest.sig', 64),
      padded(signature),
    ];
    writeFileSync(at('orders/update.bundle'), Buffer.concat([...tar, Buffer.alloc(1_024)]));
    await refused(/does not have the files/);
  });

  it('leaves a slot that cannot be started when the disk gives something else back', async () => {
    put(
      'board',
      readFileSync(at('board'), 'utf8')
        .replace('exec', '[ "$1" = check ] && exec head -c "$4" /dev/zero; export REEVE_BOOT REEVE_ROOTS; exec')
        .replace(/^REEVE_BOOT=(\S+) REEVE_ROOTS=(\S+)/m, 'REEVE_BOOT=$1; REEVE_ROOTS=$2;'),
    );
    chmodSync(at('board'), 0o755);
    bundle();
    expect(await update(places)).toBe(false);
    expect(told().reason).toMatch(/reads back otherwise/);
    expect(variables()).toMatchObject({ ORDER: 'A B', A_OK: '1', B_OK: '0', B_TRIAL: '0', B_VERSION: '' });
  });
});

describe('orders of the appliance to its system', () => {
  it('are read from plain files only', () => {
    put('orders/plain', 'x');
    put('secret', 'y');
    put('orders/long', 'z'.repeat(70_000));
    symlinkSync(at('secret'), at('orders/link'));
    const read = ['plain', 'link', 'long', 'missing'].map((name) => orderIn(at('orders'), name));
    expect(read).toEqual(['x', undefined, undefined, undefined]);
  });

  it('are taken away without going into what is not a file', () => {
    put('orders/restart', 'x');
    mkdirSync(at('orders/hostname'));
    put('orders/power-off/kept', 'y');
    put('elsewhere/kept', 'z');
    symlinkSync(at('elsewhere'), at('orders/link'));
    for (const name of ['restart', 'hostname', 'power-off', 'link', 'missing']) takeAway(at('orders'), name);
    expect(readdirSync(at('orders'))).toEqual(['power-off']);
    expect(existsSync(at('elsewhere/kept'))).toBe(true);
  });

  it('switch SSH on only with whole keys, and options never come along', () => {
    const key = `ssh-ed25519 ${'A'.repeat(68)} me@here`;
    expect(sshFrom(JSON.stringify({ enabled: true, keys: [key] }))).toEqual({ enabled: true, keys: [key] });
    const bad = [`command="sh" ${key}`, `${key}\nssh-rsa x`, 'ssh-ed25519 short', '', 7];
    for (const text of [
      JSON.stringify({ enabled: true, keys: bad }),
      '{',
      'null',
      undefined,
      JSON.stringify({ enabled: 'yes', keys: [key] }),
    ])
      expect(sshFrom(text).enabled).toBe(false);
  });

  it('take only host names that are host names', () => {
    expect(['reeve-2\n', 'NAS'].map(hostNameFrom)).toEqual(['reeve-2', 'nas']);
    for (const name of ['', '-x', 'a b', 'x;reboot', 'a'.repeat(64), 'ä', undefined])
      expect(hostNameFrom(name)).toBeUndefined();
  });
});
