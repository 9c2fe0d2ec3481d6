import { StartError } from './options.ts';

const STOP_MS = 10_000;

/** Runs a program until SIGTERM or SIGINT; exit 0 after a clean stop, 1 with a plain sentence when it cannot start. */
export async function runUntilStopped(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  try {
    const program = await start();
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(1), STOP_MS).unref();
      void program.stop().then(() => process.exit(0));
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`);
    process.exit(1);
  }
}

/** A reason that a person can mend needs no stack; anything else does. */
function inWords(error: unknown): string {
  if (error instanceof StartError) return `Reeve cannot start: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
