import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/settings-form.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { formatSpan } from '../times.ts';

const INTERVALS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000];

/** The form of what can be changed about a host. */
function hostSchema({ intervalMs }: Host): JsonSchema {
  const offered = [...new Set([...INTERVALS_MS, intervalMs])].sort((a, b) => a - b);
  return {
    required: ['name', 'tags', 'intervalMs'],
    properties: {
      name: { type: 'string', title: msg('Name') },
      tags: { type: 'array', title: msg('Tags'), description: msg('Separated by commas.') },
      intervalMs: {
        type: 'integer',
        title: msg('Interval'),
        description: msg(
          'How often the agent reads and sends. While this page is open it also shows samples of every second.',
        ),
        choices: offered.map((value) => ({ value, title: formatSpan(value) })),
      },
    },
  };
}

/** `<reeve-host-settings .host=${host}>`: name, tags and interval; revoking the agent; removing the host with all its data. */
export class ReeveHostSettings extends LitElement {
  static override properties = {
    host: { attribute: false },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
    _ask: { state: true },
  };
  declare host: Host | undefined;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;
  declare _ask: Confirmation | undefined;
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
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  async #save({ detail }: CustomEvent<{ name: string; tags: string[]; intervalMs: number }>): Promise<void> {
    const host = this.#edited;
    if (!host) return;
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      this.#edited = await call('PATCH /api/v1/hosts/:hostId', {
        params: { hostId: host.id },
        body: { rev: host.rev, ...detail },
      });
      const before = { name: host.name, tags: host.tags, intervalMs: host.intervalMs };
      toast({ text: msg('Saved'), undo: () => void this.#takeBack(before) });
    } catch (error) {
      this._problems = error instanceof ApiProblem ? error.fields : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
      if (error instanceof ApiProblem && error.code === 'conflict' && this._problems.length === 0)
        this.#edited = undefined;
    } finally {
      this._isBusy = false;
    }
  }

  async #takeBack(before: { name: string; tags: string[]; intervalMs: number }): Promise<void> {
    const host = this.#edited;
    if (!host) return;
    try {
      this.#edited = await call('PATCH /api/v1/hosts/:hostId', {
        params: { hostId: host.id },
        body: { rev: host.rev, ...before },
      });
      this.requestUpdate();
    } catch (error) {
      toast({ text: problemText(error) });
    }
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    if (!may('admin')) {
      return html`<reeve-notice kind="no-permission" heading=${msg('Your role does not allow this')}>
        <p>${msg('Only an admin changes hosts.')}</p>
      </reeve-notice>`;
    }
    if (this.#edited?.id !== host.id) this.#edited = host;
    return html`<section>
        <reeve-form
          .schema=${hostSchema(this.#edited)}
          .value=${{ name: this.#edited.name, tags: this.#edited.tags, intervalMs: this.#edited.intervalMs }}
          .problems=${this._problems}
          failure=${this._failure}
          verb=${msg('Save')}
          ?busy=${this._isBusy}
          @send=${this.#save}
        ></reeve-form>
      </section>
      ${this.#ends(host)}
      <reeve-confirm .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-confirm>`;
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
    return html`<section>
      <h2>${msg('Agent')}</h2>
      <p class="quiet">${msg('A revoked agent is refused at once. The host and its history stay.')}</p>
      <button type="button" @click=${() => this.#askRevoke(host)}>${msg('Revoke the agent…')}</button>
    </section>`;
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

  #askRemove(host: Host): void {
    this._ask = {
      heading: msg('Remove {name}?', { name: host.name }),
      consequences: [
        msg('{name} with its name, tags and settings', { name: host.name }),
        msg('All its history, in every resolution'),
        msg('Its agent’s right to connect; the agent itself stays installed on the machine'),
        msg('This cannot be undone.'),
      ],
      verb: msg('Remove'),
      typed: host.name,
      act: async () => {
        await call('DELETE /api/v1/hosts/:hostId', { params: { hostId: host.id } });
        toast({ text: msg('{name} was removed', { name: host.name }) });
        router.go('/');
      },
    };
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
