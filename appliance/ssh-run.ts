import type { NodeSSH } from 'node-ssh';
import { SshError } from './ssh-error.ts';

/** The library's connection below node-ssh, whose own `execCommand` keeps all output and takes a lost connection for an end. */
export type SshClient = NonNullable<NodeSSH['connection']>;

export interface RunLimits {
  /** Written to the command, then closed. */
  input?: string | Uint8Array;
  /** Most output that is taken; 4 MiB by default. */
  mostBytes?: number;
  /** Longest silence; 20 s by default. */
  idleMs?: number;
  /** Longest time in all; 60 s by default. */
  totalMs?: number;
  /** Hears of each piece as it comes. */
  onData?: (piece: Buffer) => void;
  /** Hears of each piece on standard error, which counts as output. */
  onErrors?: (piece: Buffer) => void;
  signal?: AbortSignal | undefined;
}

export interface RunOutcome {
  /** Undefined where a signal ended it. */
  code: number | undefined;
  signal: string | undefined;
  output: Buffer;
  /** The beginning of what it said on standard error. */
  errors: string;
}

const LIMITS = { mostBytes: 4 << 20, idleMs: 20_000, totalMs: 60_000 };
const ERROR_BYTES = 8_192;

/**
 * One command with every limit. The remote command may live on after a limit was broken, because closing a channel does not end it:
 * who sends a script gives it a limit of its own.
 */
export function runBounded(client: SshClient, command: string, limits: RunLimits = {}): Promise<RunOutcome> {
  return new Promise((resolve, reject) => {
    const run = new Run(client, { ...LIMITS, ...limits }, (error, outcome) =>
      error ? reject(error) : resolve(outcome as RunOutcome),
    );
    run.start(command);
  });
}

type Settle = (error: unknown, outcome?: RunOutcome) => void;
type Channel = Parameters<Parameters<SshClient['exec']>[1]>[1];

class Run {
  readonly #client: SshClient;
  readonly #limits: RunLimits & typeof LIMITS;
  readonly #settle: Settle;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #errors = '';
  #ended: { code?: number; signal?: string } = {};
  #isDone = false;
  #channel: Channel | undefined;
  #total: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(client: SshClient, limits: RunLimits & typeof LIMITS, settle: Settle) {
    this.#client = client;
    this.#limits = limits;
    this.#settle = settle;
  }

  start(command: string): void {
    const { signal, totalMs } = this.#limits;
    if (signal?.aborted) {
      this.#finish(signal.reason);
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    this.#client.once('close', this.#onLost);
    this.#total = setTimeout(
      () => this.#cut(new SshError('too-long', `The command took longer than ${totalMs / 1000} s`)),
      totalMs,
    );
    this.#stir();
    try {
      this.#client.exec(command, (error, channel) => this.#opened(error, channel));
    } catch {
      this.#onLost(); // "Not connected": it was lost before.
    }
  }

  #opened(error: Error | undefined, channel: Channel): void {
    if (error) {
      this.#finish(new SshError('dropped', `The server opened no channel: ${error.message.slice(0, 200)}`));
      return;
    }
    if (this.#isDone) {
      channel.close();
      return;
    }
    this.#channel = channel;
    channel.on('data', (piece: Buffer) => this.#take(piece));
    channel.stderr.on('data', (piece: Buffer) => this.#takeErrors(piece));
    channel.on('exit', (code: number | null, name?: string) => {
      this.#ended = { ...(code !== null && { code }), ...(name !== undefined && { signal: name }) };
    });
    channel.on('error', (failure: Error) => this.#finish(new SshError('dropped', failure.message.slice(0, 200))));
    channel.on('close', () => this.#closed());
    channel.end(this.#limits.input);
  }

  #take(piece: Buffer): void {
    if (this.#isDone) return; // Data still comes after a channel was closed.
    this.#stir();
    this.#bytes += piece.length;
    if (this.#bytes > this.#limits.mostBytes) {
      this.#tooMuch();
      return;
    }
    this.#pieces.push(piece);
    this.#hear(this.#limits.onData, piece);
  }

  #takeErrors(piece: Buffer): void {
    if (this.#isDone) return;
    this.#stir();
    if (this.#errors.length < ERROR_BYTES) this.#errors += piece.toString('utf8').slice(0, ERROR_BYTES);
    this.#bytes += this.#limits.onErrors ? piece.length : 0;
    if (this.#bytes > this.#limits.mostBytes) this.#tooMuch();
    else this.#hear(this.#limits.onErrors, piece);
  }

  #hear(listener: ((piece: Buffer) => void) | undefined, piece: Buffer): void {
    try {
      listener?.(piece);
    } catch (error) {
      this.#cut(error); // Thrown in a handler of the library it would surface as an error of the connection.
    }
  }

  #tooMuch(): void {
    this.#cut(new SshError('too-much', `The command wrote more than ${this.#limits.mostBytes} bytes`));
  }

  #stir(): void {
    if (this.#isDone) return;
    const { idleMs } = this.#limits;
    if (this.#idle) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(
      () => this.#cut(new SshError('too-long', `The command was silent for ${idleMs / 1000} s`)),
      idleMs,
    );
  }

  /** Without an exit status the command did not end: the connection did. */
  #closed(): void {
    const { code, signal } = this.#ended;
    if (code === undefined && signal === undefined) this.#onLost();
    else this.#finish(undefined, { code, signal, output: Buffer.concat(this.#pieces), errors: this.#errors });
  }

  readonly #onLost = (): void => this.#finish(new SshError('dropped', 'The connection was lost while the command ran'));

  readonly #onAbort = (): void => this.#cut(this.#limits.signal?.reason);

  #cut(error: unknown): void {
    try {
      this.#channel?.close();
    } catch {
      // It is closed already.
    }
    this.#finish(error);
  }

  #finish(error: unknown, outcome?: RunOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
    this.#client.removeListener('close', this.#onLost);
    this.#limits.signal?.removeEventListener('abort', this.#onAbort);
    this.#settle(error, outcome);
  }
}
