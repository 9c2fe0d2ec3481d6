import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { type ImageState, MOST_BUNDLE_BYTES } from '../../protocol/machine.ts';
import type { UpdateSettings } from '../../protocol/settings/update.ts';
import type { Job, JobContext } from '../jobs.ts';
import { place } from '../placed.ts';
import { Problem } from '../problem.ts';
import { HOUR_MS } from '../spans.ts';
import { readBounded } from '../system-files.ts';
import { Uploads } from '../uploads.ts';
import type { AgentPrograms } from './agent-programs.ts';
import { BundleError, type BundleHead, HEAD_BYTES, judgeHead, notByItself, readHead, sizeOf } from './bundle.ts';
import { openOnLan } from './lan-fetch.ts';
import type { Machine } from './machine.ts';
import { isWithin, updateSchedule } from './window.ts';

export const UPDATE_JOB = 'update';
const PART = 'update.part';
const RESERVE_BYTES = 50e6;
const MOST_KEY_BYTES = 4_096;

export interface UpdateParts {
  machine: Machine;
  settings(): UpdateSettings;
  zone(): string;
  freeBytes(dir: string): Promise<number>;
  /** Told of each update that is handed to the system without a request of its own. */
  fetched(detail: { version: string; by: string; host: string }): void;
  /** File with the key that the image trusts. */
  keyFile: string;
  /** Takes bundles that are executables of the agent. */
  programs: AgentPrograms;
  /** Which addresses are of the LAN; tests say it for themselves. */
  isNear?: (address: string) => boolean;
}

/** Brings updates to the system of the image: sent from a browser, or fetched from an address of the LAN, by hand or at night. */
export class Updates {
  readonly uploads: Uploads;
  readonly #parts: UpdateParts;
  /** What somebody asked for; the next run of the job fetches it. */
  #wish: { url: string; by: string } | undefined;
  #isFetching = false;

  constructor(parts: UpdateParts) {
    this.#parts = parts;
    const { machine, freeBytes } = parts;
    this.uploads = new Uploads({
      folder: () => machine.orders.dir,
      freeBytes,
      what: 'update',
      mostBytes: MOST_BUNDLE_BYTES,
    });
  }

  /** Takes a piece; after the last one the bundle is looked at and handed over. */
  async take(id: string, { offset, piece, isLast }: { offset: number; piece: Uint8Array; isLast: boolean }) {
    const bytes = await this.uploads.add(id, { offset, piece });
    if (!isLast) return { bytes };
    const { machine } = this.#parts;
    try {
      const head = await this.#headOfFile(this.uploads.fileOf(id));
      await this.#judge(head, await machine.needIdle());
      if (head.manifest.board === 'agents') {
        await this.#parts.programs.install(this.uploads.fileOf(id), head);
        await this.uploads.drop();
      } else await this.uploads.finish(id, machine.orders.fileOf('update'));
      return { bytes, version: head.manifest.version };
    } catch (error) {
      await this.uploads.drop();
      throw error;
    }
  }

  /** For the run that is begun next. Fails while one is under way: a wish that it does not hear of would come true some night. */
  want(url: string, by: string): void {
    if (this.#isFetching)
      throw new Problem('conflict', 'An update is being fetched already: wait until that has ended');
    this.#wish = { url, by };
  }

  job(): Job {
    const { settings, zone } = this.#parts;
    return {
      id: UPDATE_JOB,
      title: 'Install a new version',
      schedule: () => updateSchedule(settings(), zone()),
      timeoutMs: HOUR_MS,
      run: async (context) => {
        this.#isFetching = true;
        try {
          return await this.#run(context);
        } finally {
          this.#isFetching = false;
        }
      },
    };
  }

  async #run(context: JobContext): Promise<string> {
    const wish = this.#wish;
    this.#wish = undefined;
    if (wish) return this.#fetch(wish, context, false);
    const { settings, zone } = this.#parts;
    const { url, from, until } = settings();
    if (url === '') return 'There is no address of updates in the settings';
    if (!isWithin(context.now(), { from, until }, zone())) return `Nothing is installed but from ${from} to ${until}`;
    return this.#fetch({ url, by: 'schedule' }, context, true);
  }

