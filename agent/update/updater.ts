import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { SignedOrder, UpdateAnswer, UpdateOrder, Updating } from '../../protocol/updates.ts';
import type { May } from '../ceiling.ts';
import type { Identity } from '../identity.ts';
import type { AgentLog } from '../log.ts';
import { download } from './download.ts';
import { judgeOrder } from './order.ts';
import { fileNameOf, wordsFor } from './program.ts';
import { testVersion } from './test-version.ts';
import type { Version, Versions } from './versions.ts';

export interface UpdaterOptions {
  versions: Versions;
  /** What its own file allows now. */
  may: () => May;
  /** What this agent is, and which version. */
  program: string;
  version: string;
  /** Version of the installed program. */
  installed: string;
  /** Parameters by which the self-test finds state and own file. */
  flags: readonly string[];
  env: NodeJS.ProcessEnv;
  log: AgentLog;
  /** A new version is fit to be tried: the agent is to end and let it. */
  onReady: (version: Version) => void;
}

/** Where an order came from, and how its sender hears of it. */
export interface Sender {
  identity: Identity;
  /** Address at which the appliance was reached. */
  url: string;
  tell(message: Updating): void;
}

const TRIES = 3;

/** Follows orders to become another version: judged, fetched, compared and tested here, before anything is changed. */
export class Updater {
  readonly #options: UpdaterOptions;
  #isBusy = false;

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  /** Answers whether the order is followed; then goes on by itself and tells how. */
  take(message: SignedOrder, sender: Sender): UpdateAnswer {
    const { versions, may, program, version, log } = this.#options;
    if (this.#isBusy) return { ok: false, reason: 'This agent is busy with an order already' };
    const { applianceId, agentId, ca } = sender.identity;
    const { lastIssuedAt } = versions;
    const order = judgeOrder(message, { applianceId, agentId, ca, may: may(), program, version, lastIssuedAt });
    if (typeof order === 'string') {
      log.warn({ reason: order }, 'an order to update was refused');
      return { ok: false, reason: order };
    }
    this.#isBusy = true;
    versions.take(order.issuedAt);
    log.info({ version: order.version, from: version }, 'updating');
    void this.#follow(order, sender).finally(() => {
      this.#isBusy = false;
    });
    return { ok: true };
  }

  async #follow(order: UpdateOrder, sender: Sender): Promise<void> {
    const { versions, log, program, installed, onReady } = this.#options;
    const { issuedAt, version, size, allowOlder } = order;
    const tell = (step: Updating['step'], reason?: string) =>
      sender.tell({ issuedAt, step, ...(reason !== undefined && { reason: reason.slice(0, 500) }) });
    const name = `${version}-${order.sha256.slice(0, 12)}`;
    const file = `${name}/${fileNameOf(program)}`;
    const trial: Version = { version, program, file, size, issuedAt, allowOlder, over: installed, boots: 0 };
    try {
      tell('downloading');
      await this.#fetch(order, name, sender);
      tell('testing');
      await this.#test(trial);
      versions.begin(trial);
      tell('trying');
      onReady(trial);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ version, reason }, 'not updated');
      versions.forget(name);
      tell('failed', reason);
    }
  }

  /** A line that broke is tried again; what is not what was signed is not. */
  async #fetch(order: UpdateOrder, name: string, { identity, url }: Sender): Promise<void> {
    const { versions, program } = this.#options;
    for (let tries = 1; ; tries++) {
      const folder = versions.makeRoom(name);
      refuseWithoutRoom(folder, order.size);
      try {
        return await download(order, join(folder, fileNameOf(program)), { identity, url });
      } catch (error) {
        if (tries >= TRIES || !isBrokenLine(error)) throw error;
      }
    }
  }

  #test(trial: Version): Promise<void> {
    const { versions, program, flags, env } = this.#options;
    return testVersion(wordsFor(program, versions.pathOf(trial)), { version: trial.version, flags, env });
  }
}

const BROKEN = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'];
const isBrokenLine = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && BROKEN.includes(String(error.code));

/** Twice as much, so that the agent's own folder is not filled to its brim. */
function refuseWithoutRoom(folder: string, size: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const missing = size * 2 - bavail * bsize;
  if (missing > 0)
    throw new Error(`There is no room for it in ${folder}: ${Math.ceil(missing / 1024 ** 2)} MB are missing`);
}
