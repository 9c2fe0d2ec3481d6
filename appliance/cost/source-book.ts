import type { Host } from '../../protocol/hosts.ts';
import { Problem } from '../problem.ts';
import { SealedForm, type SealedFormParts } from '../sealed-form.ts';
import type { Fields } from '../secret-fields.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type SourceRecord, sourceRecords } from './documents.ts';
import { machineOf } from './machines.ts';
import type { FrameReading, OpenedSource, PowerPlugin, SourceDeps } from './source.ts';

export interface SourceBookParts extends SealedFormParts {
  documents: DocumentStore;
  plugins: readonly PowerPlugin[];
  now: () => number;
}

export interface SourceChange {
  kind: string;
  given: Fields;
  standbyWatts?: number | undefined;
  calibration?: SourceRecord['calibration'];
  /** Whether who changes it may bring in variables of the environment. */
  mayRefer: boolean;
  /** Revision that was looked at; 0 = none was chosen yet. */
  rev: number;
}

/** A source as people see it, secrets as `{set: …}`. */
export type SourceView = Omit<SourceRecord, 'value'> & {
  value: Fields;
  problems: { path: string; message: string }[];
};

/** A source that is ready, with what its figures are worth. */
export interface Ready {
  plugin: PowerPlugin;
  uncertainty: number;
  opened: OpenedSource;
}

const placeOf = (hostId: string): string => `power ${hostId}`;

/** The sources that people chose, in memory and on disk, and what is taken where nobody chose one. */
export class SourceBook {
  readonly #parts: SourceBookParts;
  readonly #records: Collection<SourceRecord>;
  readonly #known = new Map<string, SourceRecord>();
  readonly #forms = new Map<string, SealedForm>();

  private constructor(parts: SourceBookParts, records: Collection<SourceRecord>) {
    this.#parts = parts;
    this.#records = records;
    for (const plugin of parts.plugins) this.#forms.set(plugin.id, new SealedForm(plugin, parts));
  }

  static async open(parts: SourceBookParts): Promise<SourceBook> {
    const book = new SourceBook(parts, await parts.documents.collection(sourceRecords));
    for (const record of await book.#records.find()) book.#known.set(record.id, record);
    return book;
  }

  get(hostId: string): SourceRecord | undefined {
    return this.#known.get(hostId);
  }

  view(hostId: string): SourceView | undefined {
    const record = this.#known.get(hostId);
    const form = record && this.#forms.get(record.kind);
    if (!record) return undefined;
    if (!form)
      return {
        ...record,
        value: {},
        problems: [{ path: 'kind', message: `this version of Reeve has no source ${record.kind}` }],
      };
    return { ...record, value: form.view(record.value), problems: form.problems(placeOf(hostId), record.value) };
  }

  /** Chooses a source, or changes it. Fails with the field and its cure, or with `conflict`. */
  async choose(host: Pick<Host, 'id' | 'siteId'>, change: SourceChange): Promise<SourceRecord> {
    const before = this.#known.get(host.id);
    if ((before?.rev ?? 0) !== change.rev) throw changedMeanwhile();
    const form = this.#form(change.kind);
    const stored = before?.kind === change.kind ? before.value : {};
    const taken = form.take(placeOf(host.id), { given: change.given, stored, mayRefer: change.mayRefer });
    const { standbyWatts, calibration } = change;
    const document = {
      ...{ id: host.id, siteId: host.siteId, kind: change.kind, value: taken.stored, since: this.#parts.now() },
      ...(standbyWatts !== undefined && { standbyWatts }),
      ...(calibration && { calibration }),
    };
    try {
      const record = before
        ? await this.#records.update(document, { ifRev: before.rev })
        : await this.#records.insert(document);
      this.#known.set(host.id, record);
      return record;
    } catch (error) {
      if (error instanceof ConflictError) throw changedMeanwhile();
      throw error;
    }
  }

  async forget(hostId: string): Promise<void> {
    if (this.#known.delete(hostId)) await this.#records.remove(hostId);
  }

  async forgetSite(siteId: string): Promise<void> {
    for (const record of [...this.#known.values()]) if (record.siteId === siteId) await this.forget(record.id);
  }

  /** A source with settings that were given and not stored, to be tried. */
  tried(host: Pick<Host, 'id'>, change: Pick<SourceChange, 'kind' | 'given' | 'mayRefer'>, deps: SourceDeps): Ready {
    const before = this.#known.get(host.id);
    const stored = before?.kind === change.kind ? before.value : {};
    const { usable } = this.#form(change.kind).take(placeOf(host.id), { ...change, stored });
    return this.#ready(change.kind, usable, deps);
  }

  /** The chosen source, ready; undefined where none was chosen. Fails with a `Problem` where its settings do not work now. */
  opened(hostId: string, deps: SourceDeps): Ready | undefined {
    const record = this.#known.get(hostId);
    if (!record) return undefined;
    return this.#ready(record.kind, this.#form(record.kind).usable(placeOf(hostId), record.value), deps);
  }

  /** What is taken where nobody chose: what the machine measures of itself, then its model, then its TDP. */
  byItself(host: Pick<Host, 'facts' | 'watts'>, frame: FrameReading, deps: SourceDeps): Ready | undefined {
    const machine = machineOf(host.facts);
    if (frame.chassis !== undefined) return this.#ready('ipmi', {}, deps);
    if (frame.rapl !== undefined) return this.#ready('rapl', {}, deps);
    if (machine !== undefined) return this.#ready('model', modelOf(machine, deps), deps);
    return deps.tdp === undefined ? undefined : this.#ready('tdp', {}, deps);
  }

  #ready(kind: string, usable: Fields, deps: SourceDeps): Ready {
    const plugin = this.#parts.plugins.find(({ id }) => id === kind);
    if (!plugin) throw new Problem('invalid-request', `There is no source ${kind}`);
    const settings = plugin.settings.parse(usable);
    return { plugin, uncertainty: plugin.uncertainty(settings), opened: plugin.open(settings, deps) };
  }

  #form(kind: string): SealedForm {
    const form = this.#forms.get(kind);
    if (!form)
      throw new Problem('invalid-request', 'There is no such source', [
        { path: 'body.kind', message: 'there is no such source: GET /api/v1/cost/source-kinds lists them' },
      ]);
    return form;
  }
}

/** What people said of its TDP is believed before the typical machine's full load. */
function modelOf(machine: string, { tdp, machine: find }: SourceDeps): Fields {
  const typical = find(machine);
  if (tdp === undefined || !typical) return { machine };
  return { machine, idleWatts: Math.min(typical.idleWatts, tdp), fullWatts: tdp };
}

const changedMeanwhile = (): Problem =>
  new Problem('conflict', 'Somebody else chose a source for this host meanwhile: look at it again');
