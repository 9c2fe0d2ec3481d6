import type { Install, InstallState } from '../../protocol/routes/installs.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { HOUR_MS } from '../spans.ts';
import type { connectSsh, HostKey, SshPlace } from '../ssh.ts';
import { SshError } from '../ssh-error.ts';
import { type Hub, InstallError } from './commands.ts';
import { Output } from './output.ts';
import { type Progress, runThere, type Secrets } from './run-there.ts';

export interface InstallsParts {
  now: () => number;
  log: Logger;
  /** The host that came by a token; undefined while none has. */
  hostOf: (siteId: string, tokenId: string) => string | undefined;
  /** Takes a token back that nobody has used. */
  revoke: (siteId: string, tokenId: string) => Promise<void>;
  /** Hears how each run ended. */
  onEnd: (install: Prepared, ended: { outcome: string; hostId?: string }) => void;
  connect: typeof connectSsh;
  /** Longest time between the end of the command and the host; 30 s by default. */
  joinMs?: number;
}

/** What is going to be run, and where. */
export interface Prepared extends Hub {
  siteId: string;
  deviceId: string;
  by: string;
  address: string;
  port: number;
  user: string;
  sudoAsks: boolean;
  command: string;
  tokenId: string;
  expiresAt: number;
  /** The host key that people have accepted for this place before. */
  knownKey?: HostKey | undefined;
}

export interface RunWish extends Secrets {
  login: SshPlace['login'];
  accept?: string | undefined;
}

/** One installation, as long as anybody may ask for it. */
interface Known {
  id: string;
  prepared: Prepared;
  state: InstallState;
  output: Output;
  hostKey?: HostKey;
  failure?: { code: string; text: string };
  hostId?: string;
  abort?: AbortController;
}

const MOST = 20;
const KEEP_MS = HOUR_MS;
const RESTING: readonly InstallState[] = ['ready', 'host-key', 'failed'];

/** Installations of agents over SSH: in memory only, because what they need is typed for one run and not kept. */
export class Installs {
  readonly #parts: InstallsParts;
  readonly #known = new Map<string, Known>();

  constructor(parts: InstallsParts) {
    this.#parts = parts;
  }

  /** Keeps what is to be run until a person says so. */
  prepare(prepared: Prepared): Install {
    const now = this.#parts.now();
    for (const [id, { prepared: each, state }] of this.#known)
      if (RESTING.concat('joined').includes(state) && now > each.expiresAt + KEEP_MS) this.#known.delete(id);
    if (this.#known.size >= MOST)
      throw new Problem('conflict', `${MOST} installations are open: end one, or wait for an hour`);
    const known: Known = { id: newId(now), prepared, state: 'ready', output: new Output() };
    this.#known.set(known.id, known);
    return asInstall(known);
  }

  read(siteId: string, id: string): Install {
    return asInstall(this.#need(siteId, id));
  }

  /** What is going to be run; fails with `not-found` also for that of another site. */
  preparedOf(siteId: string, id: string): Prepared {
    return this.#need(siteId, id).prepared;
  }

  /** Begins; what comes of it is read. Secrets live as long as this run. */
  run(siteId: string, id: string, wish: RunWish): Install {
    const known = this.#need(siteId, id);
    const { prepared, hostKey } = known;
    if (!RESTING.includes(known.state)) throw new Problem('conflict', 'It runs already, or is done');
    if (this.#parts.now() >= prepared.expiresAt)
      throw new Problem('conflict', 'The command has expired: begin again, for one with a new token');
    if (prepared.sudoAsks && wish.sudoPassword === undefined)
      throw new Problem('invalid-request', 'sudo needs a password', [
        { path: 'body.sudoPassword', message: 'type the password that sudo asks for' },
      ]);
    if (wish.accept !== undefined && wish.accept !== hostKey?.sha256)
      throw new Problem('conflict', 'It shows another host key by now: look at that one and compare it');
    const pin = wish.accept === undefined ? prepared.knownKey : hostKey;
    known.state = 'connecting';
    known.output = new Output([wish.sudoPassword, 'password' in wish.login ? wish.login.password : undefined]);
    delete known.failure;
    known.abort = new AbortController();
    const { address, port, user } = prepared;
    void this.#go(known, { address, port, user, login: wish.login, pin }, wish);
    return asInstall(known);
  }

  /** Ends a run, takes the token back and forgets it all; what was done on the machine stays. */
  async cancel(siteId: string, id: string): Promise<void> {
    const { prepared, abort, hostId } = this.#need(siteId, id);
    abort?.abort(new InstallError('cancelled', 'It was cancelled'));
    this.#known.delete(id);
    if (hostId === undefined) await this.#parts.revoke(siteId, prepared.tokenId);
  }

  /** A site is gone, or the appliance stops. */
  forget(which: (siteId: string) => boolean): void {
    for (const [id, { prepared, abort }] of this.#known) {
      if (!which(prepared.siteId)) continue;
      abort?.abort(new InstallError('cancelled', 'It was cancelled'));
      this.#known.delete(id);
    }
  }

  async #go(known: Known, place: SshPlace, secrets: Secrets): Promise<void> {
    const { prepared } = known;
    const signal = known.abort?.signal ?? AbortSignal.abort();
    const progress: Progress = {
      state: (state) => {
        known.state = state;
      },
      output: (piece) => known.output.take(piece),
      text: () => known.output.text,
    };
    const { connect, hostOf, joinMs } = this.#parts;
    try {
      known.hostId = await runThere(prepared, {
        ...{ place, secrets, signal, progress, connect, joinMs },
        hostOf: () => hostOf(prepared.siteId, prepared.tokenId),
      });
      known.state = 'joined';
      this.#parts.onEnd(prepared, { outcome: 'joined', hostId: known.hostId });
    } catch (error) {
      this.#failed(known, error);
    }
  }

  #failed(known: Known, thrown: unknown): void {
    const { prepared, abort } = known;
    const error: unknown = abort?.signal.aborted ? abort.signal.reason : thrown;
    const isKnown = error instanceof SshError || error instanceof InstallError;
    if (!isKnown) this.#parts.log.error({ err: error }, 'an installation over SSH failed');
    if (error instanceof SshError && error.hostKey) known.hostKey = error.hostKey;
    if (error instanceof SshError && error.code === 'host-key-unknown') {
      known.state = 'host-key';
      return;
    }
    const failure = isKnown
      ? { code: error.code, text: known.output.without(error.message) }
      : { code: 'internal', text: 'Something failed inside the appliance: look into its log' };
    known.state = 'failed';
    known.failure = failure;
    this.#parts.onEnd(prepared, { outcome: failure.code });
  }

  #need(siteId: string, id: string): Known {
    const known = this.#known.get(id);
    if (known?.prepared.siteId !== siteId) throw new Problem('not-found', 'There is no such installation');
    return known;
  }
}

function asInstall({ id, prepared, state, output, hostKey, failure, hostId }: Known): Install {
  const { deviceId, address, port, user, command, sudoAsks, expiresAt } = prepared;
  return {
    ...{ id, deviceId, address, port, user, command, sudoAsks, expiresAt, state, output: output.text },
    ...(hostKey && { hostKey: { type: hostKey.type, sha256: hostKey.sha256 } }),
    ...(failure && { failure }),
    ...(hostId !== undefined && { hostId }),
  };
}
