import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openIdentity } from '../../appliance/identity.ts';
import { newId } from '../../appliance/ids.ts';
import { openLog } from '../../appliance/log.ts';
import { readOptions } from '../../appliance/options.ts';
import { RateLimit } from '../../appliance/rate-limit.ts';
import { openMaster, sealWith } from '../../appliance/seal.ts';
import { asStartError, StartError } from '../../appliance/start-error.ts';
import { Stops } from '../../appliance/stops.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

describe('ids', () => {
  test('sort by the moment they were made and carry version 7', () => {
    const ids = [1_000, 2_000, 1_795_000_000_000].map(newId);
    expect([...ids].sort()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('are all different within one millisecond', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newId(5))).size).toBe(1_000);
  });
});

describe('options', () => {
  test('defaults are those of the contract', () => {
    const options = readOptions([], {});
    expect(options).toMatchObject({
      httpPort: 8080,
      httpsPort: 8443,
      mdns: true,
      selfAgent: true,
      hosts: [],
      logLevel: 'info',
    });
    expect(options.data).toBe(path.resolve('./data'));
  });

  test('the environment counts and a flag wins over it', () => {
    const env = { REEVE_HTTP_PORT: '1', REEVE_MDNS: 'off', REEVE_HOSTS: 'a.lan, b.lan', REEVE_DATA: '' };
    expect(readOptions(['--http-port', '2'], env)).toMatchObject({
      httpPort: 2,
      mdns: false,
      hosts: ['a.lan', 'b.lan'],
    });
  });

  test('every wrong one is named with its variable, its flag and the cure', () => {
    const wrong = () => readOptions([], { REEVE_HTTP_PORT: '99999', REEVE_MDNS: 'perhaps', REEVE_KEY: 'short' });
    expect(wrong).toThrow(StartError);
    expect(wrong).toThrow(/REEVE_HTTP_PORT \(--http-port\): a port is at most 65535/);
    expect(wrong).toThrow(/REEVE_MDNS \(--mdns\): say on or off/);
    expect(wrong).toThrow(/REEVE_KEY \(--key\): 32 bytes in hex/);
  });

  test.each([
    ['REEVE_HTTP_PORT', 'abc', /a port is a whole number from 0 to 65535/],
    ['REEVE_LOG_LEVEL', 'loud', /say fatal, error, warn/],
    ['REEVE_TRUST_PROXY', 'nonsense', /addresses or networks of your proxies/],
    ['REEVE_TRUST_PROXY', '10.0.0.0/33', /addresses or networks of your proxies/],
    ['REEVE_HOSTS', 'https://reeve.example', /no https:/],
    ['REEVE_STORE', 'mysql://reeve@db/reeve', /REEVE_STORE \(--store\): it has to begin with postgres:/],
  ])('%s=%s is refused with the cure', (name, value, cure) => {
    expect(() => readOptions([], { [name]: value })).toThrow(cure);
  });

  test('proxies may be addresses, networks and the words for them', () => {
    const { trustProxy } = readOptions([], { REEVE_TRUST_PROXY: 'loopback, 10.0.0.2,fd00::/8' });
    expect(trustProxy).toEqual(['loopback', '10.0.0.2', 'fd00::/8']);
  });

  test('a password of the database that is given by itself wins, and no option shows it', () => {
    const env = { REEVE_STORE: 'postgres://reeve:o%20d@db.lan/reeve', REEVE_STORE_PASSWORD: 'new one' };
    const { store } = readOptions([], env);
    expect(store).toMatchObject({ host: 'db.lan', port: 5432, user: 'reeve', database: 'reeve' });
    expect(store?.password?.()).toBe('new one');
    expect(JSON.stringify(store)).not.toMatch(/o d|new one/);
    expect(readOptions([], { REEVE_STORE: env.REEVE_STORE }).store?.password?.()).toBe('o d');
    expect(readOptions([], { REEVE_STORE_PASSWORD: 'x' }).store).toBeUndefined();
  });

  test('an unknown flag is refused', () => {
    expect(() => readOptions(['--htp-port', '1'], {})).toThrow(/htp-port/);
  });
});

