import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { SEVERITIES, severityLevel, severityWord } from '../severity.ts';
import type { AlertFilter } from './filter.ts';

interface Choice {
  value: string;
  title: string;
}

/**
 * `<reeve-alert-filters .filter=${filter} .counts=${{ critical: 1 }}>`: everything that the list of alerts may be narrowed by, written into the
 * address. Severities carry their counts where they are known.
 */
export class ReeveAlertFilters extends LitElement {
  static override properties = { filter: { attribute: false }, counts: { attribute: false }, _isOpen: { state: true } };
  declare filter: AlertFilter;
  declare counts: Readonly<Record<AlertHead['severity'], number>> | undefined;
  /** On a phone, where they stand behind a button. */
  declare _isOpen: boolean;
  readonly #rules = new Reading(this, () => call('GET /api/v1/alert-rules', { query: { limit: 500 } }));

  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        margin-bottom: 12px;
      }
      .severities {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .severities button {
        padding: 4px 10px;
        font-weight: 400;
      }
      b {
        font: 600 14px var(--reeve-mono);
      }
      input,
      select {
        width: 104px;
        min-height: 32px;
        padding: 4px 10px;
      }
      input[type='search'] {
        flex: 1 1 120px;
        max-width: 360px;
      }
      input[type='date'] {
        width: 150px;
      }
      select {
        padding-inline: 6px;
      }
      .rest {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .toggle {
        display: none;
      }
      @media (max-width: 719px) {
        .severities {
          flex: 1 1 100%;
        }
        .severities button {
          flex: 1 1 auto;
          gap: 4px;
          padding: 4px;
          font-size: 12px;
        }
        .toggle {
          display: inline-flex;
        }
        .rest {
          width: 100%;
        }
        .rest.is-closed {
          display: none;
        }
        input[type='search'],
        .rest > * {
          flex: 1 1 40%;
          min-width: 0;
          max-width: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this._isOpen = false;
    new Follow(this, () => [live().fleet]);
  }

  override render() {
    const { filter } = this;
    return html`<div class="severities" role="group" aria-label=${msg('Severity')}>
        ${SEVERITIES.map((severity) => this.#severity(severity))}
      </div>
      <input
        type="search"
        maxlength="100"
        aria-label=${msg('Search alerts')}
        placeholder=${msg('Search alerts')}
        .value=${filter.text}
        @input=${(event: InputEvent) => router.setQuery({ text: (event.target as HTMLInputElement).value })}
      />
      <button
        type="button"
        class="toggle"
        aria-expanded=${this._isOpen}
        aria-controls="rest"
        @click=${() => {
          this._isOpen = !this._isOpen;
        }}
      >
        ${isNarrowed(filter) ? msg('Filters, on') : msg('Filters')}
      </button>
      <div id="rest" class="rest ${this._isOpen ? '' : 'is-closed'}">${this.#rest(filter)}</div>`;
  }

  #rest(filter: AlertFilter) {
    const states = filter.view === 'history' ? pastStates() : activeStates();
    const hosts = live().fleet.hosts.map(({ id, name }) => ({ value: id, title: name }));
    return html`${this.#select('status', { label: msg('State'), all: msg('Any state'), choices: states })}
      ${this.#select('host', { label: msg('Host'), all: msg('All hosts'), choices: hosts })}
      ${this.#select('rule', { label: msg('Rule'), all: msg('All rules'), choices: this.#ruleChoices() })}
      ${this.#select('time', { label: msg('Time'), all: msg('Any time'), choices: times() })}
      ${filter.time === 'days' ? html`${this.#day('since', msg('From day'))}${this.#day('until', msg('To day'))}` : nothing}
      ${
        filter.incidentId === ''
          ? nothing
          : html`<button type="button" aria-pressed="true" @click=${() => router.setQuery({ incidentId: '', view: 'history' })}>
              ${msg('Told together only')}
            </button>`
      }`;
  }

  #ruleChoices(): Choice[] {
    const rules = this.#rules.value?.items ?? [];
    return rules.map(({ id, title }) => ({ value: id, title })).sort((a, b) => a.title.localeCompare(b.title));
  }

  #severity(severity: AlertHead['severity']) {
    const isChosen = this.filter.severity === severity;
    const count = this.counts?.[severity];
    return html`<button
      type="button"
      aria-pressed=${isChosen}
      @click=${() => router.setQuery({ severity: isChosen ? '' : severity })}
    >
      <reeve-state level=${count === 0 ? 'unknown' : severityLevel(severity)} quiet word=" "></reeve-state>
      ${count === undefined ? nothing : html`<b>${count}</b>`} ${severityWord(severity)}
    </button>`;
  }

  /** A choice that the address names and nobody knows stays to be seen, so that it can be taken away. */
  #select(
    name: 'status' | 'host' | 'rule' | 'time',
    { label, all, choices }: { label: string; all: string; choices: readonly Choice[] },
  ) {
    const chosen = this.filter[name];
    const isKnown = chosen === '' || choices.some(({ value }) => value === chosen);
    return html`<select
      aria-label=${label}
      @change=${(event: Event) => router.setQuery({ [name]: (event.target as HTMLSelectElement).value })}
    >
      <option value="" ?selected=${chosen === ''}>${all}</option>
      ${isKnown ? nothing : html`<option value=${chosen} selected>${chosen}</option>`}
      ${choices.map(({ value, title }) => html`<option value=${value} ?selected=${value === chosen}>${title}</option>`)}
    </select>`;
  }

  #day(name: 'since' | 'until', title: string) {
    return html`<input
      type="date"
      aria-label=${title}
      .value=${this.filter[name]}
      @change=${(event: Event) => router.setQuery({ [name]: (event.target as HTMLInputElement).value })}
    />`;
  }
}
customElements.define('reeve-alert-filters', ReeveAlertFilters);

/** Whether something is chosen that a phone does not show at once. */
const isNarrowed = ({ status, host, rule, time, incidentId }: AlertFilter): boolean =>
  `${status}${host}${rule}${time}${incidentId}` !== '';

const activeStates = (): Choice[] => [
  { value: 'waiting', title: msg('Open') },
  { value: 'acknowledged', title: msg('Acknowledged') },
  { value: 'snoozed', title: msg('Snoozed') },
];

const pastStates = (): Choice[] => [
  { value: 'active', title: msg('Active') },
  { value: 'resolved', title: msg('Over') },
];

const times = (): Choice[] => [
  { value: '1h', title: msg('Last hour') },
  { value: '24h', title: msg('Last 24 h') },
  { value: '7d', title: msg('Last 7 d') },
  { value: '30d', title: msg('Last 30 d') },
  { value: 'days', title: msg('Days…') },
];

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-filters': ReeveAlertFilters;
  }
}
