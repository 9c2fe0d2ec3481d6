import { type Rule, type RuleFields, type RuleOverride, ruleFields } from '../../../protocol/alerts.ts';
import type { RuleForm } from '../../../protocol/routes/alert-rules.ts';
import { newId } from '../../ids.ts';
import { Problem } from '../../problem.ts';
import { type Collection, ConflictError, type DocumentStore } from '../../store/documents.ts';
import { Turns } from '../../turns.ts';
import { builtInRules } from './built-in.ts';
import { openCondition, refuseFixed, without } from './check.ts';
import { type RuleRecord, ruleRecords } from './documents.ts';
import { effectiveOf, type KnownRule } from './effective.ts';
import type { Preset } from './presets.ts';

/** Of one site; each costs time with every frame. */
const MOST_RULES = 500;

export interface RuleChanges {
  rev: number;
  fields: Partial<RuleFields>;
  /** Fields that are to go. */
  taken?: readonly ('metric' | 'remedy')[];
  overrides?: RuleOverride[];
}

/** Who changes something, and where. */
export interface Editor {
  siteId: string;
  userName: string;
}

/** The rules of every site: built-in ones with what the site changed, and its own. In memory; durable when a change resolves. */
export class Rules {
  readonly #records: Collection<RuleRecord>;
  readonly #now: () => number;
  /** One change after the other: two first changes of a built-in rule would make two documents. */
  readonly #turns = new Turns();
  readonly #bySite = new Map<string, Map<string, RuleRecord>>();
  readonly #listeners: ((siteId: string) => void)[] = [];

  private constructor(records: Collection<RuleRecord>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  static async open(documents: DocumentStore, now: () => number): Promise<Rules> {
    const rules = new Rules(await documents.collection(ruleRecords), now);
    for (const record of await rules.#records.find()) rules.#of(record.siteId).set(record.ruleId, record);
    return rules;
  }

  /** Calls `listener` after each change of a site's rules. */
  onChange(listener: (siteId: string) => void): void {
    this.#listeners.push(listener);
  }

  /** All of a site: built-in ones in their order, then its own in the order they were made. */
  list(siteId: string): KnownRule[] {
    const records = this.#of(siteId);
    const own = [...records.values()].filter(({ isBuiltIn }) => !isBuiltIn).sort((a, b) => (a.id < b.id ? -1 : 1));
    return [...builtInRules.map(({ id }) => builtIn(id, records.get(id))), ...own.map(ownRule)].filter(
      (each) => each !== undefined,
    );
  }

  get(siteId: string, ruleId: string): KnownRule {
    const record = this.#of(siteId).get(ruleId);
    const found = builtIn(ruleId, record) ?? (record && ownRule(record));
    if (!found) throw new Problem('not-found', 'There is no such rule');
    return found;
  }

  async create({ siteId, userName }: Editor, { overrides, ...fields }: RuleForm): Promise<KnownRule> {
    const id = newId(this.#now());
    const made: KnownRule = { id, rev: 0, isBuiltIn: false, fields: fieldsOf(fields), changed: [], overrides };
    check(made);
    if (this.#of(siteId).size >= MOST_RULES)
      throw new Problem('conflict', `A site has at most ${MOST_RULES} rules: remove one first`);
    const at = this.#now();
    const stamp = { createdAt: at, changedAt: at, changedBy: userName };
    const record = await this.#records.insert({
      id,
      siteId,
      ruleId: id,
      isBuiltIn: false,
      fields: made.fields,
      overrides,
      ...stamp,
    });
    return this.#keep(record);
  }

  /** Fails with `conflict` when the rule is not at `rev` any more. */
  edit(editor: Editor, ruleId: string, changes: RuleChanges): Promise<KnownRule> {
    return this.#turns.run(() => this.#edit(editor, ruleId, changes));
  }

  async #edit(
    { siteId, userName }: Editor,
    ruleId: string,
    { rev, fields, taken = [], overrides }: RuleChanges,
  ): Promise<KnownRule> {
    const before = this.get(siteId, ruleId);
    if (before.rev !== rev) throw new Problem('conflict', 'Somebody else changed this rule; load it again');
    if (before.isBuiltIn) refuseFixed(before, fields, taken);
    const after = {
      ...before,
      fields: fieldsOf(without({ ...before.fields, ...fields }, taken)),
      overrides: overrides ?? before.overrides,
    };
    check(after);
    const known = this.#of(siteId).get(ruleId);
    const at = this.#now();
    const record = {
      id: known?.id ?? newId(at),
      siteId,
      ruleId,
      isBuiltIn: before.isBuiltIn,
      fields: before.isBuiltIn ? differences(ruleId, after.fields) : after.fields,
      overrides: [...after.overrides],
      createdAt: known?.createdAt ?? at,
      changedAt: at,
      changedBy: userName,
    };
    try {
      const stored = known ? await this.#records.update(record, { ifRev: rev }) : await this.#records.insert(record);
      return this.#keep(stored);
    } catch (error) {
      if (error instanceof ConflictError)
        throw new Problem('conflict', 'Somebody else changed this rule; load it again');
      throw error;
    }
  }

  /** Takes a rule away; a built-in one is as it came again. */
  remove(siteId: string, ruleId: string): Promise<void> {
    return this.#turns.run(async () => {
      this.get(siteId, ruleId);
      const record = this.#of(siteId).get(ruleId);
      if (!record) return;
      await this.#records.remove(record.id);
      this.#of(siteId).delete(ruleId);
      this.#changed(siteId);
    });
  }

  /** Adds the rules of a preset for hosts with the tag (all, without one), and switches off for them what these replace. */
  async apply(editor: Editor, preset: Preset, tag: string | undefined): Promise<KnownRule[]> {
    const hosts = { tags: tag === undefined ? [] : [tag], hostIds: [], exceptTags: [] };
    const applied: KnownRule[] = [];
    for (const each of preset.rules) {
      const known = this.list(editor.siteId).find(
        ({ isBuiltIn, fields }) => !isBuiltIn && fields.title === each.title && sameTags(fields.hosts.tags, hosts.tags),
      );
      applied.push(known ?? (await this.create(editor, { ...each, hosts, overrides: [] })));
    }
    for (const id of preset.replaces) {
      const { rev, fields, overrides } = this.get(editor.siteId, id);
      if (tag === undefined && fields.isEnabled) await this.edit(editor, id, { rev, fields: { isEnabled: false } });
      if (tag === undefined || overrides.some((each) => each.tag === tag)) continue;
      const added = [...overrides, { tag, change: { isEnabled: false } }];
      await this.edit(editor, id, { rev, fields: {}, overrides: added });
    }
    return applied;
  }

  /** Takes everything of a site away. */
  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of this.#of(siteId).values()) await this.#records.remove(id);
    this.#bySite.delete(siteId);
  }

  #keep(record: RuleRecord): KnownRule {
    this.#of(record.siteId).set(record.ruleId, record);
    this.#changed(record.siteId);
    return this.get(record.siteId, record.ruleId);
  }

  #changed(siteId: string): void {
    for (const listener of this.#listeners) listener(siteId);
  }

  #of(siteId: string): Map<string, RuleRecord> {
    const known = this.#bySite.get(siteId);
    if (known) return known;
    const made = new Map<string, RuleRecord>();
    this.#bySite.set(siteId, made);
    return made;
  }
}

