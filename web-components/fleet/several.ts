import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { askRemoval } from '../host/removal.ts';
import { msg, plural } from '../msg.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';

type Change = RequestOf<'PATCH /api/v1/hosts'>['body']['change'];

/**
 * `<reeve-several .hosts=${chosen}>`: what can be done with several hosts at once; each stands for itself, and those that could not be
 * changed are named. Event `clear` when nothing is to be chosen any more.
 */
export class ReeveSeveral extends LitElement {
  static override properties = {
    hosts: { attribute: false },
    _form: { state: true },
    _left: { state: true },
    _ask: { state: true },
  };
  declare hosts: readonly Host[];
  /** Drawn while the dialog is open. */
  declare _form: JsonSchema | undefined;
  /** Hosts that were left as they are, with the reason. */
  declare _left: readonly string[];
  declare _ask: Confirmation | undefined;

  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    css`
      .bar {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding: 8px 12px;
        margin-bottom: 8px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        background: var(--reeve-raised);
      }
      .bar span {
        flex: 1;
        min-width: 96px;
        font-weight: 500;
      }
      .body {
        display: grid;
        gap: 12px;
      }
      .left {
        color: var(--reeve-warning);
      }
    `,
  ];

  constructor() {
    super();
    this.hosts = [];
    this._left = [];
  }

  async #open(): Promise<void> {
    this.#sending.clear();
    this._left = [];
    await tried(async () => {
      this._form = (await call('GET /api/v1/host-form', { query: {} })).several as JsonSchema;
    });
  }

  async #change({ detail }: CustomEvent<Record<string, unknown>>): Promise<void> {
    // Empty lists come from empty fields, which change nothing.
    const given = Object.entries(detail).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
    await this.#sending.run(async () => {
      const hosts = this.hosts.map(({ id, rev }) => ({ id, rev }));
      const done = await call('PATCH /api/v1/hosts', {
        body: { hosts, change: Object.fromEntries(given) as Change },
      });
      this.#tell(done.items, plural(done.changed, { one: '{count} host changed', other: '{count} hosts changed' }));
    }, atField);
  }

  #tell(items: readonly { id: string; problem?: { message: string } }[], done: string): void {
    const nameOf = (id: string) => this.hosts.find((host) => host.id === id)?.name ?? id;
    this._left = items.flatMap(({ id, problem }) => (problem ? [`${nameOf(id)}: ${problem.message}`] : []));
    toast({ text: done });
    if (this._left.length > 0) return;
    this._form = undefined;
    this.dispatchEvent(new CustomEvent('clear'));
  }

  async #askRemove(): Promise<void> {
    const ids = this.hosts.map(({ id }) => id);
    await tried(async () => {
      this._ask = await askRemoval(ids, async () => {
        const done = await call('DELETE /api/v1/hosts', { query: { ids: ids.join(',') } });
        this.#tell(done.items, plural(done.removed, { one: '{count} host removed', other: '{count} hosts removed' }));
      });
    });
  }

  override render() {
    if (this.hosts.length === 0) return nothing;
    return html`<div class="bar" role="region" aria-label=${msg('Chosen hosts')}>
        <span role="status">${plural(this.hosts.length, { one: '{count} host chosen', other: '{count} hosts chosen' })}</span>
        <button type="button" @click=${this.#open}>${msg('Change…')}</button>
        <button type="button" @click=${this.#askRemove}>${msg('Remove…')}</button>
        <button type="button" class="bare" @click=${() => this.dispatchEvent(new CustomEvent('clear'))}>${msg('Clear')}</button>
      </div>
      ${this._form ? this.#dialog(this._form) : this.#leftOver()}
      <reeve-confirm .ask=${this._ask} @done=${this.#asked} @close=${this.#asked}></reeve-confirm>`;
  }

  #asked(): void {
    this._ask = undefined;
  }

  #leftOver() {
    return this._left.length === 0
      ? nothing
      : html`<ul class="left" role="alert">${this._left.map((line) => html`<li>${line}</li>`)}</ul>`;
  }

  #dialog(form: JsonSchema) {
    const close = (): void => {
      this._form = undefined;
    };
    const heading = plural(this.hosts.length, { one: 'Change {count} host', other: 'Change {count} hosts' });
    return html`<reeve-dialog heading=${heading} open @close=${close}>
      <div class="body">
        <p class="quiet">${msg('What is left empty stays as it is on each host.')}</p>
        ${this.#leftOver()}
        <reeve-form
          .schema=${form}
          .value=${{}}
          .problems=${this.#sending.problems}
          failure=${this.#sending.failure}
          verb=${msg('Change')}
          ?busy=${this.#sending.isBusy}
          @send=${this.#change}
        ></reeve-form>
      </div>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-several', ReeveSeveral);

/** The fields of the form are those of `change` in the request. */
const atField = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.change\b/, 'body'),
  message,
});

declare global {
  interface HTMLElementTagNameMap {
    'reeve-several': ReeveSeveral;
  }
}
