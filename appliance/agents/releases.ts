import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** One form in which a release is handed out. */
export interface ReleaseFile {
  /** `none`: as it is; else the program that unpacks it. */
  packing: 'none' | 'gz' | 'xz';
  /** On this appliance. */
  file: string;
  /** What the appliance serves it as, as `/agent/linux-x64.gz`. */
  path: string;
  size: number;
  /** Hex. */
  sha256: string;
}

/** The agent of this build as one kind of host gets it. */
export interface Release {
  /** `script` where the host has Node; else an executable: `linux-x64`, `linux-arm64`, `win32-x64`, `darwin-arm64`, `darwin-x64`. */
  platform: string;
  /** Version of the agent that is in it. */
  version: string;
  /** Of what runs, unpacked: bytes, and SHA-256 in hex. */
  size: number;
  sha256: string;
  /** At least one. */
  files: readonly ReleaseFile[];
}

/** What a build of the appliance can hand out; `leftOut` says of each executable that lies there and is not handed out why. */
export interface Releases {
  releases: readonly Release[];
  leftOut: readonly { platform: string; reason: string }[];
}

const platformName = z.string().regex(/^[a-z0-9]+-[a-z0-9]+$/);
const sum = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().positive();
const packedFile = z.object({ size, sha256: sum });

/** `agent/release.json` of the build. */
const scriptRecord = z.object({ version: z.string().min(1).max(40) });

/** `executables/<platform>.json`, which the build writes beside `<platform>.gz` and `<platform>.xz`; what was unpacked here has no xz. */
const executableRecord = z.object({
  platform: platformName,
  version: z.string().min(1).max(40),
  /** SHA-256 of the script that is inside. */
  script: sum,
  size,
  sha256: sum,
  files: z.object({ gz: packedFile, xz: packedFile.optional() }),
});

/** Executables beside those of the build: their folder, and where only signed ones are taken, the SHA-256 that was signed for what runs. */
export interface BroughtExecutables {
  dir: string;
  signed?: (platform: string) => string | undefined;
}

/**
 * Reads what the build made: the script in `agent/`, and in `executables/` those that carry this same script; of what is not there, those that
 * were brought. Undefined where the agent was not built. Their bytes are not read again: whoever fetches one
 * compares its hash.
 */
export async function releasesIn(distDir: string, brought?: BroughtExecutables): Promise<Releases | undefined> {
  const script = await scriptIn(path.join(distDir, 'agent'));
  if (!script) return undefined;
  const releases: Release[] = [script];
  const leftOut: { platform: string; reason: string }[] = [];
  for (const place of [{ dir: path.join(distDir, 'executables') }, ...(brought ? [brought] : [])]) {
    const { dir } = place;
    const names = (await readdir(dir).catch(() => [])).filter((name) => RECORD.test(name)).sort();
    for (const platform of names.map((name) => path.basename(name, '.json'))) {
      if (releases.some((known) => known.platform === platform)) continue;
      try {
        releases.push(await executableIn(place, platform, script.sha256));
      } catch (error) {
        leftOut.push({ platform, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return { releases, leftOut };
}

async function scriptIn(dir: string): Promise<Release | undefined> {
  try {
    const file = path.join(dir, 'agent.cjs');
    const [script, record] = await Promise.all([readFile(file), readFile(path.join(dir, 'release.json'), 'utf8')]);
    const { version } = scriptRecord.parse(JSON.parse(record));
    const known = { size: script.length, sha256: createHash('sha256').update(script).digest('hex') };
    return {
      platform: 'script',
      version,
      ...known,
      files: [{ packing: 'none', file, path: '/agent.cjs', ...known }],
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const RECORD = /^(?!manifest\.).+\.json$/;

/** The forms are only compared by whoever fetches them, with what runs as well: so it is enough that this was signed. */
async function executableIn({ dir, signed }: BroughtExecutables, name: string, script: string): Promise<Release> {
  const bytes = await readFile(path.join(dir, `${name}.json`), 'utf8');
  const record = executableRecord.safeParse(JSON.parse(bytes));
  if (!record.success || record.data.platform !== name) throw new Error('its record is not one');
  const { files, ...release } = record.data;
  if (signed && signed(name) !== release.sha256) throw new Error('who made this image did not sign it');
  if (release.script !== script) throw new Error('it was built of another agent: run npm run build:executables');
  const served: ReleaseFile[] = [];
  for (const packing of ['xz', 'gz'] as const) {
    const known = files[packing];
    if (!known) continue;
    const file = path.join(dir, `${name}.${packing}`);
    if ((await stat(file)).size !== known.size) throw new Error(`${name}.${packing} is not whole`);
    served.push({ packing, file, path: `/agent/${name}.${packing}`, ...known });
  }
  return { platform: name, version: release.version, size: release.size, sha256: release.sha256, files: served };
}
