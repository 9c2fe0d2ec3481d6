import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { type BroughtExecutables, type Release, type Releases, releasesIn } from './releases.ts';

/** What an installer is told about the appliance that hands it out. */
export interface InstallerTarget {
  /** Origin, as `https://reeve.local:8443`. */
  hub: string;
  /** SHA-256 of the leaf's SPKI, standard base64. */
  pin: string;
}

/** The agent as it is handed out: its releases, and the installers for a shell and for PowerShell. */
export class Installers {
  /** The agent in one file. */
  readonly script: string;
  readonly #shell: string;
  readonly #powerShell: string;
  #found: Releases;

  private constructor(found: Releases, script: string, templates: { sh: string; ps1: string }) {
    this.#found = found;
    this.script = script;
    this.#shell = templates.sh;
    this.#powerShell = templates.ps1;
  }

  /** Reads the folder of the build, and the executables that were brought; undefined where the agent was not built. */
  static async open(distDir: string, brought?: BroughtExecutables): Promise<Installers | undefined> {
    const releases = await releasesIn(distDir, brought);
    if (!releases) return undefined;
    const read = (name: string) => readFile(path.join(distDir, 'agent', name), 'utf8');
    const [script, sh, ps1] = await Promise.all([read('agent.cjs'), read('install.sh'), read('install.ps1')]);
    return new Installers(releases, script, { sh, ps1 });
  }

  /** As they are now. */
  get releases(): readonly Release[] {
    return this.#found.releases;
  }

  get leftOut(): Releases['leftOut'] {
    return this.#found.leftOut;
  }

  /** SHA-256 of the agent in one file, hex. */
  get scriptSha256(): string {
    return this.releases.find(({ platform }) => platform === 'script')?.sha256 ?? '';
  }

  /** Looks again at what can be handed out. */
  async look(distDir: string, brought: BroughtExecutables): Promise<void> {
    this.#found = (await releasesIn(distDir, brought)) ?? this.#found;
  }

  /** `install.sh` for whoever reaches the appliance there. */
  shell(target: InstallerTarget): string {
    return this.#filled(this.#shell, target, '');
  }

  /** `install.ps1`, whose hash the line for Windows compares: it stays as it is while executables for other systems come and go. */
  powerShell(target: InstallerTarget): string {
    return this.#filled(this.#powerShell, target, 'win32-');
  }

  #filled(template: string, { hub, pin }: InstallerTarget, platforms: string): string {
    const values: Record<string, string> = {
      HUB: hub,
      PIN: pin,
      SCRIPT_SHA256: this.scriptSha256,
      EXECUTABLES: this.#executables(platforms),
      NODE_FLAGS: AGENT_FLAGS.join(' '),
    };
    return template.replaceAll(/@([A-Z0-9_]+)@/g, (word, name: string) => values[name] ?? word);
  }

  /** A line for each form of each executable: platform, packing, SHA-256 of what is fetched, and of what it is unpacked; of those that begin so. */
  #executables(platforms: string): string {
    return this.releases
      .filter(({ platform }) => platform !== 'script' && platform.startsWith(platforms))
      .flatMap(({ platform, files, sha256: whole }) =>
        files.map(({ packing, sha256 }) => `${platform} ${packing} ${sha256} ${whole}`),
      )
      .join('\n');
  }
}
