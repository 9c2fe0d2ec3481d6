import { type Overseer, ServiceBeat } from './service-beat.ts';
import { StartError } from './start-error.ts';

const STOP_MS = 10_000;

/** A program that runs until it is stopped, or asks to be started anew. */
export interface Running {
  restartAsked: Promise<void>;
  /** How it fares, in one line. */
  status(): string;
  stop(): Promise<void>;
}

/**
 * Runs a program until SIGTERM or SIGINT; exit 0 after a clean stop, 1 with a plain sentence when it cannot start. One that asks for it
 * is stopped and started again in the same process; `start` gets the former one, and a signal that says when it need not go on. systemd is
 * told of each step.
 */
export async function runUntilStopped<R extends Running>(
  start: (former: R | undefined, stopping: AbortSignal) => Promise<R>,
  overseer: Overseer,
): Promise<void> {
  const stopping = new AbortController();
  const asked = new Promise<void>((resolve) => {
    const take = (): void => {
      stopping.abort();
      resolve();
    };
    // Before the start: a signal that comes while it goes on must not tear it apart.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, take);
  });
  void asked.then(() => setTimeout(() => process.exit(1), STOP_MS).unref());
  let status = (): string => 'Starts';
  const beat = new ServiceBeat({ ...overseer, status: () => status() });
  void asked.then(() => beat.stopping());
  try {
    for (let former: R | undefined; ; ) {
      const program: R = await start(former, stopping.signal);
      status = () => program.status();
      if (!stopping.signal.aborted) beat.ready();
      await Promise.race([asked, program.restartAsked]);
      status = () => 'Starts anew';
      if (!stopping.signal.aborted) beat.reloading();
      await program.stop();
      if (stopping.signal.aborted) break;
      former = program;
    }
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted && error instanceof Error && error.name === 'AbortError') process.exit(0);
    process.stderr.write(`${inWords(error)}\n`);
    process.exit(1);
  }
}

/** A reason that a person can mend needs no stack; anything else does. */
function inWords(error: unknown): string {
  if (error instanceof StartError) return `Reeve cannot start: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
