import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { BuildResult } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildAppliance as build } from '../../image/build-appliance.mjs';
import { OUTSIDE } from '../../image/outside.mjs';
import { ROOT } from '../helpers/root.ts';
import { makeDirectory } from '../helpers/temporary.ts';

// The build is plain JavaScript.
const buildAppliance = build as (outdir: string) => Promise<BuildResult<{ metafile: true }>>;

describe('the built appliance', () => {
  const dir = makeDirectory();
  const outputs: Record<string, { imports: { path: string; kind: string }[] }> = {};

  beforeAll(async () => {
    const { metafile } = await buildAppliance(dir);
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    for (const [path, output] of Object.entries(metafile.outputs)) outputs[path.split('/').at(-1) ?? ''] = output;
  }, 60_000);

  it('is a file for each program, which needs Node and no package but those beside it', () => {
    expect(Object.keys(outputs).sort()).toEqual(['main.js', 'reeve.js', 'unpack.js']);
    const wanted = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    const packages = new Set(wanted.filter((path) => !isBuiltin(path)));
    expect([...packages].sort()).toEqual([...OUTSIDE, 'bufferutil', 'pg-native', 'utf-8-validate'].sort());
  });

  it('loads nothing that makes Node load its HTTP client: the files are CommonJS', () => {
    for (const { imports } of Object.values(outputs))
      expect(imports.filter(({ kind }) => kind === 'import-statement')).toEqual([]);
    const program = join(dir, 'try.cjs');
    const isLoaded = "process.moduleLoadList.some((name) => name.endsWith('/undici'))";
    writeFileSync(program, `require('./reeve.js'); console.log('loaded', ${isLoaded});`);
    const said = execFileSync(process.execPath, [program], { encoding: 'utf8', stdio: 'pipe' });
    expect(said).toMatch(/^loaded false$/m);
  });

  it('has the licence of every package that is in it beside it', () => {
    const text = readFileSync(join(dir, 'LEGAL.txt'), 'utf8');
    for (const name of ['express', 'mqtt', 'nodemailer', 'socket.io', 'ws', 'zod'])
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, MIT(-0)?$`, 'm'));
    expect(text).toMatch(/^oui-data /m);
    expect(text).not.toContain('undefined');
  });
});
