// Part of the last stage: what of the agent is handed out, by the build and by what somebody brought.
import { Installers } from '../agents/installers.ts';
import type { BroughtExecutables } from '../agents/releases.ts';
import type { Logger } from '../log.ts';
import type { Imaging } from './imaging.ts';

/** What is handed out, now and after executables were brought. On an image only what its maker signed; elsewhere the machine is its owner's. */
export async function openInstallers(
  distDir: string,
  { machine, programs }: Imaging,
  log: Logger,
): Promise<Installers | undefined> {
  await programs
    .recover()
    .catch((err: unknown) => log.warn({ err }, 'executables that were half brought could not be cleared'));
  const isImage = machine.seen.image !== undefined;
  const brought = async (): Promise<BroughtExecutables> => ({
    dir: programs.dir,
    ...(isImage && { signed: await programs.signed() }),
  });
  const installers = await Installers.open(distDir, await brought());
  const tell = () => {
    for (const { platform, reason } of installers?.leftOut ?? [])
      log.warn({ platform, reason }, 'an executable of the agent is not handed out');
  };
  tell();
  programs.onBrought(async () => {
    await installers?.look(distDir, await brought());
    tell();
  });
  return installers;
}
