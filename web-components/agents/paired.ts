import { html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { Follow, nextFrame } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';

type Agent = ResponseOf<'GET /api/v1/agents'>['items'][number];

/** `<reeve-paired-agents>`: agents that may connect, and those that no longer may; revoking one, and letting a quarantined one in again. */
export class ReevePairedAgents extends LitElement {
  readonly #agents = new Reading(this, () => this.#read());
  readonly #dialogs = new Dialogs(this);
  /** Tokens that still let others in. */
  #tokens: ReadonlySet<string> = new Set();
  #stop: (() => void) | undefined;
  #hostsSeen = '';

  static override styles = [base, buttons];

  constructor() {
    super();
    new Follow(this, () => [live().fleet]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // An agent that connects, leaves or is paired changes its host: read the list again then.
    this.#stop = live().fleet.subscribe(() => nextFrame(this.#look));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  readonly #look = (): void => {
    const seen = live()
      .fleet.hosts.map(({ id, status }) => id + status)
      .join();
    if (seen === this.#hostsSeen) return;
    this.#hostsSeen = seen;
    void this.#agents.load();
  };

  async #read(): Promise<readonly Agent[]> {
    const agents = (await call('GET /api/v1/agents', { query: { limit: 1000 } })).items;
    if (may('admin')) {
      const { items } = await call('GET /api/v1/agents/tokens', { query: { limit: 1000 } });
      this.#tokens = new Set(items.filter(({ state }) => state === 'open').map(({ tokenId }) => tokenId));
    }
    return agents;
  }

  override render() {
    const words = { failed: msg('The agents could not be read'), loading: msg('Loading the agents') };
    return html`${this.#agents.view(words, (agents) => this.#table(agents))}
      ${may('admin') ? this.#dialogs.render() : nothing}`;
  }

  #table(agents: readonly Agent[]) {
    return html`<reeve-table
      label=${msg('Agents')}
      .columns=${this.#columns()}
      .rows=${agents}
      .keyOf=${({ id }: Agent) => id}
      .words=${({ hostName, version, state }: Agent) => `${hostName} ${version} ${state}`}
    >
      <reeve-notice kind="empty" heading=${msg('No agents yet')}>
        <p>${msg('Add a host: its agent appears here once it is paired.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #columns(): Column<Agent>[] {
    const offsetMs = live().fleet.now() - Date.now();
    return [
      {
        id: 'host',
        title: msg('Host'),
        isHeading: true,
        sortBy: ({ hostName }) => hostName,
        cell: ({ hostId, hostName }) => html`<a href="/hosts/${hostId}">${hostName}</a>`,
      },
      { id: 'state', title: msg('State'), sortBy: stateWord, cell: stateCell },
      { id: 'version', title: msg('Version'), sortBy: ({ version }) => version, cell: ({ version }) => version },
      {
        id: 'paired',
        title: msg('Paired'),
        sortBy: ({ pairedAt }) => pairedAt,
        cell: ({ pairedAt }) => html`<reeve-time .at=${pairedAt} .offsetMs=${offsetMs}></reeve-time>`,
      },
      { id: 'by', title: msg('By'), sortBy: byWord, cell: byWord },
      { id: 'actions', title: msg('Actions'), cell: (agent) => this.#actions(agent) },
    ];
  }

  #actions(agent: Agent) {
    const isOwn = live().fleet.get(agent.hostId)?.isAppliance ?? false;
    if (!may('admin') || agent.state === 'revoked' || isOwn) return '';
    if (agent.state === 'quarantined') {
      return html`<reeve-action @click=${() => this.#askRelease(agent)}>${msg('Let in again…')}</reeve-action>
        <reeve-action @click=${() => this.#askRevoke(agent)}>${msg('Revoke…')}</reeve-action>`;
    }
    return html`<reeve-action @click=${() => this.#askRevoke(agent)}>${msg('Revoke…')}</reeve-action>`;
  }

  #askRevoke(agent: Agent): void {
    this.#dialogs.confirm({
      heading: msg('Revoke the agent of {name}?', { name: agent.hostName }),
      consequences: [
        msg('The agent on {name} is disconnected and refused from now on.', { name: agent.hostName }),
        msg('The host and its history stay; no new values come.'),
        ...(agent.tokenId && this.#tokens.has(agent.tokenId)
          ? [
              msg(
                'The token it came in by still lets others in. If the machine is lost, revoke the token too, under Tokens.',
              ),
            ]
          : []),
      ],
      verb: msg('Revoke'),
      act: () => this.#act(call('POST /api/v1/agents/:agentId/revoke', { params: { agentId: agent.id } })),
    });
  }

  #askRelease(agent: Agent): void {
    this.#dialogs.confirm({
      heading: msg('Let the agent of {name} in again?', { name: agent.hostName }),
      consequences: [
        msg('Its key was used from two places at once: a copy of the machine, or of its files.'),
        msg('Make sure that only one of them still runs an agent, or both are shut out again.'),
      ],
      verb: msg('Let in'),
      act: () => this.#act(call('POST /api/v1/agents/:agentId/release', { params: { agentId: agent.id } })),
    });
  }

  async #act(done: Promise<Agent>): Promise<void> {
    await done;
    await this.#agents.load();
  }
}
customElements.define('reeve-paired-agents', ReevePairedAgents);

const byWord = ({ by }: Agent): string => (by === 'digits' ? msg('six digits') : msg('token'));

function stateWord({ state, connected, leftAt }: Agent): string {
  if (leftAt !== undefined) return msg('unpaired on the host');
  if (state === 'revoked') return msg('revoked');
  if (state === 'quarantined') return msg('quarantined');
  return connected ? msg('connected') : msg('not connected');
}

function stateCell(agent: Agent) {
  const levels = { active: agent.connected ? 'ok' : 'offline', quarantined: 'warning', revoked: 'unknown' } as const;
  return html`<reeve-state level=${levels[agent.state]} word=${stateWord(agent)}></reeve-state>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-paired-agents': ReevePairedAgents;
  }
}