  async #fetch(
    { url, by }: { url: string; by: string },
    { signal, progress }: JobContext,
    isByItself: boolean,
  ): Promise<string> {
    const { machine, isNear, fetched } = this.#parts;
    const image = await machine.needIdle();
    const answer = await openOnLan({ url, signal, mostBytes: MOST_BUNDLE_BYTES, ...(isNear && { isNear }) });
    const host = new URL(url).host;
    try {
      const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      const { head, begun } = await headOf(pieces);
      const { version } = head.manifest;
      if (isByItself && version === image.version) return `Version ${version} runs already`;
      await this.#judge(head, image);
      const why = isByItself ? notByItself(head.manifest, image) : undefined;
      if (why !== undefined) return why;
      const file = path.join(machine.orders.dir, PART);
      await this.#write(file, {
        begun,
        rest: pieces,
        head,
        told: (done, of) => progress({ done, of, text: `Fetching version ${version}` }),
      });
      signal.throwIfAborted();
      await machine.needIdle();
      fetched({ version, by, host });
      if (head.manifest.board === 'agents') {
        await this.#parts.programs.install(file, head);
        return `Executables of the agent of version ${version} were fetched, and are handed out`;
      }
      await place(file, machine.orders.fileOf('update'));
      return `Version ${version} was fetched and handed over: the machine checks it, installs it and restarts`;
    } finally {
      answer.destroy();
      await machine.clearUnfinished([PART]);
    }
  }

  async #write(
    file: string,
    {
      begun,
      rest,
      head,
      told,
    }: { begun: Buffer; rest: AsyncIterator<Buffer>; head: BundleHead; told: (done: number, of: number) => void },
  ): Promise<void> {
    const size = sizeOf(head.manifest);
    const dir = path.dirname(file);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if ((await this.#parts.freeBytes(dir)) < size + RESERVE_BYTES)
      throw new BundleError('The disk has no room for this update: free some space first');
    const handle = await open(file, 'w', 0o600);
    try {
      let bytes = 0;
      for (let piece: Buffer | undefined = begun; piece; piece = (await rest.next()).value) {
        bytes += piece.length;
        if (bytes > MOST_BUNDLE_BYTES) throw new BundleError('The file is larger than an update can be');
        await handle.writeFile(piece);
        told(Math.min(bytes, size), size);
      }
      if (bytes < size) throw new BundleError('The file ended before the update did: try again');
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #headOfFile(file: string): Promise<BundleHead> {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = readHead(buffer.subarray(0, bytesRead));
      const { size } = await handle.stat();
      if (!head || size < sizeOf(head.manifest)) throw new BundleError('This update is cut short: send it again');
      return head;
    } finally {
      await handle.close();
    }
  }

  async #judge(head: BundleHead, image: ImageState): Promise<void> {
    judgeHead(head, image, await readBounded(this.#parts.keyFile, MOST_KEY_BYTES));
  }
}

/** What was read until the head was there. */
async function headOf(pieces: AsyncIterator<Buffer>): Promise<{ head: BundleHead; begun: Buffer }> {
  const all: Buffer[] = [];
  let bytes = 0;
  while (bytes < HEAD_BYTES) {
    const { value, done } = await pieces.next();
    if (done) break;
    all.push(value);
    bytes += value.length;
    const begun = Buffer.concat(all);
    const head = readHead(begun);
    if (head) return { head, begun };
  }
  throw new BundleError('The file ended before the update did, or is no update of Reeve');
}

/** Why an update is not taken, as a problem. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BundleError ? new Problem('update-refused', error.message) : error;
  }
}
