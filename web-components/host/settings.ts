import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import '../fleet/add-host.ts';
import { msg } from '../msg.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { drawn, filled, type Values } from './fields.ts';
import { askRemoval } from './removal.ts';

/** `<reeve-host-settings .host=${host}>`: what people say of it; a command for its agent; revoking that; removing the host with all its data. */
export class ReeveHostSettings extends LitElement {
  static override properties = {
    host: { attribute: false },
    _ask: { state: true },
    _form: { state: true },
    _isPairing: { state: true },
  };
  declare host: Host | undefined;
  readonly #sending = new Sending(this);
  declare _ask: Confirmation | undefined;
  declare _form: JsonSchema | undefined;
  /** `_form` with what the agent says; one object as long as both stay, because a new one takes the place of what is typed. */
  #drawn: { form: JsonSchema; edited: Host; schema: JsonSchema } | undefined;
  declare _isPairing: boolean;
  /** What the person edits: a change from elsewhere must not overwrite what is typed. */
  #edited: Host | undefined;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 32px;
        max-width: 640px;
      }
      section {
        display: grid;
        gap: 12px;
        justify-items: start;
      }
      reeve-form {
        width: 100%;
      }
      h2 {
        color: var(--reeve-muted);
      }
    `,
  ];

  constructor() {
    super();
    this._isPairing = false;
  }

  override willUpdate(): void {
    const { host } = this;
    if (host && this.#edited?.id !== host.id && may('admin')) {
      this.#edited = host;
      void this.#load(host);
    }
  }

  async #load({ kind }: Host): Promise<void> {
    await this.#sending.run(async () => {
      const { edit } = await call('GET /api/v1/host-form', { query: { kind } });
      this._form = edit as JsonSchema;
    });
  }

  async #change(values: Values): Promise<void> {
    const host = this.#edited;
    if (!host) return;
    this.#edited = await call('PATCH /api/v1/hosts/:hostId', {
      params: { hostId: host.id },
      body: { rev: host.rev, ...values },
    });
  }

  async #save({ detail }: CustomEvent<Values>): Promise<void> {
    const host = this.#edited;
    const form = this._form;
    if (!host || !form) return;
    if (await this.#sending.run(() => this.#change(filled(form, detail))))
      toast({ text: msg('Saved'), undo: () => void this.#takeBack(filled(form, { ...host })) });
    else if (this.#sending.code === 'conflict' && this.#sending.problems.length === 0) this.#edited = this.host;
  }

  async #takeBack(before: Values): Promise<void> {
    await tried(async () => {
      await this.#change(before);
      this.requestUpdate();
    });
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    if (!may('admin')) {
      return html`<reeve-notice kind="no-permission" heading=${msg('Your role does not allow this')}>
        <p>${msg('Only an admin changes hosts.')}</p>
      </reeve-notice>`;
    }
    return html`<section>${this.#fields()}</section>
      ${this.#ends(host)}
      <reeve-confirm .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-confirm>`;
  }

  #fields() {
    const { _form: form } = this;
    if (!form || !this.#edited)
      return this.#sending.failure === ''
        ? html`<reeve-notice kind="loading" heading=${msg('Loading the form')}></reeve-notice>`
        : html`<reeve-notice kind="error" heading=${msg('The form could not be read')}><p>${this.#sending.failure}</p></reeve-notice>`;
    return html`<reeve-form
      tracks
      .schema=${this.#schema(form, this.#edited)}
      .value=${this.#edited}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Save')}
      ?busy=${this.#sending.isBusy}
      @send=${this.#save}
    ></reeve-form>`;
  }

  #schema(form: JsonSchema, edited: Host): JsonSchema {
    if (this.#drawn?.form !== form || this.#drawn.edited !== edited)
      this.#drawn = { form, edited, schema: drawn(form, edited) };
    return this.#drawn.schema;
  }

  #ends(host: Host) {
    if (host.isAppliance && host.status === 'online') {
      return html`<p class="quiet">${msg('This is the machine that Reeve itself runs on. To remove it, start Reeve with REEVE_SELF_AGENT=off first.')}</p>`;
    }
    return html`${host.isAppliance ? nothing : this.#agent(host)}
      <section>
        <h2>${msg('Remove')}</h2>
        <p class="quiet">${msg('Takes the host, its agent’s right to connect and all its history away.')}</p>
        <button type="button" class="danger" @click=${() => this.#askRemove(host)}>${msg('Remove {name}…', { name: host.name })}</button>
      </section>`;
  }

  #agent(host: Host) {
    if (host.kind !== 'agent') return nothing;
    const pair = host.facts
      ? msg('A new command pairs another agent for this host; the one it has is refused from then on.')
      : msg('No agent has been paired for this host yet: make a command and run it there.');
    return html`<section>
      <h2>${msg('Agent')}</h2>
      <p class="quiet">${pair}</p>
      <button type="button" @click=${() => this.#pair(true)}>${msg('Make a command for {name}…', { name: host.name })}</button>
      ${
        host.facts
          ? html`<p class="quiet">${msg('A revoked agent is refused at once. The host and its history stay.')}</p>
            <button type="button" @click=${() => this.#askRevoke(host)}>${msg('Revoke the agent…')}</button>`
          : nothing
      }
      <reeve-add-host ?open=${this._isPairing} name=${host.name} host-id=${host.id} @close=${() => this.#pair(false)}></reeve-add-host>
    </section>`;
  }

  #pair(isPairing: boolean): void {
    this._isPairing = isPairing;
  }

  #called(): void {
    this._ask = undefined;
  }

  #askRevoke(host: Host): void {
    this._ask = {
      heading: msg('Revoke the agent of {name}?', { name: host.name }),
      consequences: [
        msg('The agent on {name} is disconnected and refused from now on.', { name: host.name }),
        msg('The host and its history stay; no new values come.'),
        msg('To connect it again, add the host with a new command.'),
      ],
      verb: msg('Revoke'),
      act: () => revokeAgents(host.id),
    };
  }

  async #askRemove(host: Host): Promise<void> {
    await tried(async () => {
      this._ask = await askRemoval([host.id], async () => {
        await call('DELETE /api/v1/hosts/:hostId', { params: { hostId: host.id } });
        toast({ text: msg('{name} was removed', { name: host.name }) });
        router.go('/');
      });
    });
  }
}
customElements.define('reeve-host-settings', ReeveHostSettings);

/** Revokes every agent that may still connect for a host. */
async function revokeAgents(hostId: string): Promise<void> {
  const { items } = await call('GET /api/v1/agents', { query: { limit: 1000 } });
  const own = items.filter((agent) => agent.hostId === hostId && agent.state !== 'revoked');
  await Promise.all(own.map(({ id }) => call('POST /api/v1/agents/:agentId/revoke', { params: { agentId: id } })));
  toast({ text: own.length > 0 ? msg('The agent was revoked') : msg('There was no agent left to revoke') });
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-settings': ReeveHostSettings;
  }
}
