import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import '../parts/copy-button.ts';
import '../parts/dialog.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { call, type ResponseOf } from '../rest.ts';
import { exactTime } from '../times.ts';

type Token = ResponseOf<'POST /api/v1/agents/tokens'>;
type Asked = { name?: string; uses?: number; validMs?: number; tags?: string[]; rack?: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `<reeve-token-dialog open>`: makes a token for several hosts and shows its install line, this once. Event `close`. */
export class ReeveTokenDialog extends LitElement {
  static override properties = {
    open: { type: Boolean },
    _token: { state: true },
    _platform: { state: true },
  };
  declare open: boolean;
  declare _token: Token | undefined;
  declare _platform: string;

  readonly #sending = new Sending(this);

  static override styles = [base, buttons, copied];

  constructor() {
    super();
    this.open = false;
    this.#reset();
  }

  #reset(): void {
    this._token = undefined;
    this._platform = 'linux';
    this.#sending.clear();
  }

  async #make({ detail }: CustomEvent<Asked>): Promise<void> {
    await this.#sending.run(async () => {
      this._token = await call('POST /api/v1/agents/tokens', { body: detail });
    });
  }

  #close(): void {
    this.#reset();
    this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    return html`<reeve-dialog heading=${msg('Token for several hosts')} ?open=${this.open} @close=${this.#close}>
      ${this.open ? (this._token ? this.#made(this._token) : this.#asking()) : nothing}
    </reeve-dialog>`;
  }

  #asking() {
    return html`<reeve-form
      .schema=${schemaOf()}
      .value=${{ uses: 10, validMs: DAY_MS }}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Make the token')}
      ?busy=${this.#sending.isBusy}
      @send=${this.#make}
    ></reeve-form>`;
  }

  #made({ commands, uses, expiresAt }: Token) {
    const tabs = commands.map(({ platform, title }) => ({ id: platform, title }));
    const command = commands.find(({ platform }) => platform === this._platform) ?? commands[0];
    return html`<div class="body">
      <p>
        ${msg('Run this on each machine. It lets in {most} of them until {time}, and is shown this once: copy it now.', { most: uses.most, time: exactTime(expiresAt) })}
      </p>
      <reeve-tabs label=${msg('System')} .tabs=${tabs} selected=${command?.platform ?? ''} @choose=${this.#pick}></reeve-tabs>
      <pre tabindex="0" aria-label=${msg('Command')}>${command?.command}</pre>
      <div class="actions">
        <reeve-copy text=${command?.command ?? ''} label=${msg('Copy the command')}></reeve-copy>
        <button type="button" @click=${this.#close}>${msg('Done')}</button>
      </div>
    </div>`;
  }

  #pick({ detail }: CustomEvent<{ id: string }>): void {
    this._platform = detail.id;
  }
}
customElements.define('reeve-token-dialog', ReeveTokenDialog);

const schemaOf = () => ({
  required: ['uses'],
  properties: {
    name: {
      type: 'string',
      title: msg('Name of the token'),
      description: msg('What it is for: Rack 3, say. The hosts keep their own names.'),
    },
    uses: { type: 'integer', title: msg('Hosts'), minimum: 2, maximum: 500 },
    validMs: {
      type: 'integer',
      title: msg('Valid for'),
      choices: [
        { value: HOUR_MS, title: msg('1 hour') },
        { value: DAY_MS, title: msg('1 day') },
        { value: 7 * DAY_MS, title: msg('7 days') },
        { value: 30 * DAY_MS, title: msg('30 days') },
      ],
    },
    tags: {
      type: 'array',
      items: { type: 'string' },
      title: msg('Tags of the hosts'),
      description: msg('Separated by commas.'),
    },
    rack: { type: 'string', title: msg('Rack of the hosts') },
  },
});

declare global {
  interface HTMLElementTagNameMap {
    'reeve-token-dialog': ReeveTokenDialog;
  }
}
