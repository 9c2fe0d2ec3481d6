// Over 250 lines because the steps of one dialog stand here: who signs in, what is run, whose host key, how it goes.
import { css, html, LitElement, nothing } from 'lit';
import type { DeviceDetail } from '../../protocol/network.ts';
import '../agents/ceiling-choice.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/dialog.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { call, type RequestOf } from '../rest.ts';
import { router } from '../router.ts';
import { type Install, secretsForm, stepOf, wayForm } from './install-forms.ts';

type Way = { user: string; port: number; keyId?: string; sudoAsks?: boolean };
type Typed = { password?: string; sudoPassword?: string };
type Run = RequestOf<'POST /api/v1/installs/:installId/run'>['body'];

const LOOK_MS = 700;

/**
 * `<reeve-install-agent .device=${device}>`: installs an agent on a device over SSH. Shows the command, has a person confirm it and the
 * host key, runs it with its output, and goes to the host that came. What is typed is forgotten with the run. Open as long as it is there.
 * Events `close`, and `by-hand` for who would rather run a command there.
 */
export class ReeveInstallAgent extends LitElement {
  static override properties = {
    device: { attribute: false },
    _way: { state: true },
    _install: { state: true },
  };
  declare device: DeviceDetail | undefined;
  declare _way: Way;
  declare _install: Install | undefined;
  #typed: Typed = {};
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #sending = new Sending(this);
  readonly #keys = new Reading(this, () => allOf('GET /api/v1/audit-keys'));

