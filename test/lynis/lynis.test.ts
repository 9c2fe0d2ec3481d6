import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeAll } from '../../appliance/audits/judge.ts';
import { parseFacts } from '../../appliance/audits/parse.ts';
import { readSections } from '../../appliance/audits/read.ts';
import { connectSsh } from '../../appliance/ssh.ts';
import { makeKeyPair } from '../../appliance/ssh-keys.ts';
import { auditScript } from '../../protocol/audit-script.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { ROOT } from '../helpers/root.ts';
import { type SshServer, startSshd } from '../helpers/ssh-server.ts';

const NONCE = '0123456789abcdef';
/** Which check finds what a warning of Lynis is about. */
const SAME: Readonly<Record<string, string>> = {
  'PKGS-7392': 'security-updates',
  'PKGS-7390': 'package-lists',
  'PKGS-7308': 'package-lists',
  'FIRE-4512': 'firewall',
  'FIRE-4590': 'firewall',
  'TIME-3185': 'clock',
  'TIME-3104': 'clock',
  'KRNL-5830': 'reboot-required',
  'AUTH-9204': 'second-root',
  'AUTH-9208': 'second-root',
  'AUTH-9283': 'empty-passwords',
};

/** In a container the clock is that of its machine: the paper says so. */
const NOT_ASKED = ['TIME-3185', 'TIME-3104'];

let dir: string;
let server: SshServer;
let privateKey: string;
beforeAll(async () => {
  dir = await makeDirectory('lynis');
  const key = await makeKeyPair('lynis');
  privateKey = key.privateKey;
  server = await startSshd({ dir: path.join(dir, 'host'), authorize: [key.publicKey] });
});
afterAll(async () => {
  await server?.stop();
  await removeDirectory(dir);
});

/** Ids of the tests that Lynis warns of; its exit code says only that it warns. */
function lynis(): Promise<string[]> {
  const report = path.join(dir, 'report.dat');
  const args = [
    'audit',
    'system',
    '--quick',
    '--quiet',
    '--no-colors',
    '--report-file',
    report,
    '--logfile',
    path.join(dir, 'log'),
  ];
  return new Promise((resolve, reject) => {
    execFile('/usr/sbin/lynis', args, { timeout: 840_000, maxBuffer: 32 << 20 }, () => {
      if (!existsSync(report)) {
        reject(new Error('Lynis wrote no report'));
        return;
      }
      const lines = readFileSync(report, 'utf8').split('\n');
      resolve(lines.flatMap((line) => /^warning\[\]=([A-Z]+-\d+)\|/.exec(line)?.[1] ?? []));
    });
  });
}

async function audit() {
  const connection = await connectSsh({ ...server, login: { privateKey }, pin: server.hostKey });
  const { output } = await connection
    .run('sh -s', { input: auditScript('full', NONCE) })
    .finally(() => connection.close());
  const { sections, isWhole } = readSections(output, NONCE);
  expect(isWhole).toBe(true);
  return judgeAll(parseFacts(sections), { now: Date.now() });
}

test('each warning of Lynis is found too on the same machine, or its absence is reasoned in docs/audit.md', async () => {
  const [warnings, { findings, unjudged }] = await Promise.all([lynis(), audit()]);
  const paper = readFileSync(path.join(ROOT, 'docs/audit.md'), 'utf8');
  const found = new Set([...findings, ...unjudged].map(({ checkId }) => checkId));
  const missed = warnings.filter((id) => {
    const same = SAME[id];
    if (same === undefined || NOT_ASKED.includes(id)) return !paper.includes(id);
    return !found.has(same);
  });
  expect(missed).toEqual([]);
  // It did run, and this machine is not without a flaw.
  expect(findings.length).toBeGreaterThan(0);
});
