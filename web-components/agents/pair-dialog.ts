import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/copy-button.ts';
import '../parts/dialog.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import '../parts/state-icon.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import { Ticker } from '../parts/ticker.ts';
import { call, type ResponseOf } from '../rest.ts';
import { countdown } from '../times.ts';

type Join = ResponseOf<'GET /api/v1/agents/joins'>['items'][number];
type Step = 'typing' | 'confirming' | 'joined' | 'gone';

const ASK_MS = 2_000;

const STATUS_COMMAND = 'reeve-agent status';

/**
 * `<reeve-pair-dialog .join=${request}>`: lets in a machine without a token. The six digits that it shows are typed here, and then a
 * person confirms on the machine; only both make it verified. Event `close`.
 */
export class ReevePairDialog extends LitElement {
  static override properties = {
    join: { attribute: false },
    _step: { state: true },
    _digits: { state: true },
    _expiresAt: { state: true },
    _hostId: { state: true },
  };
  declare join: Join | undefined;
  declare _step: Step;
  declare _digits: string;
  declare _expiresAt: number;
  declare _hostId: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    copied,
    css`
      ol {
        display: grid;
        gap: 8px;
        padding-left: 20px;
        list-style: decimal;
      }
      .joined {
        font-size: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.#reset();
    new Ticker(this);
    new Follow(this, () => [live().fleet]);
  }

  #reset(): void {
    clearInterval(this.#timer);
    this._step = 'typing';
    this._digits = '';
    this._expiresAt = 0;
    this.#sending.clear();
    this._hostId = undefined;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('join')) return;
    this.#reset();
    if (!this.join) return;
    this._expiresAt = this.join.expiresAt;
    if (this.join.state === 'accepted') this._step = 'confirming';
    this.#timer = setInterval(() => void this.#look(), ASK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #send({ detail }: CustomEvent<{ digits?: string; name?: string }>): Promise<void> {
    const { join } = this;
    if (!join) return;
    const digits = (detail.digits ?? '').replace(/[\s-]/g, '');
    const body = { digits, ...(detail.name ? { name: detail.name } : {}) };
    const params = { joinRequestId: join.id };
    await this.#sending.run(async () => {
      const accepted = await call('POST /api/v1/agents/joins/:joinRequestId/accept', { params, body });
      this._digits = digits;
      this._expiresAt = accepted.expiresAt;
      this._step = 'confirming';
    });
  }

  /** A request that is no longer listed became a host, or has ended. */
  async #look(): Promise<void> {
    const { join } = this;
    if (!join || this._step === 'joined' || this._step === 'gone' || this.#sending.isBusy) return;
    const found = await call('GET /api/v1/agents/joins', { query: {} }).catch(() => undefined);
    const current = found?.items.find(({ id }) => id === join.id);
    if (!found || this.join !== join) return;
    if (current) this._expiresAt = current.expiresAt;
    if (current?.state === 'joined') {
      this._hostId = current.hostId;
      this._step = 'joined';
    } else if (!current && this.#sending.problems.length === 0) this._step = 'gone';
  }

  #close(): void {
    clearInterval(this.#timer);
    this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const name = this.join?.name ?? '';
    return html`<reeve-dialog heading=${msg('Pair {name}', { name })} ?open=${this.join !== undefined} @close=${this.#close}>
      ${this.join ? this.#body(this.join) : nothing}
    </reeve-dialog>`;
  }

  #body(join: Join) {
    switch (this._step) {
      case 'typing':
        return this.#typing(join);
      case 'confirming':
        return this.#confirming(join);
      case 'joined':
        return this.#joined(join);
      case 'gone':
        return html`<div class="body">
          <p>${msg('This request has ended: it was refused, its time is over, or wrong digits were typed too often. The host asks again with other digits in a minute.')}</p>
          <div class="actions"><button type="button" @click=${this.#close}>${msg('Close')}</button></div>
        </div>`;
    }
  }

  #typing({ name, address }: Join) {
    const schema = {
      required: ['digits'],
      properties: {
        digits: {
          type: 'string',
          title: msg('Six digits'),
          description: msg('As the host shows them, not as anybody tells you.'),
        },
        name: {
          type: 'string',
          title: msg('Name of the host'),
          description: msg('May be left empty: then the host’s own name is taken.'),
        },
      },
    };
    return html`<div class="body">
      <p>${msg('{address} says that it is {name}. Nobody has verified that yet.', { address, name })}</p>
      <ol>
        <li>
          ${msg('On the host, run this:')}
          <pre tabindex="0">${STATUS_COMMAND}</pre>
        </li>
        <li>${msg('Type the six digits that it shows beside the address of this appliance.')}</li>
      </ol>
      <reeve-form
        .schema=${schema}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Compare')}
        ?busy=${this.#sending.isBusy}
        @send=${this.#send}
      ></reeve-form>
    </div>`;
  }

  #confirming({ name }: Join) {
    const left = this._expiresAt - live().fleet.now();
    const command = `reeve-agent confirm ${this._digits}`.trim();
    return html`<div class="body">
      <p role="status"><reeve-state level="ok" word=${msg('The digits are right')}></reeve-state></p>
      <p>${msg('{name} is unverified until you confirm on the host itself. Run this there:', { name })}</p>
      <pre tabindex="0" aria-label=${msg('Command')}>${command}</pre>
      <div class="actions">
        <reeve-copy text=${command} label=${msg('Copy the command')}></reeve-copy>
        <span class="quiet" role="timer">
          ${left > 0 ? msg('Waiting for the host. Valid for {time}.', { time: countdown(left) }) : msg('The time is over.')}
        </span>
      </div>
    </div>`;
  }

  #joined({ name }: Join) {
    const host = this._hostId === undefined ? undefined : live().fleet.get(this._hostId);
    const shown = host?.name ?? name;
    return html`<div class="body">
      <p class="joined" role="status"><reeve-state level="ok" word=${msg('{name} joined, verified on both sides', { name: shown })}></reeve-state></p>
      <div class="actions">
        ${host ? html`<a class="button primary" href="/hosts/${host.id}" @click=${this.#close}>${msg('Open {name}', { name: shown })}</a>` : nothing}
        <button type="button" @click=${this.#close}>${msg('Done')}</button>
      </div>
    </div>`;
  }
}
customElements.define('reeve-pair-dialog', ReevePairDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-pair-dialog': ReevePairDialog;
  }
}
