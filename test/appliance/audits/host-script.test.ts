import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hostScript } from '../../../appliance/audits/host-script.ts';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';

vi.setConfig({ testTimeout: 30_000 });

const ED = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const KEY = `ssh-ed25519 ${ED.slice(0, -4)}AAAA reeve-audits`;
let dir: string;
let root: string;
let bin: string;
const asked = (): Record<string, unknown>[] =>
  readFileSync(path.join(dir, 'asked'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The machine's own programs that would change it stand here as ones that change only `root`. */
beforeAll(async () => {
  dir = await makeDirectory('host-script');
  root = path.join(dir, 'root');
  bin = path.join(dir, 'bin');
  mkdirSync(path.join(root, 'etc/ssh'), { recursive: true });
  mkdirSync(bin);
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(path.join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), `ssh-ed25519 ${ED} root@host\n`);
  const program = (name: string, text: string): void => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  program('id', 'echo 0');
  program(
    'useradd',
    `echo "$*" >>${dir}/useradd; echo "reeve:x:998:998::/var/lib/reeve-audit:/bin/sh" >>${root}/etc/passwd; mkdir -p ${root}/var/lib/reeve-audit`,
  );
  program('userdel', `sed -i "/^$1:/d" ${root}/etc/passwd`);
  program('chown', ':');
  program(
    'curl',
    `cat >>${dir}/asked; echo >>${dir}/asked; [ -e ${dir}/refuse ] && exit 22; printf '{"publicKey":"${KEY}","from":"192.168.1.9,fd00::9"}'`,
  );
});
afterAll(() => removeDirectory(dir));

const run = (args: string[] = [], env: Record<string, string> = {}): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      'sh',
      ['-s', ...args],
      { env: { PATH: `${bin}:${process.env.PATH}`, REEVE_ROOT: root, REEVE_CODE: 'c0de', ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
    );
    child.stdin?.end(hostScript({ hub: 'https://reeve.local:8443', pin: 'PIN=' }));
  });
const keysFile = (): string => path.join(root, 'var/lib/reeve-audit/.ssh/authorized_keys');

describe('the script that registers a host', () => {
  test('makes one user without password, whose key is restricted, and tells its host keys', async () => {
    const { code, said } = await run([], { REEVE_NAME: 'nas', REEVE_PORT: '2222' });
    expect(said).toContain('nas is registered');
    expect(code).toBe(0);
    expect(readFileSync(path.join(dir, 'useradd'), 'utf8')).toContain('--password *');
    expect(readFileSync(keysFile(), 'utf8')).toBe(`from="192.168.1.9,fd00::9",restrict ${KEY}\n`);
    expect(statSync(keysFile()).mode & 0o777).toBe(0o600);
    expect(asked().map(({ step }) => step)).toEqual(['begin', 'done']);
    expect(asked()[0]).toMatchObject({
      code: 'c0de',
      name: 'nas',
      port: 2222,
      user: 'reeve',
      hostKeys: [`ssh-ed25519 ${ED}`],
    });
  });

  test('run again it changes nothing that is right, and keeps what else stands there', async () => {
    const before = readFileSync(keysFile(), 'utf8');
    writeFileSync(keysFile(), `ssh-ed25519 AAAAOTHER somebody\n${before}`);
    for (let n = 0; n < 2; n++) expect((await run()).code).toBe(0);
    expect(readFileSync(keysFile(), 'utf8')).toBe(`ssh-ed25519 AAAAOTHER somebody\n${before}`);
    expect(readFileSync(path.join(dir, 'useradd'), 'utf8').trim().split('\n').length).toBe(1);
  });

  test('changes nothing where the code is refused, a value is wrong, or the user is not its own', async () => {
    const before = readFileSync(keysFile(), 'utf8');
    writeFileSync(path.join(dir, 'refuse'), '');
    expect(await run()).toMatchObject({ code: 1, said: expect.stringContaining('Reeve refused') });
    execFile('rm', [path.join(dir, 'refuse')]);
    expect((await run([], { REEVE_USER: 'a b; rm -rf /' })).said).toContain('REEVE_USER');
    expect((await run([], { REEVE_NAME: '"$(id)"' })).said).toContain('REEVE_NAME');
    expect((await run([], { REEVE_CODE: '' })).said).toContain('REEVE_CODE');
    expect((await run(['remove'], { REEVE_USER: 'root' })).said).toContain('was not made by this script');
    expect(readFileSync(keysFile(), 'utf8')).toBe(before);
  });

  test('takes its user away again', async () => {
    expect((await run(['remove'])).said).toContain('is removed');
    expect(readFileSync(path.join(root, 'etc/passwd'), 'utf8')).not.toContain('reeve');
  });
});
