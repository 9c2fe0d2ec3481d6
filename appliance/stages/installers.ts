// Part of the last stage: what of the agent is handed out, by the build and by what somebody brought.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Installers } from '../agents/installers.ts';
import { type Packs, packsIn } from '../agents/packs.ts';
import { Unpacking } from '../agents/unpacking.ts';
import { UnpackingApart } from '../agents/unpacking-apart.ts';
import type { Logger } from '../log.ts';
import type { ApplianceOptions } from '../options.ts';
import { SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import { Turns } from '../turns.ts';
import { freeBytesOf } from '../wear.ts';
import type { Imaging } from './imaging.ts';

/** A machine that starts has other things to do first. */
const UNPACK_AFTER_MS = 20 * SECOND_MS;

type Opening = Pick<ApplianceOptions, 'distDir' | 'data' | 'unpack'>;

/** What is handed out, now and after executables were brought. On an image only what its maker signed; elsewhere the machine is its owner's. */
export async function openInstallers(
  { distDir, data, unpack = {} }: Opening,
  { machine, programs }: Imaging,
  { log, stops }: { log: Logger; stops: Stops },
): Promise<Installers | undefined> {
  await programs
    .recover()
    .catch((err: unknown) => log.warn({ err }, 'executables that were half brought could not be cleared'));
  if (!machine.seen.image) {
    const brought = { dir: programs.dir };
    const installers = await Installers.open(distDir, brought);
    tell(log, installers?.leftOut);
    return installers;
  }
  const ready = path.join(data, 'executables.ready');
  let found: Packs = { packs: [], leftOut: [] };
  const handedOut = {
    dir: ready,
    signed: (platform: string) => found.packs.find((pack) => pack.platform === platform)?.sha256,
  };
  const installers = await Installers.open(distDir, handedOut);
  if (!installers) return undefined;
  const look = async () => {
    const places = [{ dir: path.join(distDir, 'packs') }, { dir: programs.dir, signed: await programs.signed() }];
    found = await packsIn(places, installers.scriptSha256);
    tell(log, found.leftOut);
    await installers.look(distDir, handedOut);
  };
  await look();
  const onReady = () => installers.look(distDir, handedOut);
  const program = path.join(distDir, 'appliance/unpack.js');
  const unpacking = existsSync(program)
    ? new UnpackingApart(program, { dir: ready, onReady })
    : new Unpacking({ ...unpack, dir: ready, freeBytes: freeBytesOf, onReady });
  const make = oneAfterTheOther(stops, async (signal) => {
    tell(log, await unpacking.make(found.packs, signal));
    await onReady();
  });
  const failed = (err: unknown) => log.warn({ err }, 'executables of the agent could not be unpacked');
  const timer = setTimeout(() => void make().catch(failed), unpack.afterMs ?? UNPACK_AFTER_MS);
  stops.add('unpacking of executables', () => clearTimeout(timer));
  programs.onBrought(async () => {
    await look();
    void make().catch(failed);
  });
  return installers;
}

function tell(log: Logger, leftOut: Packs['leftOut'] = []): void {
  for (const { platform, reason } of leftOut)
    log.warn({ platform, reason }, 'an executable of the agent is not handed out');
}

/** Runs of `work`, each after the one before; a stop ends the one that runs and waits for that. */
function oneAfterTheOther(stops: Stops, work: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const turns = new Turns();
  const ending = new AbortController();
  stops.add('executables', async () => {
    ending.abort();
    await turns.run(async () => undefined);
  });
  return () => turns.run(async () => (ending.signal.aborted ? undefined : work(ending.signal)));
}
