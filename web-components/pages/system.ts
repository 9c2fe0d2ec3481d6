import { css, html, LitElement, nothing } from 'lit';
import { formatOf, formatValue } from '../format.ts';
import { msg, plural } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import type { Level } from '../parts/levels.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { term, termStyles } from '../parts/terms.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import '../system/log-view.ts';
import '../system/machine.ts';

type System = ResponseOf<'GET /api/v1/system'>;
type Clock = ResponseOf<'GET /api/v1/system/clock'>;

const REFRESH_MS = 10_000;
const LEVEL: Record<System['parts'][number]['status'], Level> = { ok: 'ok', degraded: 'warning', failed: 'critical' };
/** From here on the event loop keeps people waiting. */
const SLOW_MS = 50;

/** How the appliance itself fares, and its log. */
export class ReeveSystemPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #state = new Reading<{ system: System; clock: Clock }>(this, readState, { everyMs: REFRESH_MS });
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    termStyles,
    css`
      :host {
        display: grid;
        gap: 24px;
        min-width: 0;
      }
      section {
        display: grid;
        gap: 12px;
        min-width: 0;
      }
      ul {
        display: grid;
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: 112px 96px 1fr;
        gap: 4px 12px;
        align-items: baseline;
        overflow-wrap: anywhere;
      }
      @media (max-width: 720px) {
        li {
          grid-template-columns: 1fr auto;
        }
        li > :last-child {
          grid-column: 1 / -1;
        }
      }
      .slow {
        color: var(--reeve-warning);
      }
    `,
  ];

  #askConfirm(clock: Clock): void {
    this.#dialogs.confirm({
      heading: msg('Is the clock of the appliance’s machine right?'),
      consequences: [
        clock.reason,
        msg(
          'Its time is believed from then on, also where that goes back in time; times of agents are corrected by it.',
        ),
      ],
      verb: msg('It is right'),
      act: async () => {
        await call('POST /api/v1/system/clock/confirm');
        await this.#state.load();
      },
    });
  }

  override render() {
    const words = {
      failed: msg('The state of the appliance could not be read'),
      loading: msg('Loading the state of the appliance'),
      isPage: true,
    };
    return html`${this.#state.view(
      words,
      ({ system, clock }) => html`<section>
        <h1>${msg('System')}</h1>
        ${storeNotice(system)} ${this.#clockNotice(clock)} ${this.#figures(system)}
      </section>
      <reeve-machine></reeve-machine>
      ${this.#targets(system)} ${this.#parts(system)}
      <section><h2>${msg('Log')}</h2><reeve-log-view></reeve-log-view></section>`,
    )}
    ${this.#dialogs.render()}`;
  }

  #clockNotice(clock: Clock) {
    if (clock.trust === 'trusted') return nothing;
    return html`<reeve-notice kind="warning" heading=${msg('The clock is not to be believed')}>
      <p>${clock.reason}</p>
      <reeve-action @click=${() => this.#askConfirm(clock)}>${msg('Confirm the clock…')}</reeve-action>
    </reeve-notice>`;
  }

  #figures(system: System) {
    const { eventLoop, ingest, history, disk, backup } = system;
    const ms = (value: number): string => formatValue(value, 'ms');
    return html`<dl>
      ${term(msg('Version'), html`${system.version} <span class="quiet">${msg('Node {version}, {machine}', { version: system.node.replace('v', ''), machine: system.machine })}</span>`)}
      ${term(msg('Running since'), html`<reeve-time .at=${system.startedAt}></reeve-time>`)}
      ${term(msg('Memory'), formatValue(system.memoryBytes, 'By', { binary: true }))}
      ${term(msg('Documents and history'), system.store.place)}
      ${term(msg('Free disk'), formatValue(disk.freeBytes, 'By'))}
      ${term(msg('History'), html`${formatOf(history.bytes, history.budgetBytes)}, ${msg('{count} partitions', { count: history.partitions })}`)}
      ${term(msg('Event loop delay'), html`<span class=${eventLoop.p99Ms > SLOW_MS ? 'slow' : ''}>${msg('99 % under {p99}, most {most}', { p99: ms(eventLoop.p99Ms), most: ms(eventLoop.mostMs) })}</span>`)}
      ${term(msg('Ingest'), msg('{frames} frames and {values} values a second', { frames: ingest.framesPerSecond, values: ingest.valuesPerSecond }))}
      ${term(msg('Late and lost frames'), msg('{late} late, {lost} lost since the start', { late: ingest.lateFrames, lost: ingest.lostFrames }))}
      ${term(msg('Connected'), connectedText(ingest))}
      ${system.queues.map(({ title, length }) => term(title, String(length)))}
      ${term(
        msg('Last backup'),
        backup
          ? html`<reeve-time .at=${backup.at}></reeve-time> ${backup.state} <a href="/settings/backup">${msg('Backup')}</a>`
          : html`${msg('none yet')} <a href="/settings/backup">${msg('Make one')}</a>`,
      )}
    </dl>`;
  }

  #targets({ targets }: System) {
    if (targets.length === 0) return nothing;
    return html`<section>
      <h2>${msg('Against targets')}</h2>
      <ul>
        ${targets.map(({ title, about, value, target }) => {
          const level = target === undefined ? 'ok' : value > target ? 'ok' : 'warning';
          const goal = target === undefined ? '' : msg('target over {target}', { target: shareText(target) });
          return html`<li>
            <span>${title}</span>
            <reeve-state level=${level} word=${shareText(value)}></reeve-state>
            <span class="quiet">${[goal, about].filter(Boolean).join(' · ')}</span>
          </li>`;
        })}
      </ul>
    </section>`;
  }

  #parts({ parts }: System) {
    return html`<section>
      <h2>${msg('Parts')}</h2>
      <ul>
        ${parts.map(({ name, status, detail }) => html`<li><span>${name}</span><reeve-state level=${LEVEL[status]} word=${status}></reeve-state><span class="quiet">${detail}</span></li>`)}
      </ul>
    </section>`;
  }
}
customElements.define('reeve-system-page', ReeveSystemPage);

/** Without its store the appliance only looks as if it worked. */
function storeNotice({ parts }: System) {
  const store = parts.find(({ name }) => name === 'store');
  if (store?.status !== 'failed') return nothing;
  return html`<reeve-notice kind="error" heading=${msg('Nothing can be stored')}><p>${store.detail}</p></reeve-notice>`;
}

async function readState(): Promise<{ system: System; clock: Clock }> {
  const [system, clock] = await Promise.all([call('GET /api/v1/system'), call('GET /api/v1/system/clock')]);
  return { system, clock };
}

const connectedText = ({ agents, dashboards }: System['ingest']): string =>
  [
    plural(agents, { one: '{count} agent', other: '{count} agents' }),
    plural(dashboards, { one: '{count} dashboard', other: '{count} dashboards' }),
  ].join(', ');

/** Two decimals: between 99.5 and 100 % they are what matters. */
const shareText = (value: number): string => `${(Math.floor(value * 10_000) / 100).toFixed(2)} %`;

declare global {
  interface HTMLElementTagNameMap {
    'reeve-system-page': ReeveSystemPage;
  }
}