  static override styles = [
    base,
    buttons,
    copied,
    css`
      progress {
        width: 100%;
        accent-color: var(--reeve-accent);
      }
      .output {
        max-height: 240px;
      }
      .line {
        display: grid;
        gap: 4px;
      }
      ol {
        display: grid;
        gap: 4px;
        padding-left: 20px;
        list-style: decimal;
      }
      .failure {
        color: var(--reeve-critical);
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.#forget();
    this._way = { user: 'root', port: 22 };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#forget();
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('_install')) return;
    const output = this.renderRoot.querySelector('.output');
    if (output) output.scrollTop = output.scrollHeight;
  }

  #forget(): void {
    clearInterval(this.#timer);
    this.#typed = {};
    this._install = undefined;
    this.#sending.clear();
  }

  /** Also takes the token back, and ends a run. */
  #close(): void {
    this.#end();
    this.dispatchEvent(new CustomEvent('close'));
  }

  #end(): void {
    const { _install: install } = this;
    this.#forget();
    if (install && install.state !== 'joined')
      call('DELETE /api/v1/installs/:installId', { params: { installId: install.id } }).catch(() => undefined);
  }

  override render() {
    const { device, _install: install } = this;
    if (!device) return nothing;
    const heading = msg('Install an agent on {title}', { title: device.title });
    return html`<reeve-dialog heading=${heading} open @close=${this.#close}>
      <div class="body">${install ? this.#step(install) : this.#asking(device)}</div>
    </reeve-dialog>`;
  }

  #step(install: Install) {
    if (install.state === 'ready') return this.#confirming(install);
    if (install.state === 'host-key') return this.#hostKey(install);
    if (install.state === 'failed') return this.#failed(install);
    return this.#running(install);
  }

  #asking({ address }: DeviceDetail) {
    const words = { failed: msg('The SSH keys could not be read'), loading: msg('Loading the SSH keys') };
    return html`<p>
        ${msg('Reeve signs in to {address} over SSH and runs the command that installs the agent. You see the command before anything is sent.', { address: address ?? '' })}
      </p>
      <reeve-ceiling-choice></reeve-ceiling-choice>
      ${this.#keys.view(
        words,
        (keys) => html`<reeve-form
          .schema=${wayForm(keys)}
          .value=${{ keyId: '', ...this._way }}
          .problems=${this.#sending.problems}
          failure=${this.#sending.failure}
          verb=${msg('Show the command')}
          ?busy=${this.#sending.isBusy}
          @send=${this.#prepare}
          ><reeve-action slot="actions" @click=${this.#byHand}>${msg('Run it there myself…')}</reeve-action></reeve-form
        >`,
      )}`;
  }

  #byHand(): void {
    this.#end();
    this.dispatchEvent(new CustomEvent('by-hand'));
  }

  async #prepare({ detail }: CustomEvent<Way>): Promise<void> {
    const may = this.renderRoot.querySelector('reeve-ceiling-choice')?.may ?? [];
    const { user, port, sudoAsks = false } = detail;
    const params = { deviceId: this.device?.id ?? '' };
    this._way = detail;
    await this.#sending.run(async () => {
      const body = { user, port, sudoAsks, may };
      this._install = await call('POST /api/v1/network/devices/:deviceId/installs', { params, body });
    });
  }

  #confirming(install: Install) {
    const { address, port, user, sudoAsks, command } = install;
    const signsIn = !this._way.keyId;
    return html`<p>${msg('This is run on {address}, port {port}, as {user}. It works once, within 15 minutes:', { address, port, user })}</p>
      <pre tabindex="0" aria-label=${msg('Command')}>${command}</pre>
      <ol class="quiet">
        <li>${msg('Its host key is shown first, unless somebody has accepted it before.')}</li>
        <li>${msg('Reeve looks whether curl and sudo are there and whether it reaches this appliance. That changes nothing.')}</li>
        <li>${msg('The command runs, and you see what it writes.')}</li>
      </ol>
      <reeve-form
        .schema=${secretsForm({ signsIn, sudoAsks, user })}
        .value=${{}}
        .autofill=${{ password: 'off', sudoPassword: 'off' }}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Run it on {address}', { address })}
        ?busy=${this.#sending.isBusy}
        @send=${this.#confirmed}
        ><reeve-action slot="actions" @click=${this.#end}>${msg('Back')}</reeve-action></reeve-form
      >
      ${signsIn || sudoAsks ? html`<p class="quiet">${msg('What you type is used for this once, and not kept.')}</p>` : nothing}`;
  }

  async #confirmed({ detail }: CustomEvent<Typed>): Promise<void> {
    this.#typed = detail;
    await this.#run();
  }

  async #run(accept?: string): Promise<void> {
    const { _install: install } = this;
    if (!install) return;
    const { keyId } = this._way;
    const { password = '', sudoPassword } = this.#typed;
    const body: Run = {
      login: keyId ? { keyId } : { password },
      ...(install.sudoAsks && { sudoPassword: sudoPassword || password }),
      ...(accept !== undefined && { accept }),
    };
    await this.#sending.run(async () => {
      this._install = await call('POST /api/v1/installs/:installId/run', { params: { installId: install.id }, body });
      clearInterval(this.#timer);
      this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    });
  }

  async #look(): Promise<void> {
    const id = this._install?.id;
    if (id === undefined) return;
    const found = await call('GET /api/v1/installs/:installId', { params: { installId: id } }).catch(() => undefined);
    if (!found || this._install?.id !== id) return;
    this._install = found;
    if (stepOf(found)) return;
    clearInterval(this.#timer);
    if (found.state !== 'host-key') this.#typed = {};
    if (found.hostId !== undefined) this.#joined(found.hostId);
  }

  #joined(hostId: string): void {
    toast({ text: msg('The agent is installed and paired.') });
    this.#close();
    router.go(`/hosts/${hostId}`);
  }

  #hostKey({ address, hostKey }: Install) {
    const type = hostKey?.type.replace(/^ssh-|^ecdsa-.*/, (found) => (found === 'ssh-' ? '' : 'ecdsa')) ?? '';
    return html`<reeve-notice kind="warning" heading=${msg('Is this the host key of {name}?', { name: address })}>
        <p>${msg('Nothing was sent to it yet. Compare the key with what the host itself says, on its own console:')}</p>
        <pre>${`ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub`}</pre>
        <pre>${hostKey?.sha256} (${hostKey?.type})</pre>
      </reeve-notice>
      ${this.#failure()}
      <div class="actions">
        <button type="button" class="primary" ?disabled=${this.#sending.isBusy} @click=${() => void this.#run(hostKey?.sha256)}>${msg('The keys are the same: go on')}</button>
        <button type="button" @click=${this.#close}>${msg('Cancel')}</button>
      </div>`;
  }

  #failure() {
    return this.#sending.failure ? html`<p class="failure" role="alert">${this.#sending.failure}</p>` : nothing;
  }

  #running(install: Install) {
    const { step, of, text } = stepOf(install) ?? { step: 1, of: 1, text: '' };
    return html`<div class="line">
        <p role="status">${msg('Step {step} of {of}: {text}', { step, of, text })}</p>
        <progress max=${of} .value=${step - 1} aria-label=${msg('Progress of the installation')}></progress>
      </div>
      ${this.#output(install)}
      <div class="actions">
        <button type="button" @click=${this.#close}>${msg('Cancel')}</button>
        <span class="quiet">${msg('What the command has begun there may go on.')}</span>
      </div>`;
  }

  #failed(install: Install) {
    return html`<reeve-notice kind="error" heading=${msg('No agent was installed')}>
        <p>${install.failure?.text}</p>
      </reeve-notice>
      ${this.#output(install)}
      <div class="actions">
        <button type="button" class="primary" @click=${this.#end}>${msg('Begin again')}</button>
        <button type="button" @click=${this.#close}>${msg('Close')}</button>
      </div>`;
  }

  #output({ output }: Install) {
    if (output === '') return nothing;
    return html`<pre class="output" tabindex="0" aria-label=${msg('What the command writes')}>${output}</pre>`;
  }
}
customElements.define('reeve-install-agent', ReeveInstallAgent);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-install-agent': ReeveInstallAgent;
  }
}
