import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import { configOf } from '../../image/container/dockerfile.mjs';
import { writeImage, writeIndex, writeLayer } from '../../image/container/layout.mjs';
import { MACHINES } from '../../image/container/parts.mjs';
import { entriesOf, headerOf, tarPieces } from '../../image/container/tar.mjs';
import { makeDirectory } from '../helpers/directories.ts';
import { ROOT } from '../helpers/root.ts';

const time = 1_700_000_000;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const entries = [
  { path: 'usr/bin/b', kind: 'file', mode: 0o755, bytes: Buffer.from('x'.repeat(700)) },
  { path: `${'deep/'.repeat(30)}file`, kind: 'file', mode: 0o644, uid: 10001, gid: 10001, bytes: Buffer.from('text') },
  { path: 'lib', kind: 'link', mode: 0o777, link: 'usr/lib' },
  { path: 'data', kind: 'folder', mode: 0o700, uid: 10001, gid: 10001 },
];
const tarOf = (of: typeof entries) =>
  Buffer.concat([...tarPieces(of, { time, bytesOf: ({ bytes }: { bytes: Buffer }) => bytes })]);

describe('a tar of the container', () => {
  it('is read by tar as it was meant, sorted, with one time', () => {
    const { stdout } = spawnSync(
      'tar',
      ['--list', '--verbose', '--numeric-owner', '--utc', '--full-time', '--file', '-'],
      {
        input: tarOf(entries),
        encoding: 'utf8',
      },
    );
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'drwx------ 10001/10001',
      '-rw-r--r-- 10001/10001',
      'lrwxrwxrwx 0/0',
      '-rwxr-xr-x 0/0',
    ]);
    expect(lines.every((line) => line.includes(' 2023-11-14 22:13:20 '))).toBe(true);
    expect(lines[2]).toMatch(/ lib -> usr\/lib$/);
  });

  it('is the same whatever order its files came in, and is read back', () => {
    expect(tarOf(entries.toReversed())).toEqual(tarOf(entries));
    const read = entriesOf(tarOf(entries));
    expect(read.map(({ path: name }) => name)).toEqual(entries.map(({ path: name }) => name).toSorted());
    expect(read.at(-1)).toMatchObject({ mode: 0o755, bytes: entries[0]?.bytes });
  });

  it('is refused where a name does not fit, never cut', () => {
    const long = { path: 'x'.repeat(101), kind: 'file', mode: 0o644 };
    expect(() => headerOf(long, { time })).toThrow('the path is too long for a tar');
    expect(() => headerOf({ ...long, path: 'a', kind: 'link', link: 'y'.repeat(101) }, { time })).toThrow(
      'target of a link',
    );
  });
});

test('a layout names every piece by its hash and its length, down to what the layers hold unpacked', async () => {
  const layout = makeDirectory();
  const layer = { name: 'all', ...(await writeLayer(layout, entries, { time })) };
  const about = { layers: [layer], config: { Cmd: ['node'] }, created: '2023-11-14T22:13:20.000Z', annotations: {} };
  const manifests = ['amd64', 'arm64'].map((architecture) => writeImage(layout, { architecture, ...about }));
  writeIndex(layout, { manifests, name: 'reeve:1.2.3', annotations: {} });
  const blob = (digest: string) => readFileSync(path.join(layout, 'blobs/sha256', digest.slice('sha256:'.length)));
  const seen = new Set<string>();
  const follow = ({ digest, size, mediaType }: { digest: string; size: number; mediaType: string }): void => {
    const bytes = blob(digest);
    expect(`sha256:${sha256(bytes)}`).toBe(digest);
    expect(bytes).toHaveLength(size);
    seen.add(digest.slice('sha256:'.length));
    if (mediaType.endsWith('+gzip')) return;
    const { manifests: inner = [], config, layers = [] } = JSON.parse(bytes.toString());
    for (const each of [...inner, ...(config?.digest ? [config] : []), ...layers]) follow(each);
  };
  const [first] = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests;
  expect(first.annotations['org.opencontainers.image.ref.name']).toBe('1.2.3');
  follow(first);
  expect([...seen].toSorted()).toEqual(readdirSync(path.join(layout, 'blobs/sha256')).toSorted());
  expect(manifests.map(({ platform }) => platform)).toEqual([
    { architecture: 'amd64', os: 'linux' },
    { architecture: 'arm64', os: 'linux', variant: 'v8' },
  ]);
  expect(layer.diffId).toBe(`sha256:${sha256(gunzipSync(blob(layer.descriptor.digest)))}`);
});

test('the container without Docker is run as the Dockerfile says, with the same Node', () => {
  const dockerfile = readFileSync(path.join(ROOT, 'image/container/Dockerfile'), 'utf8');
  const config = configOf(dockerfile);
  expect(config).toMatchObject({
    User: '10001:10001',
    Volumes: { '/data': {} },
    ExposedPorts: { '8080/tcp': {}, '8443/tcp': {}, '5353/udp': {} },
    StopSignal: 'SIGTERM',
    Healthcheck: { Interval: 30e9, Timeout: 5e9, StartPeriod: 60e9, Retries: 3 },
  });
  expect(config.Env).toContain('REEVE_DATA=/data');
  expect(config.Cmd.at(-1)).toBe('/reeve/dist/appliance/main.js');
  expect(config.Healthcheck.Test.slice(0, 3)).toEqual(['CMD', 'node', '-e']);
  const [, version] = /^ARG NODE=(\d+\.\d+\.\d+)/m.exec(dockerfile) ?? [];
  for (const { node } of Object.values(MACHINES)) expect(node.part.split('@')[1]).toBe(version);
});

test('debs that are not what is pinned are not used', async () => {
  const { debTar } = await import('../../image/container/parts.mjs');
  const wanted = `${process.pid}`.padStart(64, '0');
  const file = path.join(ROOT, 'dist/.parts', `${wanted}.deb`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'another');
  try {
    await expect(debTar('x/y.deb', wanted)).rejects.toThrow('is not what image/container/parts.mjs pins');
  } finally {
    (await import('node:fs')).rmSync(file);
  }
});
