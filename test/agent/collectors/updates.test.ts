import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { updates } from '../../../agent/collectors/updates.ts';
import {
  isSecurity,
  packageManagers,
  parseAdvisories,
  parseApt,
  parseDnf,
  parseZypper,
} from '../../../agent/reading/packages.ts';
import { copyMachine, recorded, sampled } from '../../helpers/machine.ts';
import { linuxFile, printing } from '../../helpers/systems.ts';

const HOUR = 3_600_000;

/** The collector on a saved machine; `asked` counts the programs. */
function on(machine: string) {
  const copy = copyMachine(machine);
  let asked = 0;
  const run: ReturnType<typeof recorded> = (program) => {
    asked++;
    return recorded(machine)(program);
  };
  const { sampler, at } = sampled([updates], { root: copy.root, run });
  return {
    ...copy,
    sampler,
    asked: () => asked,
    async at(mono: number) {
      await sampler.sampleSlow({ at: 1_790_000_000_000 + mono, mono }, 1000);
      return at(mono);
    },
  };
}

describe('updates', () => {
  it('of Debian are counted as apt means to install them, what only comes along left out', async () => {
    const { at, root } = on('nas');
    const fetched = new Date(1_790_000_000_000 - 2 * HOUR);
    utimesSync(join(root, 'var/lib/apt/lists'), fetched, fetched);
    expect(await at(0)).toEqual({
      'system.updates.pending': 14,
      'system.updates.security': 10,
      'system.updates.list.age': 7200,
      'system.updates.reboot': 0,
    });
  });

  it('are asked for again when lists or packages have changed, an hour later at the earliest, and once a day', async () => {
    const { at, root, write, asked } = on('nas');
    await at(0);
    await at(HOUR);
    expect(asked()).toBe(1);
    const now = new Date();
    utimesSync(join(root, 'var/lib/dpkg/status'), now, new Date(now.getTime() + 5_000));
    await at(HOUR + 600_000);
    expect(asked()).toBe(2);
    utimesSync(join(root, 'var/lib/dpkg/status'), now, new Date(now.getTime() + 9_000));
    await at(HOUR + 1_200_000);
    expect(asked()).toBe(2);
    await at(26 * HOUR);
    expect(asked()).toBe(3);
    write('run/reboot-required', '*** System restart required ***\n');
    expect((await at(26 * HOUR + 600_000))['system.updates.reboot']).toBe(1);
  });

  it('of Alpine are counted, and nothing is said of security, which apk does not know', async () => {
    const now = await on('alpine').at(0);
    expect(now).toMatchObject({ 'system.updates.pending': 2 });
    expect(now).not.toHaveProperty(['system.updates.security']);
  });

  it('that cannot be told are named with the reason', async () => {
    const { root } = copyMachine('nas');
    const run = async () => ({
      output: '',
      errors: 'E: Unmet dependencies. Try apt --fix-broken install\n',
      code: 100,
    });
    const { sampler, at } = sampled([updates], { root, run });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(await at(0)).not.toHaveProperty(['system.updates.pending']);
    expect(sampler.states[0]?.missed).toEqual(['apt-get: E: Unmet dependencies. Try apt --fix-broken install']);
  });

  it('are read as real machines printed them: Mint, Fedora with dnf 5, RHEL with dnf 4, Leap, Alpine', async () => {
    expect(parseApt(linuxFile('apt-mint'))).toEqual({ pending: 4, security: 2 });
    expect(parseAdvisories(linuxFile('dnf5-advisories'))).toBe(3);
    // Four of them are about the kernel.
    expect(parseAdvisories(linuxFile('dnf4-advisories'))).toBe(4);
    expect(parseZypper(linuxFile('zypper-patches'))).toBe(3);
    expect(parseZypper(linuxFile('zypper-patches'), isSecurity)).toBe(1);
    const apk = packageManagers.find(({ id }) => id === 'apk');
    expect(await apk?.ask(printing({ apk: linuxFile('apk-upgradable') }))).toEqual({ pending: 7, security: undefined });
  });

  // Hand-made after the programs' manuals and dnf 5's source: Fedora, openSUSE Leap 15.6, Arch.
  it('are read as dnf, zypper, pacman and Ubuntu write them', async () => {
    const dnf =
      '\nkernel.x86_64                6.10.3-200.fc40          updates\nvim-minimal.x86_64  2:9.1.703-1.fc40   updates\n' +
      'Obsoleting Packages\nold.noarch   1-1.fc40   updates\n    older.noarch  0-1  @anaconda\n';
    expect(parseDnf(dnf)).toBe(2);
    expect(parseDnf(dnf.replace('Obsoleting Packages', 'Obsoleting packages'))).toBe(2);
    const advisories =
      'FEDORA-2026-1a Moderate/Sec. vim-minimal-2:9.1.703-1.fc40.x86_64\nFEDORA-2026-2b Important/Sec. vim-minimal-2:9.1.700-1.fc40.x86_64\n' +
      'FEDORA-2026-3c bugfix kernel-6.10.3-200.fc40.x86_64\n';
    expect(parseAdvisories(advisories)).toBe(1);
    const zypper =
      '<stream><update-list>\n<update kind="package" name="a" edition="1"/>\n<update kind="patch" category="security" name="b">\n</update></update-list></stream>';
    expect([parseZypper(zypper), parseZypper(zypper, isSecurity)]).toEqual([2, 1]);
    const ubuntu =
      'Inst libssl3 [3.0.13-0ubuntu3.4] (3.0.13-0ubuntu3.5 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [amd64])\n';
    expect(parseApt(ubuntu)).toEqual({ pending: 1, security: 1 });
    const pacman = packageManagers.find(({ id }) => id === 'pacman');
    const list = async () => ({
      output: 'linux 6.10.1-1 -> 6.10.2-1\nnano 8.0-1 -> 8.1-1 [ignored]\n',
      errors: '',
      code: 0,
    });
    expect(await pacman?.ask(list)).toEqual({ pending: 1, security: undefined });
    expect(await pacman?.ask(async () => ({ output: '', errors: '', code: 1 }))).toMatchObject({ pending: 0 });
  });
});
