import { css, html, LitElement, nothing } from 'lit';
import type { Rule, RuleOverride } from '../../protocol/alerts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg, plural } from '../msg.ts';
import '../parts/dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { icon } from '../parts/icons.ts';
import '../parts/picks.ts';
import '../parts/settings-form.ts';
import { base, buttons } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { may } from '../session.ts';
import { atDraft, type Condition } from './draft.ts';
import {
  differences,
  hostsOf,
  isForSame,
  type OverrideParts,
  overrideOf,
  overrideSchema,
  overrideValues,
} from './override-fields.ts';

/**
 * `<reeve-rule-overrides .rule=${rule} .condition=${condition} .form=${schema}>`: what a rule says for some hosts, by tag or for one host,
 * beside what it says for the others. Each change is saved at once: event `change` with the rule.
 */
export class ReeveRuleOverrides extends LitElement {
  static override properties = {
    rule: { attribute: false },
    condition: { attribute: false },
    form: { attribute: false },
    _edited: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare rule: Rule | undefined;
  declare condition: Condition | undefined;
  declare form: JsonSchema;
  /** The one in the dialog; `at` is its place, or the end for a new one. */
  declare _edited: { at: number; schema: JsonSchema; value: Record<string, unknown> } | undefined;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 12px;
        justify-items: start;
      }
      ol {
        display: grid;
        width: 100%;
      }
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 2px 12px;
        padding: 8px 0;
        border-bottom: 1px solid var(--reeve-line);
      }
      .whom {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .beside {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        grid-row: span 2;
        align-self: start;
      }
      .lines {
        display: grid;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.form = {};
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
    new Follow(this, () => [live().fleet, live().descriptors]);
  }

  get #parts(): OverrideParts | undefined {
    const { rule, condition, form } = this;
    if (!rule || !condition) return undefined;
    return { rule, condition, form, described: live().descriptors.get(rule.metric ?? ''), hosts: live().fleet.hosts };
  }

  override render() {
    const parts = this.#parts;
    if (!parts) return nothing;
    const { overrides } = parts.rule;
    return html`<h2>${msg('Different for some hosts')}</h2>
      <p class="quiet">
        ${msg('The value of a host is that of the rule, unless one of its tags says otherwise; a later line wins over an earlier one, and the host’s own over all.')}
      </p>
      ${
        overrides.length === 0
          ? html`<p>${msg('It is the same for all hosts.')}</p>`
          : html`<ol>
        ${overrides.map((override, at) => this.#line(override, at, parts))}
      </ol>`
      }
      ${may('admin') ? html`<button type="button" @click=${() => this.#edit(undefined, parts)}>${icon('plus')}${msg('Add an override')}</button>` : nothing}
      ${this._failure !== '' && !this._edited ? html`<p role="alert">${this._failure}</p>` : nothing} ${this.#dialog()}`;
  }

  #line(override: RuleOverride, at: number, parts: OverrideParts) {
    const about = hostsOf(override, parts.hosts);
    const name = override.tag === undefined ? (about[0]?.name ?? msg('a host that is gone')) : override.tag;
    const whom = override.tag === undefined ? msg('Host {name}', { name }) : msg('Tag {tag}', { tag: name });
    return html`<li>
      <span class="whom">${whom}</span>
      ${
        may('admin')
          ? html`<span class="beside"
            ><button type="button" aria-label=${msg('Change the override for {name}', { name })} @click=${() => this.#edit(at, parts)}>${msg('Change…')}</button>
            <button type="button" aria-label=${msg('Take away the override for {name}', { name })} ?disabled=${this._isBusy} @click=${() => void this.#takeAway(at)}>
              ${msg('Take away')}
            </button></span
          >`
          : html`<span class="beside"></span>`
      }
      <span class="lines"
        >${differences(override, parts).map(
          ({ title, here, rule }) =>
            html`<span>${title}: <b>${here}</b> <span class="quiet">${msg('instead of {value}', { value: rule })}</span></span>`,
        )}
        ${override.tag === undefined ? nothing : html`<span class="quiet">${plural(about.length, { one: 'holds for {count} host', other: 'holds for {count} hosts' })}</span>`}</span
      >
    </li>`;
  }

  #dialog() {
    const { _edited: edited } = this;
    if (!edited || !this.rule) return nothing;
    return html`<reeve-dialog heading=${msg('“{rule}” for some hosts', { rule: this.rule.title })} open @close=${this.#close}>
      <reeve-form
        .schema=${edited.schema}
        .value=${edited.value}
        .problems=${this._problems}
        failure=${this._failure}
        verb=${msg('Save the override')}
        ?busy=${this._isBusy}
        @send=${({ detail }: CustomEvent<Record<string, unknown>>) => void this.#save(overrideOf(detail), edited.at)}
        ><reeve-action slot="actions" @click=${this.#close}>${msg('Cancel')}</reeve-action></reeve-form
      >
    </reeve-dialog>`;
  }

  #edit(at: number | undefined, parts: OverrideParts): void {
    const override = at === undefined ? undefined : parts.rule.overrides[at];
    this._problems = [];
    this._failure = '';
    this._edited = {
      at: at ?? parts.rule.overrides.length,
      schema: overrideSchema(parts),
      value: override ? overrideValues(override) : {},
    };
  }

  #close(): void {
    if (!this._isBusy) this._edited = undefined;
  }

  async #save(override: RuleOverride, at: number): Promise<void> {
    const before = this.rule?.overrides ?? [];
    this._problems = [];
    this._failure = '';
    if (Object.keys(override.change).length === 0) {
      this._failure = msg('Nothing is different yet: fill in at least one value.');
      return;
    }
    if (before.some((each, index) => index !== at && isForSame(each, override))) {
      this._problems = [{ path: 'target', message: msg('there is an override for these already: change that one') }];
      return;
    }
    if (await this.#send([...before.slice(0, at), override, ...before.slice(at + 1)])) this._edited = undefined;
  }

  #takeAway(at: number): Promise<boolean> {
    this._failure = '';
    return this.#send((this.rule?.overrides ?? []).filter((_, index) => index !== at));
  }

  async #send(overrides: RuleOverride[]): Promise<boolean> {
    const { rule } = this;
    if (!rule) return false;
    this._isBusy = true;
    try {
      const body = { rev: rule.rev, overrides };
      const after = await call('PATCH /api/v1/alert-rules/:ruleId', { params: { ruleId: rule.id }, body });
      this.dispatchEvent(new CustomEvent('change', { detail: after }));
      return true;
    } catch (error) {
      this._problems = error instanceof ApiProblem ? atDraft(error.fields) : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
      return false;
    } finally {
      this._isBusy = false;
    }
  }
}
customElements.define('reeve-rule-overrides', ReeveRuleOverrides);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rule-overrides': ReeveRuleOverrides;
  }
}
