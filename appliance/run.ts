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
    const isForPeople = error instanceof StartError || (error instanceof Error && 'isForPeople' in error);
    process.stderr.write(
      `${isForPeople && error instanceof Error ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(1);
  }
}
