import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { type JsonSchema, namesElsewhere } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { call } from '../rest.ts';
import { extras, type Section } from './extras.ts';
import { readOnly } from './read-only.ts';

/**
 * `<reeve-settings-section .section=${section}>`: one section of settings, drawn from its schema, with its own Save. What somebody
 * else changed meanwhile is shown on demand, never over what is typed. Event `change` with the section after each change.
 */
export class ReeveSettingsSection extends LitElement {
  static override properties = {
    section: { attribute: false },
    _isOutdated: { state: true },
  };
  declare section: Section | undefined;
  declare _isOutdated: boolean;
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 16px;
        max-width: 640px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 12px;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(120px, max-content) 1fr;
        gap: 6px 16px;
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
    this._isOutdated = false;
  }

  #take(section: Section): void {
    this.section = section;
    this.#sending.problems = section.problems.map(({ path, message }) => ({ path: `body.${path}`, message }));
    this.dispatchEvent(new CustomEvent('change', { detail: section }));
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('section') && changed.get('section') === undefined && this.section) this.#take(this.section);
  }

  async #change(value: Record<string, unknown>): Promise<boolean> {
    const { section } = this;
    if (!section) return false;
    let changed: Section | undefined;
    const isDone = await this.#sending.run(async () => {
      changed = await call('PUT /api/v1/settings/:section', {
        params: { section: section.id },
        body: { rev: section.rev, value },
      });
    }, atField);
    if (changed) this.#take(changed);
    this._isOutdated = this.#sending.code === 'conflict';
    if (this._isOutdated) this.#sending.fail('');
    return isDone;
  }

  async #save({ detail }: CustomEvent<Record<string, unknown>>): Promise<void> {
    const before = this.section?.value;
    if (!before || !(await this.#change(detail))) return;
    const secrets = Object.values(before).some((each) => typeof each === 'object' && each !== null && 'set' in each);
    // What a secret was is known to nobody any more, so that only a change without secrets can be taken back.
    toast({ text: msg('Saved'), ...(!secrets && { undo: () => void this.#takeBack(before) }) });
  }

  async #takeBack(before: Record<string, unknown>): Promise<void> {
    if (!(await this.#change(before))) toast({ text: this.#sending.failure || msg('It could not be taken back') });
  }

  async #reload(): Promise<void> {
    const { section } = this;
    if (!section) return;
    let theirs: Section | undefined;
    await this.#sending.run(async () => {
      theirs = await call('GET /api/v1/settings/:section', { params: { section: section.id } });
    });
    if (!theirs) return;
    this.#take(theirs);
    this._isOutdated = false;
  }

  override render() {
    const { section } = this;
    if (!section) return nothing;
    return html`<div class="head">
        <h2 id=${section.id}>${section.title}</h2>
        <span class="quiet">${section.scope === 'site' ? msg('for this site') : msg('for the whole appliance')}</span>
      </div>
      ${extras[section.id]?.(section) ?? nothing}
      ${section.mayChange ? this.#form(section) : this.#seen(section)}`;
  }

  #seen({ form, value, problems }: Section) {
    return html`${readOnly(form as JsonSchema, value)}
      ${problems.map(({ message }) => html`<p>${message}</p>`)}
      <p class="quiet">${msg('Your role may not change these.')}</p>`;
  }

  #form({ form, value }: Section) {
    return html`${this._isOutdated ? this.#outdated() : nothing}
      <reeve-form
        tracks
        .schema=${form as JsonSchema}
        .value=${value}
        .given=${elsewhere(form as JsonSchema, value)}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Save')}
        ?busy=${this.#sending.isBusy}
        @send=${this.#save}
      ></reeve-form>`;
  }

  #outdated() {
    return html`<reeve-notice kind="warning" role="alert" heading=${msg('Somebody else changed these settings meanwhile')}>
      <p>${msg('Nothing of yours was saved. Load theirs, which takes the place of what you typed, and change them again.')}</p>
      <reeve-action @click=${this.#reload}>${msg('Load theirs')}</reeve-action>
    </reeve-notice>`;
  }
}
customElements.define('reeve-settings-section', ReeveSettingsSection);

/** What has a page of its own is sent along as it is, so that saving the rest does not take it away. */
const elsewhere = (form: JsonSchema, value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(namesElsewhere(form).flatMap((name) => (name in value ? [[name, value[name]]] : [])));

/** The fields of the form are those of `value` in the request. */
const atField = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.value\b/, 'body'),
  message,
});

declare global {
  interface HTMLElementTagNameMap {
    'reeve-settings-section': ReeveSettingsSection;
  }
}
