/** Where the machine that is installed on reaches the appliance, and the key that it has to find there. */
export interface Hub {
  hub: string;
  pin: string;
}

/** What keeps an agent from being installed, with its cure; `code` is stable. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs a script by the POSIX shell, whatever shell the user has. */
export const inShell = (script: string): string => `sh -c '${script.replaceAll("'", `'\\''`)}'`;

/** Exactly what is run: the install line, where sudo needs a password after sudo has read it from standard input. */
export const commandOf = (line: string, sudoAsks: boolean): string => (sudoAsks ? `sudo -S -p '' -v && ${line}` : line);

/** Reads what an installation needs, and changes nothing. */
export const lookScript = ({ hub, pin }: Hub): string => `has() { command -v "$1" >/dev/null 2>&1; }
echo "system=$(uname -s)"
echo "uid=$(id -u)"
[ -e /etc/openwrt_release ] && echo openwrt=yes
if has sudo; then
  echo sudo=yes
  sudo -n true >/dev/null 2>&1 </dev/null && echo free=yes
fi
if has curl; then
  curl -fsSk -m 10 --pinnedpubkey 'sha256//${pin}' ${hub}/install.sh -o /dev/null >/dev/null 2>&1
  echo "curl=$?"
fi
true`;

/** Has sudo judge the password on standard input, whatever it remembers. */
export const SUDO_CHECK = "LC_ALL=C sudo -k -S -p '' true";

const NOT_PINNED = 90;

/** Fails with what the machine lacks, as `lookScript` told it. */
export function judgeLook(said: string, place: { user: string; sudoAsks: boolean; hub: string }): void {
  const told = new Map(said.split('\n').map((line) => [line.split('=')[0] ?? '', line.split('=')[1] ?? ''] as const));
  const system = told.get('system') ?? '';
  if (told.has('openwrt'))
    throw new InstallError('unsupported', 'OpenWrt has too little room for the agent: audit it over SSH instead');
  if (system !== 'Linux' && system !== 'Darwin')
    throw new InstallError('unsupported', `There is no agent for ${nameOf(system)}: audit it over SSH instead`);
  judgeSudo(told, place);
  judgeCurl(told.get('curl'), place.hub);
}

const nameOf = (system: string): string => (/^[\w.-]{1,40}$/.test(system) ? system : 'this system');

function judgeSudo(told: ReadonlyMap<string, string>, { user, sudoAsks }: { user: string; sudoAsks: boolean }): void {
  if (told.get('uid') === '0') return;
  if (user === 'root') throw new InstallError('no-root', 'root is not root there: sign in as another user, with sudo');
  if (!told.has('sudo'))
    throw new InstallError(
      'no-sudo',
      `${user} is not root, and there is no sudo there: sign in as root, or install sudo`,
    );
  if (!sudoAsks && !told.has('free'))
    throw new InstallError('sudo-asks', `sudo asks ${user} for a password there: begin again and say so`);
}

function judgeCurl(curl: string | undefined, hub: string): void {
  if (curl === '0') return;
  if (curl === undefined)
    throw new InstallError('no-curl', 'There is no curl on it: install it there (apt install curl), then try again');
  if (curl === String(NOT_PINNED))
    throw new InstallError('wrong-pin', `At ${hub} it finds a server with another key than that of this appliance`);
  throw new InstallError(
    'no-way-back',
    `It does not reach this appliance at ${hub} (curl ended with ${nameOf(curl)}): look at firewalls and routes between the two`,
  );
}

/** Fails with what sudo had against the user or the password; `errors` is what it wrote. */
export function judgePassword({ code, errors }: { code: number | undefined; errors: string }, user: string): void {
  if (code === 0) return;
  if (/not in the sudoers|not allowed to|may not run/i.test(errors))
    throw new InstallError('not-in-sudoers', `${user} may not use sudo there: sign in as somebody who may, or as root`);
  if (/incorrect password|no password was provided|sorry, try again/i.test(errors))
    throw new InstallError('sudo-password', `sudo does not take this password of ${user}`);
  throw new InstallError('sudo', `sudo does not work there: ${lastLine(errors) || `it ended with ${code}`}`);
}

/** Why the command failed, in the words of the installer where it said any. */
export function failureOf(code: number | undefined, output: string): InstallError {
  const ours = output.split('\n').findLast((line) => line.startsWith('reeve-agent: '));
  if (ours) return new InstallError('installer', ours.slice('reeve-agent: '.length));
  if (/a password is required|a terminal is required|must have a tty/.test(output))
    return new InstallError('sudo-asks', 'sudo asks for its password again each time: sign in as root for this once');
  const last = lastLine(output);
  return new InstallError('failed', `The command ended with ${code ?? 'a signal'}${last === '' ? '' : `: ${last}`}`);
}

const lastLine = (text: string): string => readable(text).trim().split('\n').at(-1)?.slice(0, 300) ?? '';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** What a stranger wrote, as it may be shown: lines of text without escapes, control, direction or invisible characters. */
export const readable = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replace(ESCAPES, '')
    .replace(/[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu, '\ufffd');
