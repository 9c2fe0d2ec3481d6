import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { SealedForm, type SealedFormParts } from '../sealed-form.ts';
import type { Fields } from '../secret-fields.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type Channel, ChannelError, type ChannelPlugin, type PushDesk } from './channel.ts';
import { type ChannelRecord, channelRecords } from './documents.ts';

export interface ConfiguredParts extends SealedFormParts {
  documents: DocumentStore;
  plugins: readonly ChannelPlugin[];
  now: () => number;
  browsersOf(siteId: string): PushDesk;
}

export interface ChannelChange {
  name: string;
  isEnabled: boolean;
  given: Fields;
  /** Whether who changes it may bring in variables of the environment. */
  mayRefer: boolean;
}

/** A channel as people see it: secrets as `{set: …}`, and what keeps it from working. */
export interface ChannelView extends Omit<ChannelRecord, 'value'> {
  value: Fields;
  problems: { path: string; message: string }[];
}

const placeOf = (id: string): string => `channel ${id}`;

/** The channels that people set up, in memory and on disk. */
export class ConfiguredChannels {
  readonly #parts: ConfiguredParts;
  readonly #records: Collection<ChannelRecord>;
  readonly #known = new Map<string, ChannelRecord>();
  readonly #forms = new Map<string, SealedForm>();

  private constructor(parts: ConfiguredParts, records: Collection<ChannelRecord>) {
    this.#parts = parts;
    this.#records = records;
    for (const plugin of parts.plugins) this.#forms.set(plugin.id, new SealedForm(plugin, parts));
  }

  static async open(parts: ConfiguredParts): Promise<ConfiguredChannels> {
    const records = await parts.documents.collection(channelRecords);
    const channels = new ConfiguredChannels(parts, records);
    for (const record of await records.find()) channels.#known.set(record.id, record);
    return channels;
  }

  /** Of a site, oldest first. */
  list(siteId: string): ChannelView[] {
    const mine = [...this.#known.values()].filter((record) => record.siteId === siteId);
    return mine.sort((a, b) => (a.id < b.id ? -1 : 1)).map((record) => this.#view(record));
  }

  /** Ids of the channels of a site that are switched on. */
  enabled(siteId: string): string[] {
    return this.list(siteId)
      .filter(({ isEnabled }) => isEnabled)
      .map(({ id }) => id);
  }

  read(siteId: string, id: string): ChannelView {
    return this.#view(this.#need(siteId, id));
  }

  async add(siteId: string, kind: string, { name, isEnabled, given, mayRefer }: ChannelChange): Promise<ChannelView> {
    const now = this.#parts.now();
    const id = newId(now);
    const { stored } = this.#form(kind).take(placeOf(id), { given, stored: {}, mayRefer });
    const record = await this.#records.insert({ id, siteId, name, kind, isEnabled, value: stored, createdAt: now });
    this.#known.set(id, record);
    return this.#view(record);
  }

  async change(
    { siteId, id, rev }: { siteId: string; id: string; rev: number },
    { name, isEnabled, given, mayRefer }: ChannelChange,
  ): Promise<ChannelView> {
    const known = this.#need(siteId, id);
    const { stored } = this.#form(known.kind).take(placeOf(id), { given, stored: known.value, mayRefer });
    try {
      const record = await this.#records.update({ ...known, name, isEnabled, value: stored }, { ifRev: rev });
      this.#known.set(id, record);
      return this.#view(record);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', 'Somebody else changed this channel meanwhile: look at it again, then change it');
    }
  }

  async remove(siteId: string, id: string): Promise<ChannelView> {
    const record = this.#need(siteId, id);
    await this.#records.remove(id);
    this.#known.delete(id);
    return this.#view(record);
  }

  /** The channel, ready to send; fails with a `ChannelError` that names the field when its settings do not work now. */
  opened(id: string): Channel {
    const record = this.#known.get(id);
    if (!record) throw new ChannelError('The channel was removed', { mayRetry: false });
    const plugin = this.#parts.plugins.find((each) => each.id === record.kind);
    if (!plugin) throw new ChannelError(`This version of Reeve has no channel ${record.kind}`, { mayRetry: false });
    try {
      const usable = this.#form(record.kind).usable(placeOf(id), record.value);
      return plugin.open(usable, { now: this.#parts.now, browsers: this.#parts.browsersOf(record.siteId) });
    } catch (error) {
      // A variable may be set again at the next start, so that the message waits.
      throw new ChannelError(error instanceof Problem ? error.message : 'The channel cannot be opened', {
        mayRetry: true,
      });
    }
  }

  #view(record: ChannelRecord): ChannelView {
    const form = this.#forms.get(record.kind);
    const unknown = { path: 'kind', message: `this version of Reeve has no channel ${record.kind}` };
    if (!form) return { ...record, value: {}, problems: [unknown] };
    return { ...record, value: form.view(record.value), problems: form.problems(placeOf(record.id), record.value) };
  }

  #form(kind: string): SealedForm {
    const form = this.#forms.get(kind);
    if (!form)
      throw new Problem('invalid-request', 'There is no such kind of channel', [
        { path: 'body.kind', message: 'there is no such kind of channel' },
      ]);
    return form;
  }

  #need(siteId: string, id: string): ChannelRecord {
    const record = this.#known.get(id);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', 'There is no such channel');
    return record;
  }
}
