import type { Ceiling } from '../../protocol/ceiling.ts';

export interface InstallTarget {
  /** Origin of the appliance, as the new machine reaches it. */
  hub: string;
  /** SHA-256 of the leaf's SPKI, standard base64. */
  pin: string;
  /** SHA-256 of the installer for PowerShell, which pins no key, hex. */
  powerShellSha256: string;
  token: string;
  /** What the agent may ever be asked to do; empty: nothing. Absent: the installer asks where somebody sits, and else allows nothing. */
  may?: Ceiling;
}

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** Origin of the appliance's HTTPS door. */
export const hubOf = (host: string, httpsPort: number): string => `https://${bracketed(host)}:${httpsPort}`;

/**
 * The line that is pasted on the new machine. The appliance's key (on Windows the installer's hash) is in the line itself, and curl
 * enforces it even with -k: nobody in the middle can hand out another installer, which in turn compares all that it fetches. The token
 * goes by environment.
 */
export function installCommands(target: InstallTarget) {
  const { hub, powerShellSha256, token, may } = target;
  const allowed = wordsOf(may);
  const unix = shellLine(target, 'sudo');
  const power = may === undefined ? '' : allowed.length === 0 ? ' -ReadOnly' : ` -Allow '${allowed.join(';')}'`;
  return [
    { platform: 'linux' as const, title: 'Linux', command: unix },
    { platform: 'darwin' as const, title: 'macOS', command: unix },
    {
      platform: 'win32' as const,
      title: 'Windows',
      command: [
        `$f = "$env:TEMP\\reeve-install.ps1"`,
        `curl.exe -fsSk ${hub}/install.ps1 -o $f`,
        `if ((Get-FileHash $f).Hash -ne '${powerShellSha256.toUpperCase()}') { throw 'This is not the installer of your appliance' }`,
        `$env:REEVE_TOKEN = '${token}'`,
        `powershell -NoProfile -ExecutionPolicy Bypass -File $f${power}`,
      ].join('; '),
    },
  ];
}

/** The line for a shell; without sudo where it is run by root. */
export function shellLine({ hub, pin, token, may }: Omit<InstallTarget, 'powerShellSha256'>, as: 'sudo' | 'root') {
  const allowed = wordsOf(may);
  const flags = may === undefined ? '' : allowed.length === 0 ? ' --read-only' : allowed.map(asFlag).join('');
  const shell = flags === '' ? 'sh' : `sh -s --${flags}`;
  const sudo = as === 'sudo' ? 'sudo ' : '';
  return `curl -fsSk --pinnedpubkey 'sha256//${pin}' ${hub}/install.sh | ${sudo}REEVE_TOKEN=${token} ${shell}`;
}

const wordsOf = (may: Ceiling = []): string[] =>
  may.map(({ action, targets }) => (targets ? `${action}=${targets.join(',')}` : action));

/** Quoted where a shell would read more into it; the schema of what may be asked for leaves no quotes in. */
const asFlag = (word: string): string => ` --allow ${/^[\w=,./:@-]+$/.test(word) ? word : `'${word}'`}`;
