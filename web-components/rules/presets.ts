import { css, html, LitElement, nothing } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import '../parts/dialog.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { call, type ResponseOf } from '../rest.ts';
import { planOf } from './preset-plan.ts';

type Preset = ResponseOf<'GET /api/v1/alert-presets'>[number];

/**
 * `<reeve-presets .rules=${rules}>`: sets of rules for a kind of machine: for which hosts, exactly what that changes, and then does it. Event
 * `done` after that, `close` when it was called off.
 */
export class ReevePresets extends LitElement {
  static override properties = { rules: { attribute: false }, _tag: { state: true }, _chosen: { state: true } };
  declare rules: readonly Rule[];
  /** Empty: all hosts. */
  declare _tag: string;
  declare _chosen: string;
  readonly #presets = new Reading(this, () => call('GET /api/v1/alert-presets'));
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    css`
      .body {
        display: grid;
        gap: 16px;
      }
      .field {
        display: grid;
        gap: 4px;
      }
      label {
        font-weight: 500;
      }
      ul {
        padding-left: 20px;
        list-style: disc;
      }
      .failure {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this.rules = [];
    this._tag = '';
    this._chosen = '';
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const presets = this.#presets.value ?? [];
    const preset = presets.find(({ id }) => id === this._chosen) ?? presets[0];
    return html`<reeve-dialog heading=${msg('Rules for a kind of machine')} open @close=${this.#close}>
      <div class="body">
        ${this.#presets.view(
          { failed: msg('The presets could not be read'), loading: msg('Loading the presets') },
          () => (preset ? this.#body(preset, presets) : nothing),
        )}
      </div>
      <div slot="actions">
        <button type="button" @click=${this.#close}>${msg('Cancel')}</button>
        ${preset ? this.#apply(preset) : nothing}
      </div>
    </reeve-dialog>`;
  }

  #apply(preset: Preset) {
    const { isNothing } = planOf(preset, this.rules, this._tag);
    return html`<button type="button" class="primary" ?disabled=${this.#sending.isBusy || isNothing} @click=${() => void this.#send(preset)}>
      ${this.#sending.isBusy ? msg('Working…') : msg('Apply')}
    </button>`;
  }

  #body(preset: Preset, presets: readonly Preset[]) {
    const { hosts } = live().fleet;
    const tags = [...new Set(hosts.flatMap((host) => host.tags))].sort((a, b) => a.localeCompare(b));
    const about = this._tag === '' ? hosts : hosts.filter((host) => host.tags.includes(this._tag));
    const choose = (set: (value: string) => void) => (event: Event) => set((event.target as HTMLSelectElement).value);
    return html`<div class="field">
        <label for="kind">${msg('Kind of machine')}</label>
        <select id="kind" @change=${choose((value) => {
          this._chosen = value;
        })}>
          ${presets.map(({ id, title }) => html`<option value=${id} ?selected=${id === preset.id}>${title}</option>`)}
        </select>
      </div>
      <p>${preset.text}</p>
      <div class="field">
        <label for="whom">${msg('For')}</label>
        <select id="whom" @change=${choose((value) => {
          this._tag = value;
        })}>
          <option value="">${msg('All hosts')}</option>
          ${tags.map((tag) => html`<option value=${tag} ?selected=${tag === this._tag}>${msg('Hosts tagged {tag}', { tag })}</option>`)}
        </select>
      </div>
      <p class="quiet">${plural(about.length, { one: '{count} host now', other: '{count} hosts now' })}</p>
      ${this.#plan(preset)}
      ${this.#sending.failure === '' ? nothing : html`<p class="failure" role="alert">${this.#sending.failure}</p>`}`;
  }

  #plan(preset: Preset) {
    const { added, there, switchedOff, isNothing } = planOf(preset, this.rules, this._tag);
    const list = (heading: string, titles: readonly string[]) =>
      titles.length === 0
        ? nothing
        : html`<div><h3>${heading}</h3><ul>${titles.map((title) => html`<li>${title}</li>`)}</ul></div>`;
    const whom = this._tag === '' ? msg('for all hosts') : msg('for hosts tagged {tag}', { tag: this._tag });
    return html`${isNothing ? html`<p>${msg('All of it is there already: nothing would change.')}</p>` : nothing}
      ${list(msg('Adds'), added)} ${list(msg('Switches off {whom}', { whom }), switchedOff)} ${list(msg('Is there already and stays as it is'), there)}
      ${isNothing || preset.mail.length === 0 ? nothing : html`<p class="quiet">${msg('Meant to be told by mail: {rules}. Make a route for that under Notifications.', { rules: preset.mail.join(', ') })}</p>`}`;
  }

  async #send(preset: Preset): Promise<void> {
    const body = this._tag === '' ? {} : { tag: this._tag };
    const went = await this.#sending.run(() =>
      call('POST /api/v1/alert-presets/:preset/apply', { params: { preset: preset.id }, body }),
    );
    if (!went) return;
    toast({ text: msg('{preset} was applied', { preset: preset.title }) });
    this.dispatchEvent(new CustomEvent('done'));
  }
}
customElements.define('reeve-presets', ReevePresets);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-presets': ReevePresets;
  }
}
