// Installs the Debian packages that test groups need. Services that come with them are not started: a test starts its own, in
// its own namespace.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { runCommand } from './helpers/command.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.before-reeve`;
const DENY = '#!/bin/sh\n# Put here by the tests of Reeve while they install packages; removed after.\nexit 101\n';

/** Why packages cannot be installed here, or nothing. */
export function whyNoInstall() {
  if (process.env.REEVE_TEST_INSTALL === '0') return 'REEVE_TEST_INSTALL=0 forbids to install it';
  if (!existsSync('/usr/bin/apt-get')) return 'this is not Debian, so it has to be installed by hand';
  if (process.getuid?.() !== 0) return 'only root can install it';
  return undefined;
}

function denyServices() {
  if (existsSync(POLICY) && readFileSync(POLICY, 'utf8') !== DENY) renameSync(POLICY, SAVED);
  writeFileSync(POLICY, DENY);
  chmodSync(POLICY, 0o755);
}

function allowServices() {
  rmSync(POLICY, { force: true });
  if (existsSync(SAVED)) renameSync(SAVED, POLICY);
}

async function isWanted(packages) {
  if (!process.stdin.isTTY || process.env.CI) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`The tests need ${packages.join(', ')}. Install with apt-get? [Y/n] `);
  terminal.close();
  return !/^n/i.test(answer.trim());
}

/** Installs packages with apt-get; at a terminal it asks first. Answers with why it did not, or nothing. */
export async function installPackages(packages) {
  const why = whyNoInstall();
  if (why) return why;
  if (!(await isWanted(packages))) return 'it was not to be installed';
  process.stdout.write(`Installing ${packages.join(', ')} with apt-get; their services are not started.\n`);
  const undo = () => {
    allowServices();
    process.exit(130);
  };
  process.on('SIGINT', undo).on('SIGTERM', undo);
  denyServices();
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await runCommand(['apt-get', 'update', '-qq'], { env, timeoutMs: 300_000 });
    const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
    const { code, output } = await runCommand(install, { env, timeoutMs: 900_000 });
    return code === 0 ? undefined : `apt-get failed: ${output.trim().split('\n').slice(-3).join(' ')}`;
  } finally {
    process.off('SIGINT', undo).off('SIGTERM', undo);
    allowServices();
  }
}
