import { setTimeout as pause } from 'node:timers/promises';
import type { InstallState } from '../../protocol/routes/installs.ts';
import { MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { connectSsh, SshConnection, SshPlace } from '../ssh.ts';
import {
  failureOf,
  type Hub,
  InstallError,
  inShell,
  judgeLook,
  judgePassword,
  lookScript,
  SUDO_CHECK,
} from './commands.ts';

export interface Secrets {
  sudoPassword?: string | undefined;
}

export interface Progress {
  state(state: InstallState): void;
  output(piece: Buffer): void;
  /** All that was written so far. */
  text(): string;
}

export interface ThereParts {
  place: SshPlace;
  secrets: Secrets;
  signal: AbortSignal;
  progress: Progress;
  connect: typeof connectSsh;
  /** The host that came of it, once there is one. */
  hostOf: () => string | undefined;
  joinMs?: number | undefined;
}

interface Wanted extends Hub {
  user: string;
  sudoAsks: boolean;
  command: string;
}

const LOOK = { totalMs: 30 * SECOND_MS, mostBytes: 8_192 };
/** An executable of 40 MB over a slow link, and a machine that unpacks it slowly. */
const INSTALL = { totalMs: 10 * MINUTE_MS, idleMs: 5 * MINUTE_MS, mostBytes: 1 << 20 };
const JOIN_MS = 30 * SECOND_MS;
const ASK_MS = 250;

/**
 * Signs in, looks at what the machine has, runs the command and waits for the host that it brings; answers with its id. Fails with
 * `SshError` or `InstallError`, with the cure. The command itself may live on where the connection is lost or it is cancelled.
 */
export async function runThere(wanted: Wanted, parts: ThereParts): Promise<string> {
  const { place, signal, progress } = parts;
  const connection = await parts.connect(place, { signal });
  try {
    progress.state('looking');
    await look(connection, wanted, parts.secrets);
    progress.state('installing');
    await install(connection, wanted, parts);
  } finally {
    connection.close();
  }
  progress.state('waiting');
  return joined(parts);
}

async function look(connection: SshConnection, wanted: Wanted, { sudoPassword }: Secrets): Promise<void> {
  const { output } = await connection.run(inShell(lookScript(wanted)), LOOK);
  judgeLook(output.toString('utf8'), wanted);
  if (!wanted.sudoAsks || wanted.user === 'root') return;
  const checked = await connection.run(inShell(SUDO_CHECK), { ...LOOK, input: `${sudoPassword}\n` });
  judgePassword(checked, wanted.user);
}

async function install(
  connection: SshConnection,
  { command, sudoAsks }: Wanted,
  { secrets, progress }: ThereParts,
): Promise<void> {
  const { code } = await connection.run(inShell(command), {
    ...INSTALL,
    ...(sudoAsks && { input: `${secrets.sudoPassword}\n` }),
    onData: progress.output,
    onErrors: progress.output,
  });
  if (code !== 0) throw failureOf(code, progress.text());
}

/** The agent was paired before the command ended: it is a matter of moments. */
async function joined({ hostOf, joinMs = JOIN_MS, signal }: ThereParts): Promise<string> {
  const until = performance.now() + joinMs;
  for (;;) {
    const hostId = hostOf();
    if (hostId !== undefined) return hostId;
    if (performance.now() >= until)
      throw new InstallError('not-joined', 'The command ended well, but no agent came: look at what it wrote');
    await pause(ASK_MS, undefined, { signal });
  }
}
