import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { packsIn } from '../../../appliance/agents/packs.ts';
import { releasesIn } from '../../../appliance/agents/releases.ts';
import { Unpacking, type UnpackingParts } from '../../../appliance/agents/unpacking.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { addExecutable } from '../../helpers/executables.ts';
import { addPack, unzstd } from '../../helpers/packs.ts';
import { makeDirectory } from '../../helpers/temporary.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const never = new AbortController().signal;

let distDir: string;
let script: string;
let ready: string;
/** As Node is in an executable of its own platform: all of it, with more in the middle and behind. */
const node = randomBytes(150_001);
const linux = Buffer.concat([node.subarray(0, 70_003), randomBytes(5_000), node.subarray(70_003), randomBytes(9_000)]);
/** As another platform is: some of it the same, elsewhere. */
const windows = Buffer.concat([randomBytes(40_000), linux.subarray(20_000, 90_000), Buffer.alloc(70_000, 'text')]);

beforeEach(() => {
  distDir = makeAgentDist();
  script = sha256(readFileSync(path.join(distDir, 'agent/agent.cjs')));
  ready = path.join(makeDirectory(), 'ready');
  writeFileSync(path.join(distDir, 'node'), node);
});

const addLinux = (record?: object) =>
  addPack({
    ...{ distDir, platform: 'linux-x64', bytes: linux, reference: { name: 'node', bytes: node } },
    ...(record && { record }),
  });
const addWindows = () =>
  addPack({ distDir, platform: 'win32-x64', bytes: windows, reference: { name: 'linux-x64', bytes: linux } });
const found = () => packsIn([{ dir: path.join(distDir, 'packs') }], script);

function unpackingWith(parts: Partial<UnpackingParts> = {}) {
  const base = { dir: ready, freeBytes: async () => 1e12, onReady: async () => undefined };
  return new Unpacking({ ...base, node: path.join(distDir, 'node'), ...unzstd, ...parts });
}

/** Makes what can be made; answers why the others could not, and what is handed out then, unpacked. */
async function made(parts?: Partial<UnpackingParts>) {
  const { packs, leftOut } = await found();
  const failed = await unpackingWith(parts).make(packs, never);
  const signed = (platform: string) => packs.find((pack) => pack.platform === platform)?.sha256;
  const { releases = [] } = (await releasesIn(distDir, { dir: ready, signed })) ?? {};
  const files = releases.filter(({ platform }) => platform !== 'script').flatMap((release) => release.files);
  const out = Object.fromEntries(
    files.map(({ file, sha256: sum }) => {
      const packed = readFileSync(file);
      expect(sha256(packed)).toBe(sum);
      return [path.basename(file), gunzipSync(packed)];
    }),
  );
  const reasons = Object.fromEntries([...leftOut, ...failed].map(({ platform, reason }) => [platform, reason]));
  return { out, reasons };
}

