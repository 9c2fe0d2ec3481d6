/**
 * On Windows much is read through PowerShell, which systeminformation starts and writes to without listening for an error: where it may not run,
 * or ends at once, that would end the agent. This lets the process outlive a write to a program that is gone, and nothing else: any other
 * error that nobody caught goes to `end`, which has to end the process.
 */
export function outliveBrokenPipes(end: (error: Error) => void): void {
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.syscall === 'write' && (error.code === 'EPIPE' || error.code === 'EOF')) return;
    end(error);
  });
}
