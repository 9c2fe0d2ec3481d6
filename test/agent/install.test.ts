import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const TEXT = readFileSync(join(ROOT, 'agent/install/install.sh'), 'utf8');
const LAST = 'main "$@"\n';
const AGENT = '// the agent\n';
const SHA256 = createHash('sha256').update(AGENT).digest('hex');
const HAS_PYTHON = spawnSync('python3', ['-c', 'import plistlib']).status === 0;

/** Calls functions of install.sh on a machine whose programs are these, before those of this one, and which has these files instead of its own. */
function onMachine(programs: Record<string, string>, calls: string, files: readonly string[] = []) {
  const folder = temporaryDirectory();
  const own = ['/etc/openwrt_release', '/run/systemd/system', '/lib/ld-musl-'];
  const text = own.reduce((script, path) => script.replaceAll(path, `.${path}`), TEXT);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  expect(TEXT.endsWith(LAST)).toBe(true);
  writeFileSync(join(folder, 'install.sh'), `${text.slice(0, -LAST.length)}${calls}\n`);
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder };
  const { status, stdout, stderr } = spawnSync('sh', ['install.sh'], { cwd: folder, env, encoding: 'utf8' });
  return { folder, code: status, said: `${stdout}${stderr}` };
}

const machine = (processor: string) => ({
  uname: `case $1 in -m) echo ${processor} ;; *) echo Linux ;; esac`,
  id: 'echo 0',
  'openrc-run': 'exit 0',
  'rc-service': 'exit 0',
});
/** Writes the agent to the file behind -o. */
const curl = `while [ "$1" != -o ]; do shift; done\nprintf '// the agent\\n' >"$2"`;
const GET = `SCRIPT_SHA256=${SHA256}; LEAST_NODE=20.19; NODE_FLAGS=; look_around; echo "$OS-$ARCH"; get_program .; echo "runs $RUN"`;

describe.skipIf(process.platform === 'win32')('install.sh', () => {
  it('gives the script to 32-bit ARM where Node is new enough', () => {
    const { folder, code, said } = onMachine({ ...machine('armv7l'), node: 'exit 0', curl }, GET);
    expect(said).toContain('linux-armv7');
    expect(said).toMatch(/runs \S+node +\/usr\/local\/lib\/reeve-agent\/agent\.cjs/);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'agent.cjs'), 'utf8')).toBe(AGENT);
  });

  it.each([
    ['32-bit ARM', 'armv7l', [], 'linux-armv7'],
    ['Alpine, whose C library is musl,', 'x86_64', ['lib/ld-musl-x86_64.so.1'], 'linux-x64-musl'],
  ])('says what to do on %s without Node, and fetches nothing', (_, processor, files, platform) => {
    const get = `EXECUTABLES='linux-x64 gz ${SHA256}'; REEVE_NODE=none; look_around; get_program .`;
    const { folder, code, said } = onMachine({ ...machine(processor), curl: 'touch fetched; exit 1' }, get, files);
    expect(said).toContain(`this appliance has no executable for ${platform}: install Node`);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'fetched'))).toBe(false);
  });

  it.each([
    ['OpenWrt', {}, ['etc/openwrt_release'], 'OpenWrt has too little room for the agent'],
    [
      'FreeBSD',
      { uname: 'echo FreeBSD' },
      [],
      'there is no agent for FreeBSD: add it as a host that is asked over SSH.',
    ],
    ['an account that is not root', { id: 'echo 1000' }, [], 'this needs root: put sudo before sh'],
  ])('refuses %s with the reason, before it has done anything', (_, programs, files, words) => {
    const { folder, code, said } = onMachine(
      { ...machine('mips'), ...programs, curl: 'touch fetched; exit 1' },
      'ACCOUNT=nobody-of-reeve; main',
      files,
    );
    expect(said).toContain(words);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'fetched'))).toBe(false);
  });

  it('refuses a container, where nothing would start the agent again', () => {
    const { 'openrc-run': _, 'rc-service': __, ...rest } = machine('x86_64');
    const { code, said } = onMachine(rest, 'look_around');
    expect(said).toContain('neither systemd nor OpenRC nor launchd here');
    expect(code).toBe(1);
  });

  it('writes a script for OpenRC that a shell can read, with a way to read the own file again', () => {
    const { folder, code } = onMachine({}, 'RC=./rc; RUN="/usr/bin/node --no-opt /lib/agent.cjs"; write_rc');
    expect(code).toBe(0);
    const text = readFileSync(join(folder, 'rc'), 'utf8');
    expect(text).toContain('command="/usr/bin/node"\ncommand_args="--no-opt /lib/agent.cjs"');
    expect(text).toContain('supervise-daemon "$RC_SVCNAME" --signal HUP');
    execFileSync('sh', ['-n', join(folder, 'rc')]);
  });

  it.runIf(HAS_PYTHON)('writes a list for launchd that is one', () => {
    const { folder, code } = onMachine({}, 'PLIST=./plist; RUN="/usr/bin/node --no-opt /lib/agent.cjs"; write_plist');
    expect(code).toBe(0);
    const read = 'import plistlib, json; print(json.dumps(plistlib.load(open("plist", "rb"))))';
    expect(JSON.parse(execFileSync('python3', ['-c', read], { cwd: folder, encoding: 'utf8' }))).toEqual({
      Label: 'local.reeve.agent',
      ProgramArguments: ['/usr/bin/node', '--no-opt', '/lib/agent.cjs'],
      EnvironmentVariables: { REEVE_AGENT_STATE: '/var/lib/reeve-agent' },
      UserName: 'reeve-agent',
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: 5,
    });
  });
});
