import { expect, test } from 'vitest';
import { collectors } from '../../../agent/collectors/index.ts';
import { Wishes } from '../../../agent/expected.ts';
import { LOOP } from '../../../agent/reading/windows/shell.ts';
import { windowsProcesses } from '../../../agent/top/win32.ts';
import { sampled } from '../../helpers/machine.ts';
import { powerShellMistakes } from '../../helpers/powershell.ts';
import { telling, windowsRows } from '../../helpers/systems.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

/** Every script that the collectors have Windows run, by its shell or by one of its own. */
async function scripts(): Promise<string[]> {
  const asked = new Set<string>([LOOP]);
  const answer = telling({ Win32_Service: windowsRows('services') });
  const shell = (script: string) => {
    asked.add(script);
    return answer(script);
  };
  const wishes = new Wishes();
  wishes.expect([{ name: 'WinRM', isCritical: true }]);
  const { at, sampler } = sampled(collectors, {
    platform: 'win32',
    root: temporaryDirectory(),
    shell,
    wishes,
    run: async ({ command, args }) => {
      const encoded = args[args.indexOf('-EncodedCommand') + 1] ?? '';
      if (command === 'powershell.exe') asked.add(Buffer.from(encoded, 'base64').toString('utf16le'));
      return { output: '', errors: '', code: 1 };
    },
  });
  await at(0);
  await sampler.sampleSlow({ at: 0, mono: 0 }, 5_000);
  await windowsProcesses(shell).scan();
  return [...asked];
}

test('whatever the agent has PowerShell run has its grammar', async () => {
  const all = await scripts();
  for (const word of ['ReadLine', 'Microsoft.Update.Session', 'Win32_LogicalDisk', "-Filter 'IDProcess=1176'"])
    expect(all.filter((script) => script.includes(word)).length, word).toBeGreaterThan(0);
  expect(all.length).toBeGreaterThan(10);
  for (const script of all) expect(await powerShellMistakes(script), script).toEqual([]);
});
