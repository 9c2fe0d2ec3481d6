import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';

export interface InstallTarget {
  /** Host name or address by which the browser reached the appliance, without port. */
  host: string;
  httpsPort: number;
  /** SHA-256 of the leaf's SPKI, standard base64. */
  pin: string;
  /** SHA-256 of the agent's file, hex: what PowerShell, which pins no key, compares. */
  scriptSha256: string;
  token: string;
}

const flags = AGENT_FLAGS.join(' ');

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/**
 * The line that is pasted on the new machine. The appliance's key (on Windows the file's hash) is in the line itself, and
 * curl enforces it even with -k: nobody in the middle can hand out another program. The token goes by environment, never
 * by argument.
 */
export function installCommands({ host, httpsPort, pin, scriptSha256, token }: InstallTarget) {
  const hub = `https://${bracketed(host)}:${httpsPort}`;
  const unix = `curl -fsSk --pinnedpubkey 'sha256//${pin}' ${hub}/agent.cjs -o reeve-agent.cjs && REEVE_TOKEN=${token} node ${flags} reeve-agent.cjs --hub ${hub}`;
  return [
    { platform: 'linux' as const, title: 'Linux', command: unix },
    { platform: 'darwin' as const, title: 'macOS', command: unix },
    {
      platform: 'win32' as const,
      title: 'Windows',
      command: [
        `curl.exe -fsSk ${hub}/agent.cjs -o reeve-agent.cjs`,
        `if ((Get-FileHash reeve-agent.cjs).Hash -ne '${scriptSha256.toUpperCase()}') { throw 'This is not the agent of your appliance' }`,
        `$env:REEVE_TOKEN='${token}'`,
        `node ${flags} reeve-agent.cjs --hub ${hub}`,
      ].join('; '),
    },
  ];
}
