import { swapInRestored } from '../../../../appliance/store/swap.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Swaps restored data in and kills itself before the n-th step that changes the disk. */
async function swap([, , dir = '', dieAt = '']: readonly string[]): Promise<void> {
  let step = 0;
  const onStep = (): void => {
    if (++step === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
  };
  await swapInRestored({ dir, log: silent, now: () => 1_800_000_000_000, onStep });
}

void swap(process.argv);
