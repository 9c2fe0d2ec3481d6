import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { AgentPrograms } from '../../../appliance/machine/agent-programs.ts';
import { type BundleHead, readHead } from '../../../appliance/machine/bundle.ts';
import { executablesOf, makeBundle } from '../../../image/os/bundle.mjs';
import { version } from '../../../image/os/release.mjs';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { addExecutable } from '../../helpers/executables.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { addPack, unzstd } from '../../helpers/packs.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const PIECE = 4 << 20;
/** What the executables are packed with. */
const node = Buffer.from('the Node of the image');
let dir: string;
const at = (...parts: string[]) => join(dir, ...parts);
beforeEach(() => {
  dir = temporaryDirectory();
  for (const folder of ['run', 'orders', 'data']) mkdirSync(at(folder));
  const image = { version: version(), board: 'vm', slot: 'A', returnedFrom: null, resetAt: null };
  writeFileSync(at('run/image.json'), JSON.stringify({ ...image, other: { version: null, state: 'empty' } }));
  writeFileSync(at('node'), node);
  writeFileSync(at('key.pem'), createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
});

/** An image whose build holds the agent as a script only, unless `distDir` is another. */
async function started(more: { updateKey?: string; systemRun?: string; distDir?: string } = {}): Promise<InProcess> {
  const bench = await startInProcess({
    ...{ data: at('data'), distDir: makeAgentDist(), systemRun: at('run'), systemOrders: at('orders') },
    ...{ updateKey: at('key.pem'), unpack: { afterMs: 0, node: at('node'), ...unzstd }, ...more },
  });
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await bench.stop();
    isStopped = true;
  };
  onTestFinished(stop);
  return { ...bench, stop };
}

/** The bundle that `node image/os/build.mjs executables vm` makes, out of small ones. */
async function bundleOf(
  programs: Record<string, string>,
  { key = privateKey, about = {} }: { key?: KeyObject; about?: object } = {},
) {
  const distDir = makeAgentDist();
  const packs: Record<string, { json: string; pack: string }> = {};
  for (const [platform, text] of Object.entries(programs)) {
    const bytes = Buffer.from(`${node}${text}`);
    packs[platform] = await addPack({ distDir, platform, bytes, reference: { name: 'node', bytes: node } });
  }
  writeFileSync(at('LICENCES.txt'), 'of everything inside');
  const made = executablesOf(packs, { licences: at('LICENCES.txt'), architecture: 'amd64' });
  const file = at('bundle.update');
  makeBundle({ file, folder: dir, parts: made.parts, about: { ...made.about, ...about }, key });
  return readFileSync(file);
}

async function bring(reeve: InProcess, bundle: Buffer) {
  const { body } = await reeve.call('POST', '/api/v1/machine/update/uploads');
  const url = `${reeve.http}/api/v1/machine/update/uploads/${body.uploadId}?offset=0&last=true`;
  expect(bundle.length).toBeLessThan(PIECE);
  const headers = { cookie: reeve.cookie(), 'content-type': 'application/octet-stream' };
  const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bundle) });
  return { status: answer.status, body: (await answer.json()) as { detail?: string; version?: string } };
}

/** What is handed out for hosts of a platform, unpacked, without Node before it; or the status where there is nothing. */
async function fetched(reeve: InProcess, platform: string) {
  const answer = await fetch(`${reeve.http}/agent/${platform}.gz`);
  if (!answer.ok) return answer.status;
  return gunzipSync(await answer.arrayBuffer())
    .toString()
    .replace(node.toString(), '');
}
const handsOut = (reeve: InProcess, platform: string, text: string) =>
  until(async () => (await fetched(reeve, platform)) === text, { what: `${platform} is handed out` });
function headOf(file: string): BundleHead {
  const head = readHead(readFileSync(file));
  if (!head) throw new Error(`${file} has no head`);
  return head;
}

