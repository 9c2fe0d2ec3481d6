import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestHost, TestLan } from './harness/namespaces.ts';
import type { Line, RunningProgram } from './harness/running.ts';

/** What a sweep of the test program found. */
interface Swept extends Line {
  sightings: { ip: string; mac: string; ageMs: number }[];
  asked: number;
  of: number;
  ms: number;
  cpuMs: number;
  frames: number;
  by: string;
}

const running: RunningProgram[] = [];

async function sweeper(host: TestHost, configuration: object): Promise<RunningProgram> {
  const program = await host.run('sweeper', configuration);
  running.push(program);
  await program.line({ kind: 'ready' });
  return program;
}

async function sweep(program: RunningProgram, known: readonly string[] = []): Promise<Swept> {
  const from = program.lines.length;
  program.say(JSON.stringify(known));
  return (await program.line({ kind: 'swept' }, { from, timeoutMs: 60_000 })) as Swept;
}

const found = ({ sightings }: Swept): string[] => sightings.map(({ ip }) => ip).sort();
const figures = ({ by, ms, cpuMs, frames, asked, of, sightings }: Swept): string =>
  `${by}: ${sightings.length} found in ${(ms / 1000).toFixed(2)} s, ${Math.round(cpuMs)} ms CPU, ${frames} frames, ${asked} of ${of} asked`;

const NO_ICMP = 'table inet f { chain i { type filter hook input priority 0; meta l4proto icmp drop; }; }';
const ONLY_ARP =
  'table inet f { chain i { type filter hook input priority 0; policy drop; }; chain o { type filter hook output priority 0; policy drop; }; }';

describe('a /24', () => {
  let lan: TestLan;
  beforeAll(async () => {
    lan = new TestLan({ hosts: 7, network: '10.78.1' });
    await lan.host(5).firewall(NO_ICMP);
    await lan.host(6).firewall(ONLY_ARP);
  });
  afterAll(() => {
    for (const program of running.splice(0)) program.kill('SIGKILL');
    lan?.close();
  });

  it('every host is found, also who drops ICMP or all but ARP, within 7 s, 50 ms CPU and 1,100 frames, as by arp-scan', async () => {
    const program = await sweeper(lan.host(1), { cidr: '10.78.1.0/24' });
    const swept = await sweep(program);
    console.log(figures(swept));
    expect(found(swept)).toEqual(lan.hosts.map(({ address }) => address).sort());
    expect(swept).toMatchObject({ asked: 254, of: 254 });
    expect(swept.ms).toBeLessThan(7_000);
    expect(swept.frames).toBeLessThanOrEqual(1_100);
    const other = lan.host(1).exec('arp-scan', '--plain', '--quiet', '--interface=eth0', '10.78.1.0/24');
    const theirs = other.split('\n').flatMap((line) => (/^10\./.test(line) ? line.split(/\s+/)[0] : []));
    expect(found(swept).filter((ip) => ip !== lan.host(1).address)).toEqual(theirs.sort());
  });
});
