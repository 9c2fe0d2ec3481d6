// bench: audit: what an audit over SSH takes, quick and full, alone and ten at once, against a real sshd on this machine.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { judgeAll } from '../../appliance/audits/judge.ts';
import { parseFacts } from '../../appliance/audits/parse.ts';
import { readSections } from '../../appliance/audits/read.ts';
import { connectSsh, type SshPlace } from '../../appliance/ssh.ts';
import { makeKeyPair } from '../../appliance/ssh-keys.ts';
import { auditScript } from '../../protocol/audit-script.ts';
import type { AuditKind } from '../../protocol/audits.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { startSshd } from '../helpers/ssh-server.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { ownCpuMs } from './measure.ts';

const NONCE = '0123456789abcdef';
const AT_ONCE = 10;

const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** One audit as the appliance does it: connect, run, read, judge. Answers how many sections came. */
async function auditOnce(place: SshPlace, kind: AuditKind): Promise<number> {
  const connection = await connectSsh(place);
  try {
    const { output } = await connection.run('sh -s', { input: auditScript(kind, NONCE) });
    const { sections, isWhole } = readSections(output, NONCE);
    if (!isWhole) throw new Error('the audit is not whole');
    judgeAll(parseFacts(sections), { now: Date.now() });
    return sections.size;
  } finally {
    connection.close();
  }
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const dir = await makeDirectory('bench-audit');
  const key = await makeKeyPair('bench');
  const server = await startSshd({ dir: path.join(dir, 'sshd'), authorize: [key.publicKey] });
  const { address, port, user, hostKey } = server;
  const place: SshPlace = { address, port, user, pin: hostKey, login: { privateKey: key.privateKey } };
  const rounds = isQuick ? 1 : 7;
  try {
    await auditOnce(place, 'quick');
    for (const [kind, atMost] of [
      ['quick', 1],
      ['full', 5],
    ] as const) {
      const took: number[] = [];
      const cpu: number[] = [];
      for (let n = 0; n < rounds; n++) {
        const startedAt = performance.now();
        cpu.push(await ownCpuMs(() => auditOnce(place, kind)));
        took.push((performance.now() - startedAt) / 1_000);
      }
      const note = `the middle of ${rounds}; ${execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim()}, server on the same machine`;
      yield { name: `${kind} audit of a host`, value: middle(took), unit: 's', atMost, note };
      yield {
        name: `CPU of the appliance, ${kind} audit`,
        value: middle(cpu),
        unit: 'ms',
        atMost: 30,
        note: 'user and system of the whole process',
      };
    }
    const startedAt = performance.now();
    const rssBefore = process.memoryUsage.rss();
    const all = await Promise.all(Array.from({ length: AT_ONCE }, () => auditOnce(place, 'full')));
    const seconds = (performance.now() - startedAt) / 1_000;
    yield {
      name: 'full audits that are whole, ten at once',
      value: all.filter((sections) => sections > 0).length,
      unit: 'audits',
      atLeast: AT_ONCE,
    };
    yield {
      name: 'ten full audits at once',
      value: seconds,
      unit: 's',
      note: 'all ten hosts are this one machine, which does the work of all of them',
    };
    yield {
      name: 'memory that ten audits add',
      value: Math.max(0, (process.memoryUsage.rss() - rssBefore) / 1e6),
      unit: 'MB',
      atMost: 60,
    };
  } finally {
    await server.stop();
    await removeDirectory(dir);
  }
}
