import { describe, expect, test } from 'vitest';
import { installCommands } from '../../../appliance/agents/install-line.ts';
import { installersRoutes } from '../../../protocol/routes/installers.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { addExecutable } from '../../helpers/executables.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { powerShellMistakes } from '../../helpers/powershell.ts';

/** Every script for PowerShell that an appliance hands out, with its own address, key and hashes in it. */
async function served(): Promise<[path: string, script: string][]> {
  const distDir = makeAgentDist();
  for (const platform of ['linux-x64', 'win32-x64']) addExecutable(distDir, platform, platform);
  const { http, setUp, stop } = await startInProcess({ distDir });
  await setUp();
  const paths = installersRoutes.map(({ path }) => path).filter((path) => path.endsWith('.ps1'));
  const scripts = paths.map(async (path): Promise<[string, string]> => [path, await (await fetch(http + path)).text()]);
  const all = await Promise.all(scripts);
  await stop();
  return all;
}

describe('scripts for PowerShell', () => {
  test('that are handed out have its grammar, are whole, and are ASCII, which is all that Windows reads without a mark', async () => {
    const all = await served();
    expect(all.map(([path]) => path)).toEqual(['/install.ps1']);
    for (const [path, script] of all) {
      expect(await powerShellMistakes(script), path).toEqual([]);
      expect(script, path).toMatch(/^[\t\n\x20-\x7e]+$/);
      expect(script, path).not.toMatch(/@[A-Z0-9_]+@/);
    }
  });

  test.each([
    ['a bracket is open', '(Get-Date).AddSeconds(30)', '(Get-Date.AddSeconds(30)', 'line'],
    ['a quote is open', "= 'Stop'", "= 'Stop", 'line'],
    ['a block does not begin', 'function Find-Node {', 'function Find-Node', 'line'],
    ['an operator has nothing behind it', '$LASTEXITCODE -ne 0', '$LASTEXITCODE -ne', '-ne'],
    ['a list ends in a comma', 'in $program, $state)', 'in $program, )', ','],
  ])('are refused where %s', async (_, right, wrong, where) => {
    const [[, script] = ['', '']] = await served();
    const broken = script.replace(right, wrong);
    expect(broken).not.toBe(script);
    expect((await powerShellMistakes(broken)).join('\n')).toContain(where);
  });

  test('stop an agent that runs only once the new one lies whole beside it: one that cannot be fetched leaves the machine watched', async () => {
    const [[, script] = ['', '']] = await served();
    const steps = /function Install-Agent \{[\s\S]*?\n\}/.exec(script)?.[0] ?? '';
    expect(steps.match(/^ +Get-Promised .*$/gm)).toHaveLength(2);
    for (const step of steps.matchAll(/^ +(?:Get-Promised|Expand-Gzip) .*$/gm)) {
      expect(step[0]).toMatch(/"\$file\.(?:new|gz)"/);
      expect(step.index, step[0]).toBeLessThan(steps.indexOf('Stop-Agent'));
    }
    expect(steps.indexOf('Move-Item -Force "$file.new" $file')).toBeGreaterThan(steps.indexOf('Stop-Agent'));
  });

  test('that come in half, or are for another shell, are refused', async () => {
    const [[, script] = ['', '']] = await served();
    for (const part of [0.6, 0.8, 0.99])
      expect(await powerShellMistakes(script.slice(0, script.length * part)), String(part)).not.toEqual([]);
    expect(await powerShellMistakes('if [ -e x ]; then echo y; fi\n')).not.toEqual([]);
  });

  test('the lines of the dashboard for Windows are some, whatever the agent may be asked', async () => {
    const target = { hub: 'https://[fd77::1]:8443', pin: 'P', token: 'RV-T', powerShellSha256: 'ab' };
    const mays = [undefined, [], [{ action: 'restart_service' as const, targets: ['plex*', 'MSSQL$SQLEXPRESS'] }]];
    for (const may of mays) {
      const windows = installCommands({ ...target, ...(may && { may }) }).find(({ platform }) => platform === 'win32');
      expect(await powerShellMistakes(windows?.command ?? '"')).toEqual([]);
    }
    expect(await powerShellMistakes(`throw 'it's`)).not.toEqual([]);
  });
});
