import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { isSame, type JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import '../parts/picks.ts';
import '../parts/settings-form.ts';
import type { ReeveForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { may } from '../session.ts';
import { readOnly } from '../settings/read-only.ts';
import { type Condition, type Draft, SETTING } from './draft.ts';
import { writtenIn } from './quantities.ts';
import { ruleSchema } from './rule-schema.ts';

/** What a rule's form is made of. */
export interface RuleForm {
  form: JsonSchema;
  conditions: readonly Condition[];
  /** Metric and kind of condition of a built-in rule are fixed. */
  isBuiltIn: boolean;
}

/** What stands in the form. */
export interface Typed {
  draft: Draft;
  condition: Condition;
  schema: JsonSchema;
  isDirty: boolean;
}

/**
 * `<reeve-rule-form .made=${{ form, conditions, isBuiltIn }} .value=${draft} verb="Save">`: the fields of a rule, drawn anew with the condition
 * and the metric that are chosen. Event `typed` with each change (`Typed`), `send` when it is to be saved; `discard` when not.
 */
export class ReeveRuleForm extends LitElement {
  static override properties = {
    made: { attribute: false },
    value: { attribute: false },
    problems: { attribute: false },
    failure: { type: String },
    verb: { type: String },
    busy: { type: Boolean },
    _draft: { state: true },
  };
  declare made: RuleForm | undefined;
  /** What it begins with; a new object takes the place of what is typed. */
  declare value: Draft;
  declare problems: readonly FieldProblem[];
  declare failure: string;
  declare verb: string;
  declare busy: boolean;
  declare _draft: Draft;
  /** The draft as it was when nothing was typed yet. */
  #begun: Draft = {};
  /** What the fields are filled with. */
  #filled: Draft = {};
  /** One object as long as the form stays the same, because a new one draws every field anew. */
  #schema: { key: string; schema: JsonSchema } | undefined;

  static override styles = [
    base,
    css`
      dl {
        display: grid;
        grid-template-columns: minmax(120px, auto) 1fr;
        gap: 6px 16px;
        margin-bottom: 12px;
      }
      dt {
        color: var(--reeve-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.value = {};
    this.problems = [];
    this.failure = '';
    this.verb = '';
    this.busy = false;
    this._draft = {};
    new Follow(this, () => [live().fleet, live().descriptors]);
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('value')) return;
    this._draft = this.value;
    this.#fill(true);
  }

  get #drawn(): ReeveForm | null {
    return this.renderRoot.querySelector('reeve-form');
  }

  /** Puts the draft into the fields once they are drawn. */
  #fill(isNew: boolean): void {
    this.#filled = this._draft;
    this.#schema = undefined;
    void this.updateComplete.then(async () => {
      await this.#drawn?.updateComplete;
      this.#drawn?.reset();
      this._draft = this.#read();
      if (isNew) this.#begun = this._draft;
      this.#tell();
    });
  }

  /** What is typed, over what the draft has of fields that are not drawn. A field that is empty is nothing, not what it was before. */
  #read(): Draft {
    const names = Object.keys(this.#schema?.schema.properties ?? {});
    const emptied = Object.fromEntries(names.map((name) => [name, undefined]));
    const typed = this.#drawn?.read();
    return typed ? { ...this._draft, ...emptied, ...typed } : this._draft;
  }

  get #condition(): Condition | undefined {
    return this.made?.conditions.find(({ id }) => id === this._draft.condition);
  }

  #look(): void {
    const before = this._draft;
    this._draft = this.#read();
    if (before.condition === this._draft.condition && before.metric === this._draft.metric) {
      this.#tell();
      return;
    }
    if (this.#unitOf(before) !== this.#unitOf(this._draft)) this._draft = withoutLevels(this._draft, this.made);
    this.#fill(false);
  }

  #unitOf({ metric }: Draft): string {
    return writtenIn(live().descriptors.get(String(metric))).unit;
  }

  #tell(): void {
    const condition = this.#condition;
    if (!condition || !this.isConnected) return;
    const isDirty = !isSame(this._draft, this.#begun);
    const detail: Typed = { draft: this._draft, condition, schema: this.#schemaOf(condition), isDirty };
    this.dispatchEvent(new CustomEvent('typed', { detail }));
  }

  #schemaOf(condition: Condition): JsonSchema {
    const { fleet, descriptors } = live();
    const metric = String(this._draft.metric ?? '');
    const hosts = fleet.hosts.map(({ id, name, tags }) => [id, name, tags]);
    const key = JSON.stringify([condition.id, metric, this.made?.isBuiltIn, hosts, descriptors.all.length]);
    if (this.#schema?.key !== key)
      this.#schema = {
        key,
        schema: ruleSchema({
          ...{ form: {}, conditions: [], isBuiltIn: false, ...this.made },
          ...{ condition, metric, descriptors: descriptors.all, hosts: fleet.hosts },
          tags: [this.value.tags, this.value.exceptTags].flatMap((tags) =>
            Array.isArray(tags) ? tags.map(String) : [],
          ),
        }),
      };
    return this.#schema.schema;
  }

  override render() {
    const condition = this.#condition;
    if (!this.made || !condition) return nothing;
    const schema = this.#schemaOf(condition);
    if (!may('admin'))
      return html`${readOnly(schema, this._draft)}<p class="quiet">${msg('Your role may not change these.')}</p>`;
    return html`<reeve-form
      .schema=${schema}
      .value=${this.#filled}
      .problems=${this.problems}
      failure=${this.failure}
      verb=${this.verb}
      ?busy=${this.busy}
      @input=${this.#look}
      @change=${this.#look}
      @send=${this.#send}
      >${this.#unsaved()}</reeve-form
    >`;
  }

  #unsaved() {
    if (isSame(this._draft, this.#begun)) return nothing;
    return html`<reeve-action slot="actions" @click=${this.#discard}>${msg('Discard changes')}</reeve-action>
      <span slot="actions" class="quiet" role="status">${msg('Not saved yet')}</span>`;
  }

  #send(event: Event): void {
    event.stopPropagation();
    this.#look();
    this.dispatchEvent(new CustomEvent('send'));
  }

  #discard(): void {
    this._draft = this.#begun;
    this.#fill(false);
    this.dispatchEvent(new CustomEvent('discard'));
  }
}

/** Levels of another unit would be numbers that nobody meant. */
function withoutLevels(draft: Draft, made: RuleForm | undefined): Draft {
  const forms = made?.conditions.map(({ form }) => (form as JsonSchema).properties ?? {}) ?? [];
  const isLevel = (name: string) => forms.some((fields) => fields[name.slice(SETTING.length)]?.widget === 'level');
  return Object.fromEntries(Object.entries(draft).filter(([name]) => !(name.startsWith(SETTING) && isLevel(name))));
}

customElements.define('reeve-rule-form', ReeveRuleForm);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rule-form': ReeveRuleForm;
  }
}
