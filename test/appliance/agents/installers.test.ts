import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Installers } from '../../../appliance/agents/installers.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { addExecutable } from '../../helpers/executables.ts';
import { startInProcess } from '../../helpers/in-process.ts';

const target = { hub: 'https://reeve.local:8443', pin: 'PIN=' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function opened(distDir = makeAgentDist('// agent\n')) {
  const installers = await Installers.open(distDir);
  if (!installers) throw new Error('no installers');
  return installers;
}

describe('the installers', () => {
  test('hold address, key and hashes, and no word is left unfilled', async () => {
    const distDir = makeAgentDist('// agent\n');
    const [arm, exe] = ['linux-arm64', 'win32-x64'].map((platform) => addExecutable(distDir, platform, platform));
    const installers = await opened(distDir);
    const ofAll = [['linux-arm64', arm] as const, ['win32-x64', exe] as const];
    for (const [text, platforms] of [
      [installers.shell(target), ofAll] as const,
      [installers.powerShell(target), ofAll.slice(1)] as const,
    ]) {
      expect(text).toContain("'https://reeve.local:8443'");
      expect(text).toContain("'PIN='");
      expect(text).toContain(sha256('// agent\n'));
      for (const [platform, packed] of platforms)
        for (const packing of ['xz', 'gz'])
          expect(text).toContain(`${platform} ${packing} ${packed} ${sha256(platform)}\n`.trimEnd());
      expect(text).not.toMatch(/@[A-Z0-9_]+@/);
    }
  });

  test('leave a line for Windows good that was shown before executables for other systems were there', async () => {
    const distDir = makeAgentDist('// agent\n');
    addExecutable(distDir, 'win32-x64', 'of Windows');
    const before = (await opened(distDir)).powerShell(target);
    addExecutable(distDir, 'darwin-x64', 'of macOS');
    addExecutable(distDir, 'linux-arm64', 'of Linux');
    const after = await opened(distDir);
    expect(after.shell(target)).toContain('darwin-x64 gz ');
    expect(after.powerShell(target)).toBe(before);
  });

  test('are a shell script that a plain shell can read, and do nothing when they come in half', async () => {
    const text = (await opened()).shell(target);
    execFileSync('sh', ['-n'], { input: text });
    for (const part of [0.3, 0.6, 0.99]) {
      const { stdout } = spawnSync('sh', { input: text.slice(0, text.length * part), encoding: 'utf8' });
      expect(stdout).toBe('');
    }
  });

  test('say what they take, and refuse what they do not know before anything else', async () => {
    const file = path.join(makeDirectory(), 'install.sh');
    writeFileSync(file, (await opened()).shell(target));
    expect(execFileSync('sh', [file, '--help'], { encoding: 'utf8' })).toContain('REEVE_TOKEN');
    const { status, stderr } = spawnSync('sh', [file, '--purge'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('there is no option --purge');
  });

  test('where the agent was not built there are none', async () => {
    expect(await Installers.open(makeDirectory())).toBeUndefined();
  });
});

describe('the installer takes an executable', () => {
  /** Runs its own functions as on a machine without Node and xz, where `curl` fetches out of the build folder. */
  function take(installers: Installers, distDir: string, also = ':') {
    const fresh = makeDirectory();
    const machine = 'OS=linux ARCH=x64 LIBC=; has() { [ "$1" != xz ] && command -v "$1" >/dev/null; }';
    const network = `curl() { cp '${distDir}/executables/'"\${4##*/}" "$6"; }`;
    const functions = installers.shell(target).replace(/main "\$@"\n$/, '');
    const script = [functions, machine, also, network, `get_executable '${fresh}'`].join('\n');
    const { status, stderr } = spawnSync('sh', { input: script, encoding: 'utf8' });
    return { status, stderr, files: readdirSync(fresh) };
  }
  const program = '#!/bin/sh\necho 1.2.3\n';

  test('that is what was promised, and runs', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-x64', program);
    expect(take(await opened(distDir), distDir)).toEqual({ status: 0, stderr: '', files: ['reeve-agent'] });
  });

  test('but not another one: it is not even unpacked', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-x64', program);
    const installers = await opened(distDir);
    addExecutable(distDir, 'linux-x64', `${program}echo more\n`);
    const { status, stderr, files } = take(installers, distDir);
    expect([status, files]).toEqual([1, ['packed']]);
    expect(stderr).toContain('agent/linux-x64.gz is not what the appliance promised');
  });

  test('nor one that was changed before it was packed, whose hash the appliance could not know', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-x64', '#!/bin/sh\ntouch "$0.ran"\n', { sha256: sha256(program) });
    const { status, stderr, files } = take(await opened(distDir), distDir);
    expect([status, files]).toEqual([1, ['packed', 'reeve-agent']]);
    expect(stderr).toContain('does not hold what was promised');
  });

  test('in the form for gzip also where there is xz, if the appliance has no other', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-x64', program);
    const record = path.join(distDir, 'executables/linux-x64.json');
    const { files, ...rest } = JSON.parse(readFileSync(record, 'utf8'));
    writeFileSync(record, JSON.stringify({ ...rest, files: { gz: files.gz } }));
    expect(take(await opened(distDir), distDir, 'has() { command -v "$1" >/dev/null || [ "$1" = xz ]; }')).toEqual({
      ...{ status: 0, stderr: '', files: ['reeve-agent'] },
    });
  });

  test('nor one that does not run here, before anything of the old one was touched', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-x64', '#!/bin/sh\nexit 1\n');
    const { status, stderr } = take(await opened(distDir), distDir);
    expect([status, stderr]).toEqual([1, expect.stringContaining('needs glibc 2.28')]);
  });

  test('and where the appliance has none for it, it says what to do', async () => {
    const distDir = makeAgentDist();
    addExecutable(distDir, 'linux-arm64', program);
    const { status, stderr } = take(await opened(distDir), distDir);
    expect(status).toBe(1);
    expect(stderr).toContain('no executable for linux-x64: install Node');
    expect(stderr).toContain('npm run build:executables');
  });
});

test('an appliance hands out installers that name the address they were asked at, and executables as they are packed', async () => {
  const distDir = makeAgentDist();
  addExecutable(distDir, 'linux-x64', 'elf');
  const { http, setUp, stop } = await startInProcess({ distDir });
  await setUp();
  const asked = (url: string) => fetch(`${http}${url}`);
  const script = await asked('/install.sh');
  expect(script.headers.get('content-type')).toContain('text/x-shellscript');
  expect(await script.text()).toMatch(/^HUB='https:\/\/[^']+:\d+'$/m);
  expect(await (await asked('/install.ps1')).text()).toContain('#Requires -RunAsAdministrator');
  for (const packing of ['gz', 'xz']) {
    const packed = Buffer.from(await (await asked(`/agent/linux-x64.${packing}`)).arrayBuffer());
    expect(gunzipSync(packed).toString()).toBe('elf');
  }
  for (const [name, status] of [
    ['plan9-x64.gz', 404],
    ['linux-x64', 400],
    ['linux-x64.json', 400],
    ['..%2Fagent.cjs', 400],
    ['linux-x64.gz%00', 400],
  ] as const)
    expect((await asked(`/agent/${name}`)).status, name).toBe(status);
  await stop();
});
