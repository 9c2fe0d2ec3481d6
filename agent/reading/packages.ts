import type { SystemFiles } from '../files.ts';
import type { Ran, Run } from '../programs.ts';

/** Updates that wait; `security` is undefined where the manager does not know which they are. */
export interface Updates {
  pending: number;
  security: number | undefined;
}

/** A package manager, and the files whose change may mean that other updates wait. */
export interface PackageManager {
  id: string;
  /** Where the lists and the installed packages are; the first tells how old the lists are. */
  files: readonly string[];
  isHere: (files: SystemFiles) => boolean;
  /** Never refreshes lists, never takes a lock, never asks. */
  ask: (run: Run) => Promise<Updates>;
}

const LONG_MS = 120_000;
const MOST_BYTES = 8 * 1024 * 1024;

function checked({ output, errors, code }: Ran, name: string, good: readonly number[] = [0]): string {
  if (good.includes(code)) return output;
  throw new Error(`${name}: ${(errors || output).trim().split('\n').at(-1)?.slice(0, 200) || `code ${code}`}`);
}

/** Lines `Inst name [old] (new Origin:suite/archive, … [arch])` of a simulated upgrade. */
export function parseApt(output: string): Updates {
  const lines = output.split('\n').filter((line) => line.startsWith('Inst '));
  // What is not installed yet has no version in brackets: it comes along, and is no update.
  const updates = lines.filter((line) => /^Inst \S+ \[/.test(line));
  // Debian's archive is called Debian-Security, Ubuntu's suites end in -security.
  const security = updates.filter((line) => /-Security:|-security[, ]/i.test(/\(\S+ ([^)]*)\)/.exec(line)?.[1] ?? ''));
  return { pending: updates.length, security: security.length };
}

/** Lines `name.arch version repository` of `dnf check-update`; what it says of obsoletes comes after them, with a small p in dnf 5. */
export function parseDnf(output: string): number {
  const [wanted = ''] = output.split(/^Obsoleting packages/im);
  return wanted.split('\n').filter((line) => /^[^\s:]+\.[a-z0-9_]+ +\S*\d\S* +\S+\s*$/.test(line)).length;
}

/** Lines `advisory severity/Sec. package` of dnf 4, and `advisory security severity package date` of dnf 5, below a head. */
const ADVISORIES = [/^\S+ +\S*Sec\. +(\S+)\s*$/i, /^\S+ +security +\S+ +(\S+) +\d{4}-\d\d-\d\d/];

/** Packages that security advisories are about, each once. */
export function parseAdvisories(output: string): number {
  const packages = output
    .split('\n')
    .flatMap((line) => ADVISORIES.flatMap((pattern) => pattern.exec(line)?.[1]?.replace(/-[^-]+-[^-]+$/, '') ?? []));
  return new Set(packages).size;
}

/** `<update …>` elements of zypper's XML, of one kind where it is said. */
export const parseZypper = (output: string, isWanted: (element: string) => boolean = () => true): number =>
  (output.match(/<update [^>]*>/g) ?? []).filter(isWanted).length;

/** A patch for security that is not applied yet. */
export const isSecurity = (element: string): boolean =>
  element.includes('category="security"') && !/ status="(?:applied|not-needed)"/.test(element);

const countLines = (output: string, pattern: RegExp): number =>
  output.split('\n').filter((line) => pattern.test(line)).length;

export const packageManagers: readonly PackageManager[] = [
  {
    id: 'apt',
    files: ['/var/lib/apt/lists', '/var/lib/dpkg/status', '/etc/apt/preferences.d'],
    isHere: (files) => files.exists('/var/lib/dpkg/status') && files.exists('/var/lib/apt'),
    async ask(run) {
      const options = ['-o', 'Debug::NoLocking=true', '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
      const args = ['--simulate', '--quiet=2', ...options, 'dist-upgrade'];
      return parseApt(
        checked(await run({ command: 'apt-get', args, limitMs: LONG_MS, mostBytes: MOST_BYTES }), 'apt-get'),
      );
    },
  },
  {
    id: 'dnf',
    files: ['/var/cache/dnf', '/var/lib/rpm', '/usr/lib/sysimage/rpm', '/var/cache/libdnf5'],
    isHere: (files) => files.exists('/etc/dnf') && !files.exists('/run/ostree-booted'),
    async ask(run) {
      const ask = async (args: readonly string[]) =>
        checked(
          await run({
            command: 'dnf',
            args: ['--cacheonly', '--quiet', ...args],
            limitMs: LONG_MS,
            mostBytes: MOST_BYTES,
          }),
          'dnf',
          [0, 100],
        );
      const pending = parseDnf(await ask(['check-update']));
      const security = await ask(['updateinfo', 'list', '--security']).then(parseAdvisories, () => undefined);
      return { pending, security };
    },
  },
  {
    id: 'zypper',
    files: ['/var/cache/zypp/solv', '/usr/lib/sysimage/rpm', '/var/lib/rpm'],
    isHere: (files) => files.exists('/etc/zypp'),
    async ask(run) {
      const ask = async (args: readonly string[]) =>
        checked(
          await run({
            command: 'zypper',
            args: ['--non-interactive', '--no-refresh', '--xmlout', ...args],
            limitMs: LONG_MS,
            mostBytes: MOST_BYTES,
          }),
          'zypper',
          [0, 100, 101],
        );
      const pending = parseZypper(await ask(['list-updates']));
      const patches = await ask(['list-patches', '--category', 'security']);
      return { pending, security: parseZypper(patches, isSecurity) };
    },
  },
  {
    id: 'pacman',
    files: ['/var/lib/pacman/sync', '/var/lib/pacman/local'],
    isHere: (files) => files.exists('/var/lib/pacman/local'),
    // It ends with 1 when nothing waits.
    ask: async (run) => ({
      pending: countLines(
        checked(await run({ command: 'pacman', args: ['-Qu'] }), 'pacman', [0, 1]),
        /^\S+ \S+ -> \S+\s*$/,
      ),
      security: undefined,
    }),
  },
  {
    id: 'apk',
    files: ['/var/cache/apk', '/lib/apk/db/installed'],
    isHere: (files) => files.exists('/lib/apk/db/installed'),
    ask: async (run) => ({
      pending: countLines(
        checked(await run({ command: 'apk', args: ['list', '--upgradable', '--no-network'] }), 'apk'),
        / \[upgradable from: /,
      ),
      security: undefined,
    }),
  },
];
