import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { failureNotice } from '../parts/notice.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { call, type RequestOf } from '../rest.ts';
import { router } from '../router.ts';

type NewHost = RequestOf<'POST /api/v1/hosts'>['body'];
type Kind = NewHost['kind'];

/** What one says at first; the rest is in the settings of the host. */
const FIRST = ['name', 'address', 'role', 'tags', 'location', 'rack', 'rackUnit', 'rackHeight'];

const kinds = (): { id: Kind; title: string; more: string }[] => [
  { id: 'agent', title: msg('Agent, later'), more: msg('Waits for an agent; its settings make the command.') },
  { id: 'ssh', title: msg('Over SSH'), more: msg('Reeve asks it over SSH; nothing is installed there.') },
  { id: 'pull', title: msg('Fetched by Reeve'), more: msg('Reeve reads an address of it, such as an exporter’s.') },
  { id: 'push', title: msg('Sends by itself'), more: msg('It sends its values to the API of Reeve.') },
];

/** `<reeve-add-by-hand name="">`: the kind of a host and what people say of it. Event `added`; then its page is opened. */
export class ReeveAddByHand extends LitElement {
  static override properties = {
    name: { type: String },
    _kind: { state: true },
    _form: { state: true },
    _unread: { state: true },
  };
  declare name: string;
  declare _kind: Kind;
  declare _form: JsonSchema | undefined;
  declare _unread: unknown;

  readonly #sending = new Sending(this);

  static override styles = [
    base,
    fields,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      label {
        display: grid;
        gap: 4px;
        max-width: 480px;
        font-weight: 500;
      }
      label p {
        font-weight: 400;
      }
    `,
  ];

  constructor() {
    super();
    this.name = '';
    this._kind = 'agent';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const { add } = await call('GET /api/v1/host-form', { query: { kind: this._kind } });
      const { properties = {}, ...rest } = add as JsonSchema;
      this._form = {
        ...rest,
        properties: Object.fromEntries(Object.entries(properties).filter(([name]) => FIRST.includes(name))),
      };
      this._unread = undefined;
    } catch (error) {
      this._unread = error;
    }
  }

  #choose(event: Event): void {
    this._kind = (event.target as HTMLSelectElement).value as Kind;
    this.#sending.clear();
    void this.#load();
  }

  async #add({ detail }: CustomEvent<Omit<NewHost, 'kind'>>): Promise<void> {
    await this.#sending.run(async () => {
      const host = await call('POST /api/v1/hosts', { body: { ...detail, kind: this._kind } });
      toast({ text: msg('{name} was added', { name: host.name }) });
      this.dispatchEvent(new CustomEvent('added'));
      router.go(host.kind === 'agent' ? `/hosts/${host.id}/settings` : `/hosts/${host.id}`);
    });
  }

  override render() {
    if (this._unread) {
      return failureNotice(msg('The form could not be read'), this._unread, { again: () => void this.#load() });
    }
    const all = kinds();
    return html`<label>
        ${msg('How its values come')}
        <select @change=${this.#choose}>
          ${all.map(({ id, title }) => html`<option value=${id} ?selected=${id === this._kind}>${title}</option>`)}
        </select>
        <p class="quiet">${all.find(({ id }) => id === this._kind)?.more}</p>
      </label>
      ${this._form ? this.#fields(this._form) : nothing}`;
  }

  #fields(form: JsonSchema) {
    return html`<reeve-form
      .schema=${form}
      .value=${{ name: this.name }}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Add')}
      ?busy=${this.#sending.isBusy}
      @send=${this.#add}
    ></reeve-form>`;
  }
}
customElements.define('reeve-add-by-hand', ReeveAddByHand);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-add-by-hand': ReeveAddByHand;
  }
}
