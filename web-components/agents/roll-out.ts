import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import type { Level } from '../parts/levels.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';

type RollOut = ResponseOf<'GET /api/v1/agents/roll-outs/:rollOutId'>;
type Agent = RollOut['agents'][number];

const READ_MS = 3_000;

/** `<reeve-roll-out>`: the last update of agents: its waves, how far each agent is, and why one failed. Nothing where there was none. */
export class ReeveRollOut extends LitElement {
  readonly #last = new Reading(this, () => this.#read(), { everyMs: READ_MS });
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    css`
      section {
        display: grid;
        gap: 8px;
        margin-bottom: 16px;
        padding: 12px 16px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
      }
      ol,
      ul {
        display: grid;
        gap: 4px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      progress {
        width: 160px;
        height: 8px;
        accent-color: var(--reeve-accent);
      }
      .who {
        overflow-wrap: anywhere;
      }
    `,
  ];

  /** Reads it again, because one was just begun. */
  load(): Promise<void> {
    return this.#last.load();
  }

  async #read(): Promise<RollOut | undefined> {
    const { items } = await call('GET /api/v1/agents/roll-outs', { query: { limit: 1 } });
    return items[0];
  }

  override render() {
    const last = this.#last.value;
    if (!last) return nothing;
    const { level, word } = outcome(last);
    const done = last.agents.filter(isOver).length;
    return html`<section aria-label=${msg('Update of agents')}>
      <header>
        <span>
          <reeve-state level=${level} word=${msg('Update to {version}: {state}', { version: last.version, state: word })}></reeve-state>
          <span class="quiet">${last.by}, <reeve-time .at=${last.startedAt}></reeve-time></span>
        </span>
        <span role="status">
          ${last.state === 'running' ? html`<progress aria-label=${msg('Agents that are through')} max=${last.agents.length} value=${done}></progress>` : nothing}
          ${msg('{done} of {count} agents', { done: last.agents.filter(({ state }) => state === 'done').length, count: last.agents.length })}
          ${last.state === 'running' && may('admin') ? html`<button type="button" @click=${() => this.#askStop(last)}>${msg('Stop…')}</button>` : nothing}
        </span>
      </header>
      <ol>${waves(last).map((agents, n) => wave(agents, n + 1))}</ol>
      ${troubles(last)}
      ${this.#dialogs.render()}
    </section>`;
  }

  #askStop({ id, version }: RollOut): void {
    this.#dialogs.confirm({
      heading: msg('Stop the update to {version}?', { version }),
      consequences: [
        msg('Agents that are at it finish; no further one begins.'),
        msg('Those that were updated stay as they are.'),
      ],
      verb: msg('Stop'),
      act: async () => {
        await call('POST /api/v1/agents/roll-outs/:rollOutId/cancel', { params: { rollOutId: id } });
        await this.load();
      },
    });
  }
}
customElements.define('reeve-roll-out', ReeveRollOut);

const isOver = ({ state }: Agent): boolean => state === 'done' || state === 'failed' || state === 'left';

function outcome({ state }: RollOut): { level: Level; word: string } {
  const outcomes: Record<RollOut['state'], { level: Level; word: string }> = {
    running: { level: 'low', word: msg('under way') },
    done: { level: 'ok', word: msg('done') },
    stopped: { level: 'high', word: msg('stopped, because an agent failed') },
    cancelled: { level: 'unknown', word: msg('stopped by a person') },
  };
  return outcomes[state];
}

function waves({ agents }: RollOut): Agent[][] {
  const last = Math.max(0, ...agents.map(({ wave: of }) => of));
  return Array.from({ length: last }, (_, n) => agents.filter(({ wave: of }) => of === n + 1));
}

function wave(agents: readonly Agent[], number: number) {
  const count = (...wanted: Agent['state'][]) => agents.filter(({ state }) => wanted.includes(state)).length;
  const parts = [
    [count('done'), msg('updated')],
    [count('asked', 'downloading'), msg('fetching it')],
    [count('testing'), msg('testing it')],
    [count('trying'), msg('trying it')],
    [count('failed'), msg('failed')],
    [count('left'), msg('left as they are')],
    [count('waiting'), msg('waiting')],
  ] as const;
  const said = parts.flatMap(([n, word]) => (n > 0 ? [`${n} ${word}`] : []));
  return html`<li>${msg('Wave {number}', { number })}: <span class="value">${said.join(', ')}</span></li>`;
}

/** Those that failed, and those that were left for a reason of their own. */
function troubles({ agents }: RollOut) {
  const shown = agents.filter(({ state, reason }) => state === 'failed' || (state === 'left' && reason !== undefined));
  if (shown.length === 0) return nothing;
  return html`<ul>
    ${shown.slice(0, 20).map(
      ({ hostId, hostName, state, reason }) =>
        html`<li class="who">
          <reeve-state level=${state === 'failed' ? 'high' : 'unknown'} word=${state === 'failed' ? msg('failed') : msg('left')}></reeve-state>
          <a href="/hosts/${hostId}">${hostName}</a>: ${reason}
        </li>`,
    )}
    ${shown.length > 20 ? html`<li class="quiet">${msg('and {count} more', { count: shown.length - 20 })}</li>` : nothing}
  </ul>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-roll-out': ReeveRollOut;
  }
}