describe('seal', () => {
  const seal = sealWith(Buffer.alloc(32, 7));

  test('opens what it sealed, for the same purpose only', () => {
    const sealed = seal.seal('geheim ✓', 'mail password');
    expect(sealed).not.toContain('geheim');
    expect(seal.open(sealed, 'mail password')).toBe('geheim ✓');
    expect(() => seal.open(sealed, 'other')).toThrow();
  });

  test('refuses what was altered, cut or sealed with another key', () => {
    const sealed = seal.seal('secret', 'p');
    const altered = sealed.slice(0, -2) + (sealed.endsWith('A') ? 'B' : 'A') + sealed.slice(-1);
    for (const bad of [altered, sealed.slice(0, 20), '', 'v2.a.b.c', 'v1...'])
      expect(() => seal.open(bad, 'p')).toThrow();
    expect(() => sealWith(Buffer.alloc(32, 8)).open(sealed, 'p')).toThrow();
  });

  test('seals the same text differently each time', () => {
    expect(seal.seal('x', 'p')).not.toBe(seal.seal('x', 'p'));
  });

  test('the key file is made once, for the owner only, and read again', async () => {
    const dir = temporaryDirectory();
    const sealed = sealWith(await openMaster(dir)).seal('x', 'p');
    expect((await stat(path.join(dir, 'key'))).mode & 0o777).toBe(0o600);
    expect(sealWith(await openMaster(dir)).open(sealed, 'p')).toBe('x');
  });

  test('a key file that others may read, or that holds no key, is refused with the cure', async () => {
    const dir = temporaryDirectory();
    await writeFile(path.join(dir, 'key'), 'ab'.repeat(32), { mode: 0o644 });
    await expect(openMaster(dir)).rejects.toThrow(/chmod 600/);
    const other = temporaryDirectory();
    await writeFile(path.join(other, 'key'), 'nonsense', { mode: 0o600 });
    await expect(openMaster(other)).rejects.toThrow(/restore it from a backup/);
  });

  test('a folder in the place of the key is named', async () => {
    const dir = temporaryDirectory();
    await mkdir(path.join(dir, 'key'));
    const error = await openMaster(dir).catch((failure: unknown) => asStartError(failure, dir));
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).toContain(`${path.join(dir, 'key')} cannot be used: it is a folder`);
  });

  test('a key that was lost is not replaced while agents rely on it', async () => {
    const dir = temporaryDirectory();
    await expect(openMaster(dir, { mayBegin: false })).rejects.toThrow(/is missing.*backup.*REEVE_KEY/);
    await expect(stat(path.join(dir, 'key'))).rejects.toThrow(/ENOENT/);
  });

  test('REEVE_KEY takes the place of the file', async () => {
    const dir = temporaryDirectory();
    const hex = '01'.repeat(32);
    expect(
      sealWith(await openMaster(dir, { fromEnvironment: hex })).open(
        sealWith(Buffer.from(hex, 'hex')).seal('x', 'p'),
        'p',
      ),
    ).toBe('x');
    await expect(stat(path.join(dir, 'key'))).rejects.toThrow(/ENOENT/);
  });
});

describe('identity', () => {
  test('is made once and stays', async () => {
    const dir = temporaryDirectory();
    const id = await openIdentity(dir, 1_000);
    expect(await openIdentity(dir, 2_000)).toBe(id);
  });

  test('a lost one is not made anew while agents rely on it', async () => {
    const dir = temporaryDirectory();
    await expect(openIdentity(dir, 1, false)).rejects.toThrow(/is missing.*backup/);
    await expect(stat(path.join(dir, 'appliance.json'))).rejects.toThrow(/ENOENT/);
  });

  test('a damaged file refuses to start rather than become a stranger to every agent', async () => {
    const dir = temporaryDirectory();
    await writeFile(path.join(dir, 'appliance.json'), '{"id":');
    await expect(openIdentity(dir, 1)).rejects.toThrow(/restore it from a backup/);
  });
});

describe('rate limit', () => {
  test('lets through what fits in the window and the rest only later', () => {
    const limit = new RateLimit(2, 1_000);
    expect([limit.take('a', 0), limit.take('a', 10), limit.take('a', 20), limit.take('b', 20)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(limit.take('a', 1_005)).toBe(true);
  });

  test('gives a try back', () => {
    const limit = new RateLimit(1, 1_000);
    limit.take('a', 0);
    limit.clear('a');
    expect(limit.take('a', 1)).toBe(true);
  });

  test('does not grow with the number of strangers', () => {
    const limit = new RateLimit(1, 1_000_000);
    for (let n = 0; n < 20_000; n++) limit.take(`stranger ${n}`, n);
    expect(limit.size).toBe(10_000);
  });
});

describe('stops', () => {
  test('stops in reverse, and one failure does not keep the others', async () => {
    const done: string[] = [];
    const stops = new Stops((what) => done.push(`failed ${what}`));
    stops.add('first', () => done.push('first'));
    stops.add('second', () => Promise.reject(new Error('no')));
    stops.add('third', async () => void done.push('third'));
    await stops.stop();
    expect(done).toEqual(['third', 'failed second', 'first']);
  });
});

describe('log', () => {
  test('masks secrets at every depth and writes one JSON object a line', () => {
    const lines: string[] = [];
    const log = openLog({
      level: 'info',
      isTerminal: false,
      destination: { write: (line: string) => void lines.push(line) },
    });
    log.info({ password: 'canary', user: { token: 'canary', deep: { cookie: 'canary', name: 'kept' } } }, 'signed in');
    const [line = ''] = lines;
    expect(line).not.toContain('canary');
    expect(JSON.parse(line)).toMatchObject({ level: 'info', msg: 'signed in', user: { deep: { name: 'kept' } } });
  });
});

test('the start of a data directory leaves only files that the owner may read', async () => {
  const dir = temporaryDirectory();
  await openMaster(dir);
  expect(await readFile(path.join(dir, 'key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
});
