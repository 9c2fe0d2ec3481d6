import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { call, type RequestOf } from '../rest.ts';
import './dialog.ts';
import type { JsonSchema } from './form-schema.ts';
import { failureNotice } from './notice.ts';
import { Sending } from './sending.ts';
import { focusForm } from './settings-form.ts';
import { base, buttons } from './styles.ts';

/** A form of the appliance for those who are signed in. */
export type FormName = RequestOf<'GET /api/v1/forms/signed-in/:form'>['params']['form'];

export interface FormAsk {
  heading: string;
  /** What the form is for, above its fields. */
  lead?: string;
  /** A form of the appliance by its name, or one that the page itself knows. */
  form: FormName | JsonSchema;
  /** Makes of the appliance's form the one that is drawn. */
  shape?: (schema: JsonSchema) => JsonSchema;
  value?: Record<string, unknown>;
  /** Sent, not drawn. */
  given?: Record<string, unknown>;
  autofill?: Record<string, string>;
  verb: string;
  /** Sends the values; what is thrown is shown at its field, and the dialog stays. */
  send: (values: Record<string, unknown>) => Promise<unknown>;
}

/** The JSON Schema of a form, asked for once for each page visit. */
const schemas = new Map<FormName, Promise<JsonSchema>>();
export function formSchema(form: FormName): Promise<JsonSchema> {
  const known = schemas.get(form);
  if (known) return known;
  const asked = call('GET /api/v1/forms/signed-in/:form', { params: { form } }) as Promise<JsonSchema>;
  schemas.set(form, asked);
  asked.catch(() => schemas.delete(form));
  return asked;
}

/**
 * `<reeve-form-dialog .ask=${ask}>`: a form of the appliance in a dialog. Event `done` after it was sent, `close` when it was called
 * off; the owner clears `ask` at both.
 */
export class ReeveFormDialog extends LitElement {
  static override properties = {
    ask: { attribute: false },
    _schema: { state: true },
    _unread: { state: true },
  };
  declare ask: FormAsk | undefined;
  declare _schema: JsonSchema | undefined;
  declare _unread: unknown;

  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    css`
      .body {
        display: grid;
        gap: 16px;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('ask')) return;
    this.#sending.clear();
    this._schema = undefined;
    if (this.ask) void this.#load(this.ask);
  }

  async #load(ask: FormAsk): Promise<void> {
    this._unread = undefined;
    try {
      const schema = typeof ask.form === 'string' ? await formSchema(ask.form) : ask.form;
      if (this.ask !== ask) return;
      this._schema = ask.shape?.(schema) ?? schema;
      await focusForm(this);
    } catch (error) {
      this._unread = error;
    }
  }

  async #send({ detail }: CustomEvent<Record<string, unknown>>): Promise<void> {
    const { ask } = this;
    if (!ask) return;
    await this.#sending.run(async () => {
      await ask.send(detail);
      this.dispatchEvent(new CustomEvent('done'));
    });
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const { ask } = this;
    if (!ask) return nothing;
    return html`<reeve-dialog heading=${ask.heading} open @close=${this.#close}>
      <div class="body">
        ${ask.lead ? html`<p class="quiet">${ask.lead}</p>` : nothing} ${this.#form(ask)}
      </div>
    </reeve-dialog>`;
  }

  #form(ask: FormAsk) {
    if (this._unread)
      return failureNotice(msg('This form could not be loaded'), this._unread, { again: () => void this.#load(ask) });
    if (!this._schema) return html`<reeve-notice kind="loading" heading=${msg('Loading the form')}></reeve-notice>`;
    return html`<reeve-form
      .schema=${this._schema}
      .value=${ask.value ?? {}}
      .given=${ask.given ?? {}}
      .autofill=${ask.autofill ?? {}}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${ask.verb}
      ?busy=${this.#sending.isBusy}
      @send=${this.#send}
      ><reeve-action slot="actions" @click=${this.#close}>${msg('Cancel')}</reeve-action></reeve-form
    >`;
  }
}
customElements.define('reeve-form-dialog', ReeveFormDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-form-dialog': ReeveFormDialog;
  }
}