describe('a packed executable', () => {
  test('comes out as it was, from Node and from the executable of another platform, and is handed out for gzip', async () => {
    const { pack } = await addLinux();
    expect(readFileSync(pack).length).toBeLessThan(20_000);
    expect(readFileSync((await addWindows()).pack).length).toBeLessThan(50_000);
    const { out, reasons } = await made();
    expect(reasons).toEqual({});
    expect(Object.keys(out)).toEqual(['linux-x64.gz', 'win32-x64.gz']);
    expect(out['linux-x64.gz']?.equals(linux)).toBe(true);
    expect(out['win32-x64.gz']?.equals(windows)).toBe(true);
    expect(readdirSync(path.dirname(ready))).toEqual(['ready']);
  });

  test('is unpacked once: only what is missing, changed or of another version is made again', async () => {
    await addLinux();
    await addWindows();
    const told: number[] = [];
    const onReady = async () => void told.push(1);
    await made({ onReady });
    expect(told).toHaveLength(2);
    await made({ onReady });
    expect(told).toHaveLength(2);
    truncateSync(path.join(ready, 'win32-x64.gz'), 10);
    const rotten = readFileSync(path.join(ready, 'linux-x64.gz'));
    rotten[5_000] = (rotten[5_000] ?? 0) ^ 4;
    writeFileSync(path.join(ready, 'linux-x64.gz'), rotten);
    writeFileSync(path.join(ready, 'plan9-x64.gz'), 'of a version before');
    const { out } = await made({ onReady });
    expect(told).toHaveLength(4);
    expect(out['linux-x64.gz']?.equals(linux)).toBe(true);
    expect(out['win32-x64.gz']?.equals(windows)).toBe(true);
    expect(readdirSync(ready).filter((name) => name.startsWith('plan9'))).toEqual([]);
  });

  test('is not handed out where it is damaged, cut short, or Node is another', async () => {
    const { pack } = await addLinux();
    const whole = readFileSync(pack);
    for (const at of [20, 5_000, whole.length - 3]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      writeFileSync(pack, damaged);
      const { out, reasons } = await made();
      expect(out, `byte ${at}`).toEqual({});
      expect(reasons['linux-x64']).toMatch(/damaged|come out/);
    }
    writeFileSync(pack, whole.subarray(0, -1));
    expect((await made()).reasons['linux-x64']).toContain('not whole');
    writeFileSync(pack, whole);
    const other = Buffer.from(node);
    other[90_000] = (other[90_000] ?? 0) ^ 1;
    writeFileSync(path.join(distDir, 'node'), other);
    expect(await made()).toEqual({ out: {}, reasons: { 'linux-x64': expect.stringMatching(/damaged|come out/) } });
    expect(readdirSync(ready)).toEqual([]);
  });

  test('is not handed out where its record says other bytes than there are, and never takes more of the disk than that says', async () => {
    const cases: [object, RegExp][] = [
      [{ sha256: '0'.repeat(64) }, /does not come out as it was signed/],
      [{ size: 40_000 }, /damaged|another size/],
      [{ size: linux.length + 40_000 }, /another size|too early/],
      [{ chunks: [] }, /record is not one/],
      [{ chunkSize: 64 * 1024 ** 2 }, /record is not one/],
      [{ pieceSize: 2 * 1024 ** 2 }, /record is not one/],
      [{ size: 4 * 1024 ** 3 }, /record is not one/],
      [{ chunks: [{ bytes: 100, pieces: [-1] }] }, /record is not one/],
      [{ chunks: [{ bytes: 100, pieces: [999_999] }] }, /damaged/],
      [{ platform: '../../etc' }, /record is not one/],
      [{ reference: '../../etc/passwd' }, /record is not one/],
      [{ format: 2 }, /record is not one/],
      [{ script: '1'.repeat(64) }, /another version of the agent/],
    ];
    for (const [record, why] of cases) {
      await addLinux(record);
      const { out, reasons } = await made();
      expect(out).toEqual({});
      expect(reasons['linux-x64'], JSON.stringify(record)).toMatch(why);
    }
  });

  test('is left out with a reason where what it was packed with is not there, or each was packed with the other', async () => {
    await addWindows();
    expect((await made()).reasons['win32-x64']).toContain('linux-x64, which is not there');
    await addLinux({ reference: 'win32-x64' });
    expect(Object.values((await made()).reasons)).toEqual([
      expect.stringContaining('which is not there'),
      expect.stringContaining('which is not there'),
    ]);
  });

  test('is left out with reason and cure where only its record is there, or a bundle of before brought it in another form', async () => {
    rmSync((await addLinux()).pack);
    addExecutable(distDir, 'win32-x64', 'for gzip and xz');
    renameSync(path.join(distDir, 'executables/win32-x64.json'), path.join(distDir, 'packs/win32-x64.json'));
    writeFileSync(path.join(distDir, 'packs/manifest.json'), '{}');
    expect(await made()).toEqual({
      out: {},
      reasons: {
        'linux-x64': expect.stringContaining('linux-x64.pack'),
        'win32-x64': expect.stringContaining('bring the bundle of executables by Update from a file'),
      },
    });
  });

  test('waits for room on the disk', async () => {
    await addLinux();
    const { out, reasons } = await made({ freeBytes: async () => 50e6 });
    expect([out, reasons['linux-x64']]).toEqual([{}, expect.stringContaining('free some space')]);
    expect(Object.keys((await made()).out)).toEqual(['linux-x64.gz']);
  });

  test('leaves nothing behind where the appliance stops meanwhile', async () => {
    await addLinux();
    await addWindows();
    const { packs } = await found();
    const ending = new AbortController();
    const stop = async () => ending.abort();
    expect(await unpackingWith({ onReady: stop }).make(packs, ending.signal)).toEqual([]);
    expect(readdirSync(ready).sort()).toEqual(['linux-x64.gz', 'linux-x64.json']);
    expect(existsSync(`${ready}.work`)).toBe(false);
    mkdirSync(`${ready}.work`);
    writeFileSync(`${ready}.work/win32-x64.gz`, 'half');
    expect(Object.keys((await made()).out)).toEqual(['linux-x64.gz', 'win32-x64.gz']);
    expect(existsSync(`${ready}.work`)).toBe(false);
  });

  test('stays where it is when the appliance stops while it is read again', async () => {
    await addLinux();
    await made();
    const ending = new AbortController();
    const making = unpackingWith().make((await found()).packs, ending.signal);
    ending.abort();
    expect(await making).toEqual([]);
    expect(readdirSync(ready).sort()).toEqual(['linux-x64.gz', 'linux-x64.json']);
  });

  test('is handed out only while what lies there is what was signed', async () => {
    await addLinux();
    await made();
    const record = path.join(ready, 'linux-x64.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace(sha256(linux), sha256(windows)));
    const { packs } = await found();
    const signed = (platform: string) => packs.find((pack) => pack.platform === platform)?.sha256;
    const { releases, leftOut } = (await releasesIn(distDir, { dir: ready, signed })) ?? {};
    expect(releases?.map(({ platform }) => platform)).toEqual(['script']);
    expect(leftOut?.[0]?.reason).toContain('did not sign it');
    rmSync(ready, { recursive: true });
  });
});
