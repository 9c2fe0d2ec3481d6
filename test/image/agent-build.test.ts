import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildResult } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildAgent as build } from '../../image/build-agent.mjs';
import { makeDirectory } from '../helpers/temporary.ts';

interface Building {
  entry?: string;
  seldom?: string[];
}
// The build is plain JavaScript.
const buildAgent = build as (outdir: string, how?: Building) => Promise<BuildResult<{ metafile: true }>>;

/** Runs a built program; answers what it wrote. */
function run(script: string, ...parameters: string[]): string {
  const env = { PATH: process.env.PATH, REEVE_AGENT_STATE: makeDirectory(), REEVE_MDNS: 'off' };
  return execFileSync(process.execPath, [script, ...parameters], { encoding: 'utf8', env, timeout: 50_000 });
}

describe('the built agent', () => {
  const dir = makeDirectory();
  let inputs: string[] = [];
  let bytes = 0;

  beforeAll(async () => {
    const { metafile } = await buildAgent(dir);
    const output = Object.values(metafile.outputs)[0];
    inputs = Object.keys(output?.inputs ?? {});
    bytes = output?.bytes ?? 0;
  }, 30_000);

  it('runs', () => {
    expect(run(join(dir, 'agent.cjs'), 'doctor')).toMatch(/Processor +read, \d+ values/);
    // It waits for what takes its time, as apt.
  }, 60_000);

  it('keeps mDNS, the full schemas and systeminformation out of what V8 parses at its start', () => {
    const plain = inputs.filter((path) => !path.startsWith('packed:'));
    const packages = ['bonjour-service', 'multicast-dns', 'systeminformation', 'zod/v4/classic'];
    expect(packages.filter((name) => plain.some((path) => path.includes(`/${name}/`)))).toEqual([]);
    expect(plain.filter((path) => path.endsWith('discovery/lan.ts'))).toEqual([]);
    expect(inputs.filter((path) => path.startsWith('packed:'))).toHaveLength(3);
  });

  // 467 KB with the ten collectors of the first months; those of services, containers, disks, UPS and updates are 60 KB.
  it('is small: everything in it is kept in memory, and one careless import of zod is 150 KB', () => {
    expect(bytes).toBeLessThan(550_000);
  });

  it('has the licence of every package beside it, of the packed ones too', () => {
    const text = readFileSync(join(dir, 'agent.cjs.LEGAL.txt'), 'utf8');
    for (const name of ['socket.io-client', 'ws', 'zod', 'bonjour-service', 'multicast-dns', 'systeminformation'])
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, MIT$`, 'm'));
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('has no licence text');
  });

  it('is not built when nothing imports what should be packed', async () => {
    const building = buildAgent(makeDirectory(), { seldom: ['./joining.ts', './renamed.ts'] });
    await expect(building).rejects.toThrow('nothing imports ./renamed.ts dynamically');
  }, 30_000);
});

describe('what is packed', () => {
  it('loads once, has what it exports, and names file and function in the stack of an error', async () => {
    const dir = makeDirectory();
    const seldom = ['../../../agent/joining.ts', 'systeminformation'];
    await buildAgent(dir, { entry: 'test/image/programs/packed.ts', seldom });
    const said = JSON.parse(run(join(dir, 'agent.cjs')));
    expect(said).toMatchObject({
      joining: expect.arrayContaining(['askToJoin', 'findAgain', 'pair']),
      isSame: true,
      mem: 'function',
    });
    expect(said.stack).toMatch(/at (async )?pair\w* \(packed:.*joining\.ts:\d+:\d+\)/);
  }, 30_000);
});
