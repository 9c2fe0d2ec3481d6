import { StartError } from './start-error.ts';

const STOP_MS = 10_000;

/** Runs a program until SIGTERM or SIGINT; exit 0 after a clean stop, 1 with a plain sentence when it cannot start. */
export async function runUntilStopped(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    // Before the start: a signal that comes while it goes on must not tear it apart.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve);
  });
  void asked.then(() => setTimeout(() => process.exit(1), STOP_MS).unref());
  try {
    const program = await start();
    await asked;
    await program.stop();
    process.exit(0);
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
