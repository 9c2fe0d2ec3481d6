// A service as systemd would start it: SIGUSR1 makes its disk hang, SIGUSR2 its event loop.
import { runUntilStopped } from '../../../appliance/run.ts';
import { openServiceManager } from '../../../appliance/service-manager.ts';

let disk: Promise<unknown> = Promise.resolve();
process.on('SIGUSR1', () => {
  disk = new Promise(() => undefined);
});
process.on('SIGUSR2', () => {
  for (;;);
});
const program = {
  restartAsked: new Promise<void>(() => undefined),
  status: () => 'all is\nwell',
  stop: () => Promise.resolve(),
};
const manager = openServiceManager(process.env);
process.stdout.write(`${JSON.stringify(Object.keys(process.env))}\n`);
const holds = setInterval(() => undefined, 1_000);
await runUntilStopped(async () => program, { manager, probe: () => disk });
clearInterval(holds);
