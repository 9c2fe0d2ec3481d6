import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { SshError, sshErrorOf } from './ssh-error.ts';
import { type HostKey, hostKeyOf, type SshPlace } from './ssh-place.ts';
import { type RunLimits, type RunOutcome, runBounded, type SshClient } from './ssh-run.ts';

export type { HostKey, SshPlace } from './ssh-place.ts';

export interface SshOptions {
  signal?: AbortSignal | undefined;
  /** Longest time until signed in, for each server on the way; 10 s by default. */
  readyMs?: number;
}

/** A connection on which the server has proven itself and we are signed in. */
export interface SshConnection {
  readonly hostKey: HostKey;
  /** Runs a command with limits on its output and time. Fails with `SshError` when one is broken or the connection is lost. */
  run(command: string, limits?: RunLimits): Promise<RunOutcome>;
  /** Ends it and what it went through; nothing throws afterwards. */
  close(): void;
}

const READY_MS = 10_000;
/** The library's own list still has SHA-1: this one has what servers of the last ten years speak. */
const ALGORITHMS = {
  kex: [
    ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384'],
    ...['ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512'],
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    ...['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
    ...['aes256-ctr', 'aes128-ctr'],
  ],
  hmac: [...['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'], ...['hmac-sha2-256', 'hmac-sha2-512']],
};
/** The library's ChaCha20 shares memory: within another connection it would write over what that one is about to send. */
const INNER_CIPHERS = ALGORITHMS.cipher.filter((name) => name.startsWith('aes'));
const HOST_KEYS = [
  ...['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ...['rsa-sha2-512', 'rsa-sha2-256'],
];

/** Only the pinned type is asked for, so that a server with several keys does not look like a changed one. */
const wantedTypes = (pin: HostKey | undefined): string[] => {
  if (!pin) return HOST_KEYS;
  return pin.type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [pin.type];
};

/**
 * Signs in. Fails with `SshError`: `host-key-unknown` or `host-key-changed` before anything of ours was sent, `refused` for a login that
 * is not taken, `unreachable`, `silent`, `dropped` for what may pass.
 */
export async function connectSsh(place: SshPlace, options: SshOptions = {}): Promise<SshConnection> {
  options.signal?.throwIfAborted();
  const jump = place.through && (await connectClient(place.through, options));
  try {
    const sock = jump && (await forward(jump.client, place));
    const { client, hostKey } = await connectClient(place, options, sock);
    return {
      hostKey,
      run: (command, limits) => runBounded(client, command, { ...limits, signal: limits?.signal ?? options.signal }),
      close: () => {
        client.destroy();
        jump?.client.destroy();
      },
    };
  } catch (error) {
    jump?.client.destroy();
    throw error;
  }
}

interface Connected {
  client: SshClient;
  hostKey: HostKey;
}

async function connectClient(place: SshPlace, options: SshOptions, sock?: Duplex): Promise<Connected> {
  try {
    return await tryClient(place, options, { sock, types: wantedTypes(place.pin) });
  } catch (error) {
    // A server that no longer has a key of the pinned type has another key: which one, a second look says.
    if (sock || !place.pin || !(error instanceof SshError) || error.code !== 'algorithms') throw error;
    return tryClient(place, options, { sock: undefined, types: HOST_KEYS });
  }
}

interface Try {
  sock: Duplex | undefined;
  types: readonly string[];
}

async function tryClient(place: SshPlace, { signal, readyMs = READY_MS }: SshOptions, how: Try): Promise<Connected> {
  const { NodeSSH } = await import('node-ssh');
  signal?.throwIfAborted();
  const ssh: NodeSSH = new NodeSSH();
  const seen: { hostKey?: HostKey; refused?: SshError | undefined } = {};
  const connecting = ssh.connect({
    host: place.address,
    port: place.port,
    username: place.user,
    ...('password' in place.login ? { ...place.login, tryKeyboard: true } : place.login),
    ...(how.sock && { sock: how.sock as never }),
    readyTimeout: readyMs,
    keepaliveInterval: 5_000,
    keepaliveCountMax: 3,
    algorithms: { ...ALGORITHMS, ...(how.sock && { cipher: INNER_CIPHERS }), serverHostKey: [...how.types] } as never,
    hostVerifier: (raw: Buffer) => {
      seen.hostKey = hostKeyOf(raw);
      seen.refused = judgeHostKey(seen.hostKey, place);
      return seen.refused === undefined;
    },
  });
  // It is there before the first await of `connect`. An error that nobody hears would end the process.
  const client = ssh.connection;
  client?.on('error', () => undefined);
  const ends = new AbortController();
  const end = (): void => ends.abort();
  const limit = setTimeout(end, readyMs + 500);
  signal?.addEventListener('abort', end);
  client?.on('end', end);
  try {
    // Over another connection the library itself never says that it ended.
    await Promise.race([connecting, aborted(ends.signal)]);
    if (!client || !seen.hostKey) throw new SshError('dropped', 'The connection ended at once');
    return { client, hostKey: seen.hostKey };
  } catch (error) {
    client?.destroy();
    signal?.throwIfAborted();
    throw seen.refused ?? sshErrorOf(error, place);
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', end);
    connecting.catch(() => undefined);
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      // What the library has to say of it is better, and comes in the same turn.
      setImmediate(() => reject(new Error('it ended before anybody was signed in')));
    });
  });

function judgeHostKey(hostKey: HostKey, { pin, address, port }: SshPlace): SshError | undefined {
  const shown = { hostKey, by: `${address}:${port}` };
  if (!pin)
    return new SshError(
      'host-key-unknown',
      `${address} shows the host key ${hostKey.sha256} (${hostKey.type}), which nobody has accepted yet`,
      shown,
    );
  if (pin.sha256 === hostKey.sha256) return undefined;
  return new SshError(
    'host-key-changed',
    `${address} shows another host key than the accepted one: ${hostKey.sha256} (${hostKey.type}) in the place of ${pin.sha256}. It was installed anew, or something stands in its place`,
    shown,
  );
}

function forward(client: SshClient, { address, port }: SshPlace): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
      if (error)
        reject(new SshError('unreachable', `The jump host does not reach ${address}:${port}: ${error.message}`));
      else resolve(channel);
    });
  });
}
