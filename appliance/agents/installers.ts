import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';

/** One executable of the agent, that needs no Node on its host. */
export interface Executable {
  /** `linux-x64`, `linux-arm64`, `win32-x64` … */
  platform: string;
  file: string;
  bytes: number;
  /** Hex. */
  sha256: string;
}

/** What an installer is told about the appliance that hands it out. */
export interface InstallerTarget {
  /** Origin, as `https://reeve.local:8443`. */
  hub: string;
  /** SHA-256 of the leaf's SPKI, standard base64. */
  pin: string;
}

/** The agent as it is handed out: the script, executables by platform, and the installers for a shell and for PowerShell. */
export class Installers {
  /** The agent in one file, with its hash in hex. */
  readonly script: { text: string; sha256: string };
  readonly executables: readonly Executable[];
  readonly #shell: string;
  readonly #powerShell: string;

  private constructor(script: string, executables: readonly Executable[], templates: { sh: string; ps1: string }) {
    this.script = { text: script, sha256: sha256(script) };
    this.executables = executables;
    this.#shell = templates.sh;
    this.#powerShell = templates.ps1;
  }

  /** Reads the folder of the build; undefined where the agent was not built. */
  static async open(dir: string): Promise<Installers | undefined> {
    try {
      const read = (name: string) => readFile(path.join(dir, name), 'utf8');
      const [script, sh, ps1] = await Promise.all([read('agent.cjs'), read('install.sh'), read('install.ps1')]);
      return new Installers(script, await executablesIn(path.join(dir, 'executables')), { sh, ps1 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** `install.sh` for whoever reaches the appliance there. */
  shell(target: InstallerTarget): string {
    return this.#filled(this.#shell, target);
  }

  /** `install.ps1`, whose hash the line for Windows compares. */
  powerShell(target: InstallerTarget): string {
    return this.#filled(this.#powerShell, target);
  }

  #filled(template: string, { hub, pin }: InstallerTarget): string {
    const values: Record<string, string> = {
      HUB: hub,
      PIN: pin,
      SCRIPT_SHA256: this.script.sha256,
      EXECUTABLES: this.executables.map(({ platform, sha256 }) => `${platform} ${sha256}`).join('\n'),
      NODE_FLAGS: AGENT_FLAGS.join(' '),
    };
    return template.replaceAll(/@([A-Z0-9_]+)@/g, (word, name: string) => values[name] ?? word);
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function executablesIn(dir: string): Promise<Executable[]> {
  const names = await readdir(dir).catch(() => []);
  const platforms = names.filter((name) => /^[a-z0-9]+-[a-z0-9]+(?:-musl)?$/.test(name)).sort();
  return Promise.all(
    platforms.map(async (platform) => {
      const file = path.join(dir, platform);
      const hash = createHash('sha256');
      for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
      return { platform, file, bytes: (await stat(file)).size, sha256: hash.digest('hex') };
    }),
  );
}