const sameTags = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join('\n') === [...b].sort().join('\n');

/** In the form that is stored and compared: known fields only, absent ones absent. */
const fieldsOf = (fields: RuleFields): RuleFields => ruleFields.parse(fields);

function builtIn(ruleId: string, record: RuleRecord | undefined): KnownRule | undefined {
  const found = builtInRules.find(({ id }) => id === ruleId);
  if (!found) return undefined;
  const { id, coveredBy, ...fields } = found;
  const rest = { id, isBuiltIn: true, ...(coveredBy !== undefined && { coveredBy }) };
  if (!record?.isBuiltIn) return { ...rest, rev: 0, fields, changed: [], overrides: [] };
  const changed = Object.keys(record.fields);
  return { ...rest, rev: record.rev, fields: { ...fields, ...record.fields }, changed, overrides: record.overrides };
}

/** A record that lacks a field was written by hand, or by an older version: it is left out rather than judged by halves. */
function ownRule({ isBuiltIn, ruleId, rev, fields, overrides }: RuleRecord): KnownRule | undefined {
  const parsed = ruleFields.safeParse(fields);
  if (isBuiltIn || !parsed.success) return undefined;
  return { id: ruleId, rev, isBuiltIn: false, fields: parsed.data, changed: [], overrides };
}

/** Of a built-in rule only what is different is stored, so that a later version's better defaults reach the rest. */
function differences(ruleId: string, fields: RuleFields): Partial<RuleFields> {
  const { id: _, coveredBy: __, ...original } = builtInRules.find(({ id }) => id === ruleId) ?? { id: '' };
  const before = original as Record<string, unknown>;
  const entries = Object.entries(fields).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return Object.fromEntries(entries) as Partial<RuleFields>;
}

/** Every form in which the rule may hold is valid: as it is, and with each override. */
function check(rule: KnownRule): void {
  openCondition(rule.fields);
  for (const { tag, hostId } of rule.overrides)
    openCondition(effectiveOf(rule, { id: hostId ?? '', tags: tag === undefined ? [] : [tag] }).fields);
}

/** A rule as the API shows it; `show` writes a value of the rule's metric. */
export function asRule(rule: KnownRule, show: (value: number) => string): Rule {
  const { id, rev, isBuiltIn, fields, changed, overrides, coveredBy } = rule;
  return {
    ...fields,
    id,
    rev,
    isBuiltIn,
    changed: [...changed],
    overrides: [...overrides],
    says: openCondition(fields).opened.says(show),
    ...(coveredBy !== undefined && { coveredBy }),
  };
}
