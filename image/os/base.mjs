// The base of an image: Debian's packages, as a tar that is made once for each list of packages and kept.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { run, say, textOf } from './run.mjs';

const HERE = join(ROOT, 'image/os');
/** Survives builds; to forget it, remove it. */
const KEPT = join(ROOT, 'dist/.bases');
const LEFT_OUT = ['doc/*', 'man/*', 'locale/*', 'info/*', 'i18n/*', 'lintian/*', 'bash-completion/*'];

const linesOf = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
    : [];

/** Names of packages that a board is made of. */
export const packagesOf = (board) =>
  ['common', board.id].flatMap((name) => linesOf(join(HERE, `packages/${name}.txt`)));

export const lockFile = (board) => join(HERE, `packages/${board.id}.lock`);

/** What is pinned: when it was looked up (s since 1970: the time of everything in the image), and a line for each deb. */
export function lockOf(board) {
  const file = lockFile(board);
  const [, taken = '0'] = (existsSync(file) && /^# taken (\d+)/m.exec(readFileSync(file, 'utf8'))) || [];
  return { takenAt: Number(taken), lines: linesOf(file) };
}

/** The Debian mirror of this machine, or `REEVE_IMAGE_MIRROR`: an address up to and with `/debian`. */
function mirror() {
  if (process.env.REEVE_IMAGE_MIRROR) return process.env.REEVE_IMAGE_MIRROR.replace(/\/$/, '');
  const sites = textOf('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']).split('\n');
  const found = sites.find((site) => /\/debian\/?$/.test(site));
  if (!found)
    throw new Error('no Debian mirror is set on this machine: name one in REEVE_IMAGE_MIRROR, as http://HOST/debian');
  return found.replace(/\/$/, '');
}

function sourcesOf({ suite, components, more }) {
  const site = mirror();
  const all = [{ path: '', suite }, ...more];
  return all.map(({ path, suite: name }) => `deb ${site}${path} ${name} ${components.join(' ')}`);
}

/** Run by mmdebstrap in the finished root: what was installed with its hashes, and the debs that are unpacked later. */
const HOOK = `set -eu
root=$1 out=$2
shift 2
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
chroot "$root" dpkg-query -W -f '\${Package}=\${Version}\\n' > "$out/installed"
for name in "$@"; do
  echo "$name"
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$name" | sed -n 's/^ *Depends: \\(linux-[^ ]*\\)$/\\1/p'
done | sort -u > "$out/unpacked"
mkdir -p "$out/debs"
chmod 777 "$out/debs"
(cd "$out/debs" && xargs apt-get -qq -o APT::Sandbox::User=root download < "$out/unpacked")
for deb in "$out"/debs/*.deb; do dpkg-deb -W --showformat '\${Package}=\${Version}\\n' "$deb"; done >> "$out/installed"
xargs apt-cache show < "$out/installed" > "$out/shown"
`;

/** Lines `name version architecture bytes sha256` of what apt shows of packages, sorted. */
export function linesFromApt(shown) {
  const field = (text, name) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
  const lines = shown
    .split(/\n\n+/)
    .filter(Boolean)
    .map((text) => ['Package', 'Version', 'Architecture', 'Size', 'SHA256'].map((name) => field(text, name)).join(' '));
  return [...new Set(lines)].sort();
}

/** Lets apt prefer what is pinned, where the mirror still has it. */
const preferences = (lines) =>
  lines
    .map((line) => line.split(' '))
    .map(([name, version]) => `Package: ${name}\nPin: version ${version}\nPin-Priority: 990\n`)
    .join('\n');

function makeBase(board, folder, { isPinned }) {
  const { takenAt, lines } = lockOf(board);
  const told = join(folder, 'preferences');
  writeFileSync(told, isPinned ? preferences(lines) : '');
  writeFileSync(join(folder, 'hook.sh'), HOOK);
  const option = (kind, text) => `--${kind}=${text}`;
  run(
    'mmdebstrap',
    [
      ...['--quiet', '--mode=root', '--variant=apt', '--format=tar', `--architectures=${board.architecture}`],
      ...['Acquire::Languages "none"', 'APT::Install-Recommends "false"'].map((text) => option('aptopt', text)),
      option('aptopt', `Dir::Etc::Preferences "${told}"`),
      option('dpkgopt', 'force-unsafe-io'),
      ...LEFT_OUT.map((path) => option('dpkgopt', `path-exclude=/usr/share/${path}`)),
      option('dpkgopt', 'path-include=/usr/share/doc/*/copyright'),
      `--include=${packagesOf(board).join(',')}`,
      `--customize-hook=sh ${join(folder, 'hook.sh')} "$1" ${folder} ${board.unpacked.join(' ')}`,
      ...[board.suite, join(folder, 'root.tar'), ...sourcesOf(board)],
    ],
    { env: { SOURCE_DATE_EPOCH: String(takenAt) } },
  );
  const found = linesFromApt(readFileSync(join(folder, 'shown'), 'utf8'));
  writeFileSync(join(folder, 'packages.txt'), `${found.join('\n')}\n`);
  return found;
}

const hashOf = (board) => {
  const hash = createHash('sha256')
    .update(HOOK)
    .update(JSON.stringify([board, packagesOf(board), LEFT_OUT]));
  return hash
    .update(JSON.stringify(lockOf(board)))
    .digest('hex')
    .slice(0, 16);
};

/** What differs between the lock and what was installed, a line each; nothing where they are the same. */
export function differences(locked, found) {
  const gone = locked.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  return [...gone, ...found.filter((line) => !locked.includes(line)).map((line) => `+ ${line}`)];
}

/**
 * A folder with `root.tar`, `debs/*.deb` and `packages.txt`. It is made where there is none for this list. The mirror may have newer
 * packages than the lock names: that is said, or refused where `isStrict`. `kept`: folder of bases.
 */
export function baseOf(board, { isStrict = false, kept = KEPT } = {}) {
  const folder = join(kept, `${board.id}-${hashOf(board)}`);
  if (!existsSync(folder)) {
    const next = `${folder}.next-${process.pid}`;
    mkdirSync(next, { recursive: true });
    try {
      say(`Making the base of ${board.id} out of Debian's packages; it is kept for later builds …`);
      makeBase(board, next, { isPinned: true });
      renameSync(next, folder);
    } finally {
      rmSync(next, { recursive: true, force: true });
    }
  }
  const differing = differences(lockOf(board).lines, linesOf(join(folder, 'packages.txt')));
  if (differing.length > 0) tellDifferences(board, differing, isStrict);
  return folder;
}

function tellDifferences(board, differing, isStrict) {
  const cure = `node image/os/build.mjs lock ${board.id} takes what the mirror has now; REEVE_IMAGE_MIRROR may name an archive that keeps old packages`;
  const text = `the mirror has not all that packages/${board.id}.lock names:\n${differing.join('\n')}\n${cure}`;
  if (isStrict) throw new Error(text);
  say(text);
}

/** Writes the lock anew, of what the mirror has now. */
export function takeLock(board, now) {
  const folder = join(KEPT, `lock-${board.id}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const lines = makeBase(board, folder, { isPinned: false });
    const head = `# Every deb of the image for ${board.id}: name, version, architecture, bytes, SHA-256. Made by: node image/os/build.mjs lock ${board.id}\n# taken ${Math.floor(now / 1000)}\n`;
    writeFileSync(lockFile(board), `${head}${lines.join('\n')}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Paths of the debs that a base keeps to be unpacked. */
export const debsOf = (folder) =>
  readdirSync(join(folder, 'debs'))
    .sort()
    .map((name) => join(folder, 'debs', name));
