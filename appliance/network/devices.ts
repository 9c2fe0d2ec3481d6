import { NETWORK_LIMITS } from '../../protocol/network.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type DeviceRecord, deviceRecords } from './documents.ts';

/** What changes with every sweep and is worth no write of its own. */
const PASSING: readonly (keyof DeviceRecord)[] = ['lastSeenAt', 'addresses', 'spans', 'rev'];

/** The revision that people edit: sweeps do not count. */
export const revOf = ({ edits = 0 }: DeviceRecord): number => edits + 1;

/** What a write would tell that the one before did not. */
const lasting = (record: DeviceRecord): string => {
  const kept = Object.entries(record).filter(([name]) => !(PASSING as readonly string[]).includes(name));
  const where = record.addresses.map(({ ip, mac }) => `${ip} ${mac}`);
  return JSON.stringify([kept.sort(([a], [b]) => (a < b ? -1 : 1)), where, record.spans.length]);
};

/**
 * Every device of every site, in memory: a LAN is some hundred. When it was seen last is written hourly and at the end; everything
 * else at once.
 */
export class Devices {
  readonly #records: Collection<DeviceRecord>;
  readonly #known = new Map<string, DeviceRecord>();
  readonly #unsaved = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<DeviceRecord>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<Devices> {
    const devices = new Devices(await documents.collection(deviceRecords));
    for (const record of await devices.#records.find()) devices.#known.set(record.id, record);
    return devices;
  }

  all(): DeviceRecord[] {
    return [...this.#known.values()];
  }

  /** Of a site, in the order they came. */
  list(siteId: string): DeviceRecord[] {
    return this.all()
      .filter((record) => record.siteId === siteId)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  room(siteId: string): number {
    return NETWORK_LIMITS.devices - this.list(siteId).length;
  }

  /** That of another site is as absent as one that never was. */
  read(siteId: string, id: string): DeviceRecord {
    const record = this.#known.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such device');
    return record;
  }

  /** Takes what a sweep has seen; what only says that a device is still there waits for `save`. */
  observe(work: (devices: DeviceRecord[]) => readonly DeviceRecord[], siteId: string): Promise<DeviceRecord[]> {
    return this.#inTurn(async () => {
      const made = work(this.list(siteId));
      for (const record of made) await this.#put(record);
      return [...made];
    });
  }

  /** Changes one; `make` sees it as it is then. With `rev` it is an edit by a person: `conflict` where another came before. */
  change(
    siteId: string,
    id: string,
    { rev, make }: { rev?: number; make: (record: DeviceRecord) => DeviceRecord },
  ): Promise<DeviceRecord> {
    return this.#inTurn(async () => {
      const before = this.read(siteId, id);
      if (rev === undefined) return this.#write(make(before));
      if (revOf(before) !== rev) throw new Problem('conflict', 'Somebody else changed this device; load it again');
      return this.#write({ ...make(before), edits: (before.edits ?? 0) + 1 });
    });
  }

  add(record: DeviceRecord): Promise<DeviceRecord> {
    return this.#inTurn(async () => {
      if (this.room(record.siteId) <= 0)
        throw new Problem('conflict', `A site has at most ${NETWORK_LIMITS.devices} devices: forget one first`);
      return this.#write(record);
    });
  }

  remove(siteId: string, id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.read(siteId, id);
      await this.#forget(id);
    });
  }

  /** In the place of two devices one, or two in the place of one. What goes is written last: a stop in between loses nothing. */
  replace(put: readonly DeviceRecord[], gone: readonly string[]): Promise<DeviceRecord[]> {
    return this.#inTurn(async () => {
      const written: DeviceRecord[] = [];
      for (const record of put) written.push(await this.#write(record));
      for (const id of gone) await this.#forget(id);
      return written;
    });
  }

  /** Forgets all that `which` is true of. */
  removeAll(which: (record: DeviceRecord) => boolean): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of this.all()) if (which(record)) await this.#forget(record.id);
    });
  }

  /** Writes when devices were last seen. */
  save(): Promise<void> {
    return this.#inTurn(async () => {
      for (const id of [...this.#unsaved]) {
        const record = this.#known.get(id);
        if (record) await this.#write(record);
      }
    });
  }

  async #put(record: DeviceRecord): Promise<void> {
    const before = this.#known.get(record.id);
    if (!before || lasting(before) !== lasting(record)) {
      await this.#write(record);
      return;
    }
    this.#known.set(record.id, record);
    this.#unsaved.add(record.id);
  }

  async #write(record: DeviceRecord): Promise<DeviceRecord> {
    const written = this.#known.has(record.id)
      ? await this.#records.update(record)
      : await this.#records.insert(record).catch((error: unknown) => {
          if (error instanceof ConflictError) return this.#records.update(record);
          throw error;
        });
    this.#known.set(written.id, written);
    this.#unsaved.delete(written.id);
    return written;
  }

  async #forget(id: string): Promise<void> {
    await this.#records.remove(id);
    this.#known.delete(id);
    this.#unsaved.delete(id);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
