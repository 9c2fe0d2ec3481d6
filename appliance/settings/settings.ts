import type { z } from 'zod';
import type { FieldProblem } from '../../protocol/problem.ts';
import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import { SealedForm } from '../sealed-form.ts';
import { type Fields, isFields } from '../secret-fields.ts';
import { type Collection, ConflictError, type DocumentStore, MissingError } from '../store/documents.ts';
import type { LookUp } from '../variables.ts';
import { kept } from './kept.ts';
import { OF_APPLIANCE, type Place, placeOf, type SettingsRecord, settingsRecords } from './records.ts';
import type { Facts, Section } from './section.ts';

export interface SettingsParts<Sections extends readonly Section[]> {
  documents: DocumentStore;
  hub: Hub;
  seal: Seal;
  sections: Sections;
  /** Variables of the environment that texts may refer to. */
  lookUp: LookUp;
  facts: Facts;
}

type IdOf<Sections extends readonly Section[]> = Sections[number]['id'];
type ValueOf<Sections extends readonly Section[], Id> = z.output<Extract<Sections[number], { id: Id }>['settings']>;

/** A section as people see it: secrets as `{set: true}`, references as written, and what is wrong with what is stored. */
export interface View {
  rev: number;
  value: Fields;
  problems: FieldProblem[];
}

export interface Change {
  /** The revision that the editor saw. */
  rev: number;
  given: Fields;
  /** Whether who changes them may bring in variables of the environment, which belong to the whole appliance. */
  mayRefer?: boolean;
}

interface Held {
  /** 0 as long as nothing was stored. */
  rev: number;
  stored: Fields;
  /** Checked, with secrets opened and references resolved; made when first asked for. */
  usable?: unknown;
}

const CHANGED = 'These settings were changed meanwhile: look at them again, then change them';

/** All settings that people can change while it runs: in memory for who asks often, durable when a change resolves, told on the hub. */
export class Settings<const Sections extends readonly Section[]> {
  readonly sections: Sections;
  readonly #parts: SettingsParts<Sections>;
  readonly #records: Collection<SettingsRecord>;
  readonly #held = new Map<string, Held>();
  readonly #forms = new Map<string, SealedForm>();

  private constructor(parts: SettingsParts<Sections>, records: Collection<SettingsRecord>) {
    this.sections = parts.sections;
    this.#parts = parts;
    this.#records = records;
    for (const section of parts.sections) this.#forms.set(section.id, new SealedForm(section, parts));
  }

  /** What an older or newer version wrote keeps its known fields that are still valid; the rest become defaults. */
  static async open<const Sections extends readonly Section[]>(
    parts: SettingsParts<Sections>,
  ): Promise<Settings<Sections>> {
    const records = await parts.documents.collection(settingsRecords);
    const settings = new Settings(parts, records);
    const found = await records.find();
    for (const section of parts.sections) await settings.#load(section, found);
    parts.hub.on('site', ({ before, after }) => (before && !after ? settings.forgetSite(before.id) : undefined));
    return settings;
  }

  /**
   * A section as the appliance uses it, checked; `siteId` for those that each site has its own of. Fails with a problem that names
   * the field when a variable is missing or a secret cannot be opened.
   */
  of<Id extends IdOf<Sections>>(id: Id, siteId?: string): { rev: number; value: ValueOf<Sections, Id> } {
    const section = this.#section(id);
    const place = this.#place(section, siteId);
    const held = this.#heldOf(section, place);
    held.usable ??= this.#form(section).usable(place.id, held.stored);
    return { rev: held.rev, value: held.usable as ValueOf<Sections, Id> };
  }

  /** A section as people see it; `siteId` is left out of account where the section is of the appliance. */
  view(section: Section, siteId: string): View {
    const place = this.#place(section, siteId);
    const { rev, stored } = this.#heldOf(section, place);
    const form = this.#form(section);
    return { rev, value: form.view(stored), problems: form.problems(place.id, stored) };
  }

  /**
   * Replaces a section by `given`, as people send it: a secret that is absent or `{set: …}` stays, null or '' takes it away. Fails with
   * `conflict` when somebody changed it after `rev`, with `invalid-request` and the fields (`body.value.…`) when it is not valid.
   */
  async change(section: Section, siteId: string, { rev, given, mayRefer = true }: Change): Promise<void> {
    const place = this.#place(section, siteId);
    const before = this.#heldOf(section, place);
    if (before.rev !== rev) throw new Problem('conflict', CHANGED);
    const form = this.#form(section);
    const { stored, usable } = form.take(place.id, { given, stored: before.stored, mayRefer });
    const { rev: next } = await this.#store(place, rev, stored);
    this.#held.set(place.id, { rev: next, stored, usable });
    this.#parts.hub.emit('settings', {
      section: section.id,
      siteId: place.siteId,
      before: form.view(before.stored),
      after: form.view(stored),
    });
  }

  /** Takes away what a site had set; it is done by itself when the hub tells that a site went. */
  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of await this.#records.find({ siteId })) {
      this.#held.delete(id);
      await this.#records.remove(id);
    }
  }

  async #load(section: Section, found: readonly SettingsRecord[]): Promise<void> {
    const isOfSites = section.scope === 'site';
    const records = found.filter(({ id, siteId }) => id === placeOf(section.id, siteId).id);
    for (const { id, rev, value } of records.filter((each) => (each.siteId !== OF_APPLIANCE) === isOfSites)) {
      if (isFields(value) && this.#form(section).problems(id, value).length === 0)
        this.#held.set(id, { rev, stored: value });
      else this.#held.set(id, { rev, stored: kept(section, await this.#beginning(section), value) });
    }
    if (isOfSites || !section.first || records.length > 0) return;
    const place = placeOf(section.id, OF_APPLIANCE);
    const stored = this.#form(section).seal(place.id, await this.#beginning(section));
    const { rev } = await this.#records.insert({ ...place, value: stored });
    this.#held.set(place.id, { rev, stored });
  }

  async #beginning({ defaults, first }: Section): Promise<Fields> {
    return { ...defaults, ...(await first?.(this.#parts.facts)) };
  }

  async #store(place: Place, rev: number, value: Fields): Promise<SettingsRecord> {
    try {
      if (rev === 0) return await this.#records.insert({ ...place, value });
      return await this.#records.update({ ...place, value }, { ifRev: rev });
    } catch (error) {
      if (error instanceof ConflictError || error instanceof MissingError) throw new Problem('conflict', CHANGED);
      throw error;
    }
  }

  #heldOf(section: Section, place: Place): Held {
    const known = this.#held.get(place.id);
    if (known) return known;
    const held = { rev: 0, stored: this.#form(section).seal(place.id, section.defaults) };
    this.#held.set(place.id, held);
    return held;
  }

  #form({ id }: Section): SealedForm {
    const form = this.#forms.get(id);
    if (!form) throw new Error(`there are no settings ${id}`);
    return form;
  }

  #section(id: string): Section {
    const found = this.sections.find((each) => each.id === id);
    if (!found) throw new Error(`there are no settings ${id}`);
    return found;
  }

  #place({ id, scope }: Section, siteId: string | undefined): Place {
    if (scope === 'appliance') return placeOf(id, OF_APPLIANCE);
    if (siteId === undefined) throw new Error(`settings ${id} are of a site: say which`);
    return placeOf(id, siteId);
  }
}
