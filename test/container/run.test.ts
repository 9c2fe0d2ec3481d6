// The container as it is built without an engine, started by crun for somebody who is nobody in particular: user namespace, read-only root, no capability.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildContainer } from '../../image/container/build-oci.mjs';
import { makeDirectory, openToOthers } from '../helpers/directories.ts';
import { until } from '../helpers/until.ts';

const NOBODY = 65_534;
const folder = makeDirectory('reeve-container-');
const bundle = path.join(folder, 'bundle');
const root = path.join(bundle, 'rootfs');
const name = `reeve-test-${process.pid}`;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
interface Config {
  Cmd: string[];
  Env: string[];
  User: string;
  Healthcheck: { Test: string[] };
}
let config: Config;
let container: ChildProcess;
let said = '';

const tar = (...words: string[]) => expect(spawnSync('tar', words).status).toBe(0);

/** Unpacks the image of this machine, each piece by its hash. */
function unpack(archive: string): Config {
  const layout = path.join(folder, 'layout');
  for (const each of [layout, root]) mkdirSync(each, { recursive: true });
  tar('-xf', archive, '-C', layout);
  const blob = (digest: string) => path.join(layout, 'blobs/sha256', digest.slice(7));
  const read = (digest: string) => JSON.parse(readFileSync(blob(digest), 'utf8'));
  const [first] = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests;
  const { manifests } = read(first.digest) as { manifests: { digest: string; platform: { architecture: string } }[] };
  expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);
  const own = manifests.find(({ platform }) => platform.architecture === architecture)?.digest ?? '';
  for (const { digest } of read(own).layers) tar('-xzf', blob(digest), '-C', root, '--no-same-owner');
  return read(read(own).config.digest).config;
}

/** What an engine would make of the image: https://github.com/opencontainers/runtime-spec. */
function runtimeConfig({ Cmd, Env, User }: Config) {
  const [uid, gid] = User.split(':').map(Number);
  const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
  const tmpfs = (destination: string, size: string) => ({
    ...{ destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777', `size=${size}`] },
  });
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: Cmd,
      env: [...Env, 'REEVE_MDNS=off'],
      cwd: '/',
      noNewPrivileges: true,
      capabilities: none,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      tmpfs('/tmp', '64m'),
      {
        destination: '/data',
        type: 'bind',
        source: path.join(bundle, 'data'),
        options: ['bind', 'rw', 'nosuid', 'nodev'],
      },
    ],
    linux: {
      uidMappings: [{ containerID: uid, hostID: NOBODY, size: 1 }],
      gidMappings: [{ containerID: gid, hostID: NOBODY, size: 1 }],
      namespaces: ['pid', 'mount', 'ipc', 'uts', 'user', 'network'].map((type) => ({ type })),
    },
  };
}

/** crun refuses a mixture of old and new control groups, so it gets a view with the new ones alone, and nothing in it that is root's. */
function crun(...words: string[]): string[] {
  const view = 'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup; cd "$1"; shift; exec "$@"';
  const as = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const own = ['crun', '--cgroup-manager=disabled', '--root', path.join(folder, 'state')];
  return ['unshare', '--mount', 'sh', '-c', view, 'view', bundle, ...as, ...own, ...words];
}
const env = { PATH: process.env.PATH, XDG_RUNTIME_DIR: folder };
const inside = (...words: string[]) => {
  // Said anew, because crun takes root for who enters otherwise, and there is none in here.
  const [file = '', ...rest] = crun('exec', '--user', config.User, name, ...words);
  return promisify(execFile)(file, rest, { env }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stderr, stdout }) => ({ code: Number(code), text: `${stdout}${stderr}` }),
  );
};

beforeAll(async () => {
  config = unpack(await buildContainer(path.join(folder, 'built'), ['amd64', 'arm64']));
  mkdirSync(path.join(bundle, 'data'), { mode: 0o700 });
  writeFileSync(path.join(bundle, 'config.json'), JSON.stringify(runtimeConfig(config)));
  mkdirSync(path.join(folder, 'state'));
  openToOthers(folder);
  expect(spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, bundle, path.join(folder, 'state')]).status).toBe(0);
  const [file = '', ...words] = crun('run', name);
  container = spawn(file, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [container.stdout, container.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
});

afterAll(() => {
  container?.kill('SIGKILL');
  spawnSync(crun('delete', '--force', name)[0] ?? '', crun('delete', '--force', name).slice(1), { env });
});

test('a rootless runtime starts it, and it says its set-up link', async () => {
  await until(() => /\/#code=\S+/.test(said), { timeoutMs: 60_000, what: 'the set-up link' }).catch((error) => {
    throw new Error(`${error.message}\n${said}`);
  });
  expect(readFileSync(path.join(bundle, 'data/format.json'), 'utf8')).toContain('format');
});

test('its health check says that it is well', async () => {
  const [, ...check] = config.Healthcheck.Test;
  expect(await inside(...check)).toEqual({ code: 0, text: '' });
});

test('it has no capability, is nobody, cannot write where it runs, and holds no shell', async () => {
  const script = `const { readFileSync, writeFileSync } = require('node:fs');
const tried = ['/reeve/x', '/usr/x', '/etc/x', '/x', '/tmp/x', '/data/x'].filter((file) => { try { writeFileSync(file, ''); return true; } catch { return false; } });
const status = readFileSync('/proc/1/status', 'utf8');
console.log(JSON.stringify({ tried, uid: process.getuid(), caps: /CapBnd:\\s*(\\S+)/.exec(status)[1], more: /NoNewPrivs:\\s*(\\d)/.exec(status)[1] }));`;
  const { text } = await inside('node', '-e', script);
  expect(JSON.parse(text)).toEqual({ tried: ['/tmp/x', '/data/x'], uid: 10001, caps: '0000000000000000', more: '1' });
  expect((await inside('/bin/sh', '-c', 'true')).code).not.toBe(0);
});

test('told to stop, it ends by itself', async () => {
  const [file = '', ...words] = crun('kill', name, 'TERM');
  await promisify(execFile)(file, words, { env });
  await until(() => container.exitCode !== null, { timeoutMs: 20_000, what: 'the end of the container' });
  expect(container.exitCode).toBe(0);
});
