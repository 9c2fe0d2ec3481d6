import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { releasesIn } from '../../../appliance/agents/releases.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { addExecutable } from '../../helpers/executables.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the releases of a build', () => {
  test('are the script, and each executable of it with its packed forms', async () => {
    const distDir = makeAgentDist('// agent\n');
    const packed = addExecutable(distDir, 'linux-arm64', 'an executable');
    const { releases, leftOut } = (await releasesIn(distDir)) ?? {};
    expect(leftOut).toEqual([]);
    expect(releases?.map(({ platform }) => platform)).toEqual(['script', 'linux-arm64']);
    expect(releases?.[0]).toMatchObject({ version: '1.2.3', size: 9, sha256: sha256('// agent\n') });
    expect(releases?.[0]?.files.map((file) => file.path)).toEqual(['/agent.cjs']);
    expect(releases?.[1]).toMatchObject({ version: '1.2.3', size: 13, sha256: sha256('an executable') });
    expect(releases?.[1]?.files.map((file) => file.path)).toEqual(['/agent/linux-arm64.xz', '/agent/linux-arm64.gz']);
    expect(releases?.[1]?.files[0]?.sha256).toBe(packed);
  });

  test('leave out, with its reason, an executable of another agent, one cut short, one that is gone, and a record that is none', async () => {
    const distDir = makeAgentDist();
    const dir = path.join(distDir, 'executables');
    addExecutable(distDir, 'linux-x64', 'of an older build', { script: sha256('older') });
    addExecutable(distDir, 'linux-arm64', 'cut short');
    writeFileSync(path.join(dir, 'linux-arm64.gz'), 'cut');
    addExecutable(distDir, 'darwin-x64', 'gone');
    rmSync(path.join(dir, 'darwin-x64.xz'));
    addExecutable(distDir, 'win32-x64', 'named otherwise', { platform: '../../etc' });
    writeFileSync(path.join(dir, 'darwin-arm64.json'), '{"platform":');
    const { releases, leftOut } = (await releasesIn(distDir)) ?? {};
    expect(releases?.map(({ platform }) => platform)).toEqual(['script']);
    const reasons = Object.fromEntries((leftOut ?? []).map(({ platform, reason }) => [platform, reason]));
    expect(reasons['linux-x64']).toContain('npm run build:executables');
    expect(reasons['linux-arm64']).toContain('not whole');
    expect(reasons['darwin-x64']).toContain('ENOENT');
    expect(reasons['win32-x64']).toContain('its record is not one');
    expect(reasons['darwin-arm64']).toContain('JSON');
  });

  test('are those of another folder too, where the build has none for that platform', async () => {
    const [distDir, other] = [makeAgentDist(), makeAgentDist()];
    addExecutable(distDir, 'linux-arm64', 'of the build');
    addExecutable(other, 'linux-arm64', 'put there');
    addExecutable(other, 'win32-x64', 'put there too');
    addExecutable(other, 'darwin-x64', 'older', { script: sha256('older') });
    const { releases, leftOut } = (await releasesIn(distDir, { dir: path.join(other, 'executables') })) ?? {};
    expect(releases?.map(({ platform, size }) => [platform, size]).slice(1)).toEqual([
      ['linux-arm64', 'of the build'.length],
      ['win32-x64', 'put there too'.length],
    ]);
    expect(leftOut?.map(({ platform }) => platform)).toEqual(['darwin-x64']);
    expect((await releasesIn(distDir, { dir: path.join(other, 'nowhere') }))?.releases).toHaveLength(2);
  });

  test('are none where the agent was not built', async () => {
    expect(await releasesIn(makeDirectory())).toBeUndefined();
  });
});
