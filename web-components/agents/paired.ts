import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { Follow, nextFrame } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Hearing } from '../parts/hearing.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';
import './roll-out.ts';

type Agent = ResponseOf<'GET /api/v1/agents'>['items'][number];

/** `<reeve-paired-agents>`: agents that may connect, and those that no longer may; revoking one, letting a quarantined one in again, updating them. */
export class ReevePairedAgents extends LitElement {
  readonly #agents = new Reading(this, () => this.#read());
  readonly #dialogs = new Dialogs(this);
  /** Tokens that still let others in. */
  #tokens: ReadonlySet<string> = new Set();
  #hostsSeen = '';

  static override styles = [
    base,
    buttons,
    css`
      p {
        margin-bottom: 12px;
      }
    `,
  ];

  constructor() {
    super();
    new Follow(this, () => [live().fleet]);
    // An agent that connects, leaves or is paired changes its host: read the list again then.
    new Hearing(this, () => live().fleet.subscribe(() => nextFrame(this.#look)));
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
    return html`<reeve-roll-out></reeve-roll-out>
      ${this.#agents.view(words, (agents) => html`${this.#offer(agents)}${this.#table(agents)}`)}
      ${may('admin') ? this.#dialogs.render() : nothing}`;
  }

  /** What can be updated from here, and what cannot and why. */
  #offer(agents: readonly Agent[]) {
    if (!may('admin')) return nothing;
    const of = (wanted: Agent['update']) =>
      agents.filter(({ state, update }) => state === 'active' && update === wanted);
    const [ready, barred, old] = [of('ready'), of('not-allowed'), of('too-old')];
    return html`${
      ready.length > 0
        ? html`<p>
            ${ready.length === 1 ? msg('An agent is older than this appliance.') : msg('{count} agents are older than this appliance.', { count: ready.length })}
            <button type="button" class="primary" @click=${() => this.#askUpdate(ready)}>
              ${ready.length === 1 ? msg('Update {name}…', { name: ready[0]?.hostName ?? '' }) : msg('Update {count} agents…', { count: ready.length })}
            </button>
          </p>`
        : nothing
    }
    ${
      barred.length > 0
        ? html`<p class="quiet">
            ${msg('Another version is here, but their own files do not allow them to update themselves: {names}. On the machine: sudo reeve-agent ceiling allow update_agent.', { names: namesOf(barred) })}
          </p>`
        : nothing
    }
    ${old.length > 0 ? html`<p class="quiet">${msg('Too old to update themselves; run the line of "Add host" there: {names}.', { names: namesOf(old) })}</p>` : nothing}`;
  }

  #askUpdate(agents: readonly Agent[], { allowOlder = false } = {}): void {
    const [{ hostName = '' } = {}] = agents;
    this.#dialogs.confirm({
      heading:
        agents.length === 1
          ? msg('Update the agent of {name}?', { name: hostName })
          : msg('Update {count} agents?', { count: agents.length }),
      consequences: [
        msg(
          'Each one fetches this appliance’s version, tests it and tries it; it goes back to its own when the new one does not connect within two minutes.',
        ),
        ...(agents.length > 1
          ? [msg('First one agent, then a tenth, a half, and the rest. When one fails, no further one begins.')]
          : []),
        msg('While it is tried an agent is away for some seconds; what it reads meanwhile may be a gap.'),
        ...(allowOlder ? [msg('It is newer than this appliance’s version: it gets an older one.')] : []),
      ],
      verb: allowOlder ? msg('Install the older version') : msg('Update'),
      act: async () => {
        const body = { agentIds: agents.map(({ id }) => id), allowOlder };
        await call('POST /api/v1/agents/roll-outs', { body });
        await Promise.all([this.renderRoot.querySelector('reeve-roll-out')?.load(), this.#agents.load()]);
      },
    });
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
        cell: ({ pairedAt }) => html`<reeve-time .at=${pairedAt}></reeve-time>`,
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
    const update =
      agent.update === 'ready'
        ? html`<reeve-action @click=${() => this.#askUpdate([agent])}>${msg('Update…')}</reeve-action>`
        : agent.update === 'newer'
          ? html`<reeve-action @click=${() => this.#askUpdate([agent], { allowOlder: true })}>${msg('Install an older version…')}</reeve-action>`
          : nothing;
    return html`${update}
      <reeve-action @click=${() => this.#askRevoke(agent)}>${msg('Revoke…')}</reeve-action>`;
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

const SHOWN = 5;

/** The first hosts by name, and how many there are beside. */
function namesOf(agents: readonly Agent[]): string {
  const names = agents.slice(0, SHOWN).map(({ hostName }) => hostName);
  const rest = agents.length - names.length;
  return [...names, ...(rest > 0 ? [msg('{count} more', { count: rest })] : [])].join(', ');
}

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
