import type { HostKey, SshPlace } from './ssh-place.ts';

/**
 * Why something over SSH did not work. `host-key-…`: a person has to look; `refused`: the login is not taken; `algorithms`: the two have
 * none in common; `too-much`, `too-long`: a limit of ours; the others may pass by themselves.
 */
export type SshErrorCode =
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'refused'
  | 'algorithms'
  | 'not-ssh'
  | 'key'
  | 'unreachable'
  | 'silent'
  | 'dropped'
  | 'too-much'
  | 'too-long';

const PASSING: readonly SshErrorCode[] = ['unreachable', 'silent', 'dropped'];

export class SshError extends Error {
  override readonly name = 'SshError';
  readonly code: SshErrorCode;
  /** The key that was shown, and by whom (`address:port`), where that is what is wrong. */
  readonly hostKey: HostKey | undefined;
  readonly shownBy: string | undefined;

  constructor(code: SshErrorCode, message: string, shown?: { hostKey: HostKey; by: string }) {
    super(message);
    this.code = code;
    this.hostKey = shown?.hostKey;
    this.shownBy = shown?.by;
  }

  /** Whether another try in a moment may go better. */
  get isPassing(): boolean {
    return PASSING.includes(this.code);
  }
}

/** What the library says, in our words. */
export function sshErrorOf(error: unknown, { address, port, user, login }: SshPlace): SshError {
  if (error instanceof SshError) return error;
  const { message, code, level } = error as { message: string; code?: string; level?: string };
  const place = `${address}:${port}`;
  if (level === 'client-authentication')
    return new SshError(
      'refused',
      'password' in login
        ? `${place} does not let ${user} in with this password: it is wrong, or passwords are switched off there`
        : `${place} does not let ${user} in with this key: push it there, or check the name of the user and that the account is not locked`,
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new SshError('unreachable', `The name ${address} is not known`);
  if (code === 'ECONNREFUSED')
    return new SshError(
      'unreachable',
      `${place} refuses connections: no SSH server listens there, or a firewall is in the way`,
    );
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return new SshError('unreachable', `There is no way to ${place}`);
  if (level === 'client-timeout' || code === 'ETIMEDOUT' || code === 'ECONNRESET')
    return new SshError(
      code === 'ECONNRESET' ? 'dropped' : 'silent',
      code === 'ECONNRESET' ? `${place} dropped the connection` : `${place} did not answer as an SSH server in time`,
    );
  if (level === 'handshake' || /no matching/i.test(message))
    return new SshError('algorithms', `${place} and Reeve have no algorithm in common: ${short(message)}`);
  if (/privateKey|passphrase|key format/i.test(message))
    return new SshError('key', `The key cannot be used: ${short(message)}`);
  if (level === 'protocol' || /header|identification|packet|protocol/i.test(message))
    return new SshError('not-ssh', `${place} does not speak SSH as it should: ${short(message)}`);
  return new SshError('dropped', `The connection to ${place} was lost: ${short(message)}`);
}

/** What a server sent may hold anything. */
const short = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 200);
