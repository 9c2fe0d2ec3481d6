import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import '../agents/ceiling-choice.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/copy-button.ts';
import '../parts/dialog.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import '../parts/state-icon.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { Ticker } from '../parts/ticker.ts';
import { call, type ResponseOf } from '../rest.ts';
import { countdown } from '../times.ts';
import './add-by-hand.ts';

type Token = ResponseOf<'POST /api/v1/agents/tokens'>;
type State =
  | { kind: 'naming' }
  | { kind: 'waiting'; token: Token }
  | { kind: 'joined'; hostId: string }
  | { kind: 'dead'; text: string };

/** How often the token is asked for besides the live events, which may be away just then. */
const ASK_MS = 3_000;

/**
 * `<reeve-add-host open name="nuc-7">`: makes a one-time token, shows the line for each platform and waits for the host to join.
 * Closing it before takes the token back. With `host-id` the agent fills that host. Hosts of other kinds are added by hand. Event `close`.
 */
export class ReeveAddHost extends LitElement {
  static override properties = {
    open: { type: Boolean },
    name: { type: String },
    hostId: { type: String, attribute: 'host-id' },
    _way: { state: true },
    _state: { state: true },
    _platform: { state: true },
  };
  declare open: boolean;
  declare name: string;
  /** A host that the agent is for; its name is known then. */
  declare hostId: string;
  declare _way: 'agent' | 'hand';
  declare _state: State;
  declare _platform: string;
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    copied,
    css`
      .wait {
        font-variant-numeric: tabular-nums;
      }
      .joined {
        font-size: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.open = false;
    this.name = '';
    this.hostId = '';
    this.#reset();
    new Ticker(this);
    new Follow(this, () => [live().fleet]);
  }

  #reset(): void {
    clearInterval(this.#timer);
    this._state = { kind: 'naming' };
    this._way = 'agent';
    this._platform = 'linux';
    this.#sending.clear();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  #wanted(name: string | undefined): { name?: string; forHostId?: string } {
    if (this.hostId !== '') return { name: this.name, forHostId: this.hostId };
    return name ? { name } : {};
  }

  async #make({ detail }: CustomEvent<{ name?: string }>): Promise<void> {
    const may = this.renderRoot.querySelector('reeve-ceiling-choice')?.may ?? [];
    await this.#sending.run(async () => {
      const token = await call('POST /api/v1/agents/tokens', { body: { ...this.#wanted(detail.name), may } });
      this._state = { kind: 'waiting', token };
      this.#timer = setInterval(() => void this.#look(token), ASK_MS);
    });
  }

  async #look({ tokenId }: Token): Promise<void> {
    const found = await call('GET /api/v1/agents/tokens/:tokenId', { params: { tokenId } }).catch(() => undefined);
    if (!found || this._state.kind !== 'waiting' || found.state === 'open') return;
    // The token is burnt before the handshake is through: the host follows a moment later.
    if (found.state === 'used' && !found.hostId) return;
    clearInterval(this.#timer);
    if (found.hostId) this._state = { kind: 'joined', hostId: found.hostId };
    else this._state = { kind: 'dead', text: deadText(found.state) };
  }

  /** A host that appears while we wait is most likely ours: ask at once instead of at the next round. */
  override willUpdate(): void {
    if (this._state.kind !== 'waiting') return;
    const { token } = this._state;
    const isNew = ({ createdAt }: Host) => createdAt >= token.createdAt;
    const newest = live().fleet.hosts.filter(isNew).length;
    if (newest !== this.#seen) void this.#look(token);
    this.#seen = newest;
  }
  #seen = 0;

  #close(): void {
    if (this._state.kind === 'waiting') {
      const { tokenId } = this._state.token;
      call('DELETE /api/v1/agents/tokens/:tokenId', { params: { tokenId } }).catch(() => undefined);
    }
    this.#reset();
    this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const heading = this.hostId === '' ? msg('Add a host') : msg('An agent for {name}', { name: this.name });
    return html`<reeve-dialog heading=${heading} ?open=${this.open} @close=${this.#close}>
      ${this.open ? this.#body() : nothing}
    </reeve-dialog>`;
  }

  #body() {
    switch (this._state.kind) {
      case 'naming':
        return this.hostId === '' ? this.#ways() : this.#naming();
      case 'waiting':
        return this.#waiting(this._state.token);
      case 'joined':
        return this.#joined(this._state.hostId);
      case 'dead':
        return html`<div class="body">
          <p>${this._state.text}</p>
          <div class="actions"><button type="button" class="primary" @click=${() => this.#reset()}>${msg('Make a new command')}</button></div>
        </div>`;
    }
  }

  #ways() {
    const tabs = [
      { id: 'agent', title: msg('With an agent') },
      { id: 'hand', title: msg('By hand') },
    ];
    const choose = ({ detail }: CustomEvent<{ id: 'agent' | 'hand' }>): void => {
      this._way = detail.id;
    };
    return html`<div class="body">
      <reeve-tabs label=${msg('Way')} .tabs=${tabs} selected=${this._way} @choose=${choose}></reeve-tabs>
      ${this._way === 'agent' ? this.#naming() : html`<reeve-add-by-hand name=${this.name} @added=${this.#close}></reeve-add-by-hand>`}
    </div>`;
  }

  #naming() {
    const isFor = this.hostId !== '';
    const name = {
      type: 'string',
      title: msg('Name of the host'),
      description: msg('May be left empty: then the host’s own name is taken.'),
    };
    return html`<div class="body">
      ${isFor ? html`<p>${msg('The command installs the agent; it fills this host, whose name, tags and history stay.')}</p>` : nothing}
      <reeve-ceiling-choice></reeve-ceiling-choice>
      <reeve-form
        .schema=${{ properties: isFor ? {} : { name } }}
        .value=${{ name: this.name }}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Make the command')}
        ?busy=${this.#sending.isBusy}
        @send=${this.#make}
      ></reeve-form>
    </div>`;
  }

  #waiting(token: Token) {
    const left = token.expiresAt - live().fleet.now();
    const tabs = token.commands.map(({ platform, title }) => ({ id: platform, title }));
    const command = token.commands.find(({ platform }) => platform === this._platform) ?? token.commands[0];
    return html`<div class="body">
      <p>${msg('Run this on the new machine. It works once.')}</p>
      ${tabs.length > 1 ? html`<reeve-tabs label=${msg('System')} .tabs=${tabs} selected=${command?.platform ?? ''} @choose=${this.#pick}></reeve-tabs>` : nothing}
      <pre tabindex="0" aria-label=${msg('Command')}>${command?.command}</pre>
      <div class="actions">
        <reeve-copy text=${command?.command ?? ''} label=${msg('Copy the command')}></reeve-copy>
        <span class="quiet wait" role="timer">
          ${left > 0 ? msg('Waiting for the host. Valid for {time}.', { time: countdown(left) }) : msg('The command has expired.')}
        </span>
      </div>
    </div>`;
  }

  #joined(hostId: string) {
    const name = live().fleet.get(hostId)?.name ?? msg('The host');
    return html`<div class="body">
      <p class="joined" role="status"><reeve-state level="ok" word=${msg('{name} joined', { name })}></reeve-state></p>
      <div class="actions">
        <a class="button primary" href="/hosts/${hostId}" @click=${() => this.#close()}>${msg('Open {name}', { name })}</a>
        <button type="button" @click=${() => this.#reset()}>${msg('Add another')}</button>
        <button type="button" @click=${() => this.#close()}>${msg('Done')}</button>
      </div>
    </div>`;
  }

  #pick({ detail }: CustomEvent<{ id: string }>): void {
    this._platform = detail.id;
  }
}
customElements.define('reeve-add-host', ReeveAddHost);

function deadText(state: string): string {
  if (state === 'locked')
    return msg('Too many wrong tries: the command was locked. Somebody else may know a part of it.');
  if (state === 'revoked') return msg('Somebody took the command back.');
  return msg('The command has expired: nobody used it within its time.');
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-add-host': ReeveAddHost;
  }
}