describe('executables of the agent that are brought to an image as one signed bundle', () => {
  test('are handed out when they are unpacked, told by the installer, and again after a start', async () => {
    const reeve = await started();
    await reeve.setUp();
    expect(await fetched(reeve, 'linux-x64')).toBe(404);
    const bundle = await bundleOf({ 'linux-x64': 'an executable', 'win32-x64': 'another one' });
    expect(await bring(reeve, bundle)).toEqual({ status: 200, body: { bytes: bundle.length, version: version() } });
    await handsOut(reeve, 'linux-x64', 'an executable');
    await handsOut(reeve, 'win32-x64', 'another one');
    expect(String((await reeve.call('GET', '/install.sh')).body)).toContain('linux-x64 gz ');
    const { items } = (await reeve.call('GET', '/api/v1/agents/releases')).body as unknown as {
      items: { program: string }[];
    };
    expect(items.map(({ program }) => program)).toEqual(['linux-x64', 'script', 'win32-x64']);
    expect(readdirSync(at('orders'))).toEqual([]);
    await reeve.stop();
    expect(await fetched(await started(), 'linux-x64')).toBe('an executable');
  });

  test('come with the image too, where those that were brought are only for other hosts', async () => {
    const distDir = makeAgentDist();
    const bytes = Buffer.from(`${node}of the image`);
    await addPack({ distDir, platform: 'linux-x64', bytes, reference: { name: 'node', bytes: node } });
    const reeve = await started({ distDir });
    await reeve.setUp();
    await handsOut(reeve, 'linux-x64', 'of the image');
    await bring(reeve, await bundleOf({ 'linux-x64': 'brought', 'win32-x64': 'brought too' }));
    await handsOut(reeve, 'win32-x64', 'brought too');
    expect(await fetched(reeve, 'linux-x64')).toBe('of the image');
  });

  test('are left out at the start where somebody changed what was signed', async () => {
    const reeve = await started();
    await reeve.setUp();
    await bring(reeve, await bundleOf({ 'linux-x64': 'an executable', 'win32-x64': 'another one' }));
    await handsOut(reeve, 'win32-x64', 'another one');
    await reeve.stop();
    const record = at('data/executables/linux-x64.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"1.2.3"', '"1.2.4"'));
    const again = await started();
    expect(await fetched(again, 'linux-x64')).toBe(404);
    expect(await fetched(again, 'win32-x64')).toBe('another one');
    await again.stop();
    const manifest = at('data/executables/manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format": 1', '"format":  1'));
    expect(await fetched(await started(), 'win32-x64')).toBe(404);
  });

  test('are taken without a signature only where the machine is somebody’s own and no image', async () => {
    const built = makeAgentDist();
    addExecutable(built, 'linux-x64', 'put there by hand');
    mkdirSync(at('data/executables'));
    for (const name of readdirSync(join(built, 'executables')))
      writeFileSync(at('data/executables', name), readFileSync(join(built, 'executables', name)));
    const image = await started();
    await image.setUp();
    expect(await fetched(image, 'linux-x64')).toBe(404);
    await image.stop();
    expect(await fetched(await started({ systemRun: '/nonexistent' }), 'linux-x64')).toBe('put there by hand');
  });

  test('are refused with reason and cure where they are not of this image’s maker, version and processor or not whole, and those before them stay', async () => {
    const reeve = await started();
    await reeve.setUp();
    await bring(reeve, await bundleOf({ 'linux-x64': 'the first' }));
    await handsOut(reeve, 'linux-x64', 'the first');
    const programs = { 'linux-x64': 'the second' };
    const foreign = await bundleOf(programs, { key: generateKeyPairSync('ed25519').privateKey });
    const other = await bundleOf(programs, { about: { version: '9.9.9' } });
    const forPi = await bundleOf(programs, { about: { architecture: 'arm64' } });
    const whole = await bundleOf(programs);
    const changed = Buffer.from(whole);
    const where = changed.indexOf('linux-x64.pack\0') + 512 + 5;
    changed[where] = (changed[where] ?? 0) ^ 1;
    const cases: [Buffer, string][] = [
      [foreign, 'not signed by who made this image'],
      [other, `take reeve-${version()}-vm-executables.update`],
      [forPi, `another kind: take reeve-${version()}-vm-executables.update`],
      [changed, 'linux-x64.pack is not what was signed'],
      [whole.subarray(0, 2_600), 'cut short'],
    ];
    for (const [bundle, why] of cases) {
      const { status, body } = await bring(reeve, bundle);
      expect({ status, detail: body.detail }).toEqual({ status: 422, detail: expect.stringContaining(why) });
      expect(await fetched(reeve, 'linux-x64')).toBe('the first');
      expect(existsSync(at('data/executables.next'))).toBe(false);
      expect(readdirSync(at('orders'))).toEqual([]);
    }
  });

  test('come back where the power went while others took their place', async () => {
    const reeve = await started();
    await reeve.setUp();
    await bring(reeve, await bundleOf({ 'linux-x64': 'the first' }));
    await handsOut(reeve, 'linux-x64', 'the first');
    await reeve.stop();
    renameSync(at('data/executables'), at('data/executables.former'));
    mkdirSync(at('data/executables.next'));
    writeFileSync(at('data/executables.next/linux-x64.pack'), 'half of the seco');
    expect(await fetched(await started(), 'linux-x64')).toBe('the first');
    const folders = ['executables', 'executables.ready'];
    expect(readdirSync(at('data')).filter((name) => /^executables(?!\.work)/.test(name))).toEqual(folders);
  });

  test('give way only to whole ones: of two bundles that come at once one waits for the other', async () => {
    const programs = new AgentPrograms({ dir: at('brought'), keyFile: at('key.pem'), freeBytes: async () => 1e12 });
    const whole: string[] = [];
    for (const [n, text] of ['the first', 'the second', 'the third'].entries()) {
      const file = at(`${n}.update`);
      writeFileSync(file, await bundleOf({ 'linux-x64': text }));
      whole.push(file);
    }
    await Promise.all(whole.map((file) => programs.install(file, headOf(file))));
    const signed = await programs.signed();
    for (const name of ['linux-x64.json', 'linux-x64.pack'])
      expect(
        createHash('sha256')
          .update(readFileSync(at('brought', name)))
          .digest('hex'),
      ).toBe(signed(name));
    expect(readFileSync(at('brought/manifest.json'))).toEqual(headOf(at('2.update')).bytes);
    expect(readdirSync(dir).filter((name) => name.startsWith('brought'))).toEqual(['brought']);
  });

  test('are refused by an image that has no key', async () => {
    const reeve = await started({ updateKey: at('nowhere.pem') });
    await reeve.setUp();
    expect((await bring(reeve, await bundleOf({ 'linux-x64': 'x' }))).body.detail).toContain('has no key');
    expect(existsSync(at('data/executables'))).toBe(false);
  });
});
