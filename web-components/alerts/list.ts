import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { AlertHead } from '../../protocol/live.ts';
import { msg, plural } from '../msg.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { preferences } from '../preferences.ts';
import './act-dialog.ts';
import type { ActAsk } from './act-dialog.ts';
import { type ActKind, acknowledgeNow } from './acts.ts';
import { stillThere, toggled, toggledAll } from './chosen.ts';
import { type Command, commandOf, isTyping } from './keys.ts';
import './keys-dialog.ts';
import { listStyles } from './list-styles.ts';
import './row.ts';

/** Alerts under a heading; without one they simply follow. */
export interface AlertGroup {
  id: string;
  title: string;
  alerts: readonly AlertHead[];
}

/** More rows at once than anybody reads. */
const STEP = 100;

/**
 * `<reeve-alert-list .groups=${groups} ?acts=${true}>`: alerts one below the other. j and k go from row to row, Enter opens, a, s and c act
 * on the row that has the focus, or on all that are chosen; ? says so. The same is in the menu of each row.
 */
export class ReeveAlertList extends LitElement {
  static override properties = {
    groups: { attribute: false },
    acts: { type: Boolean, reflect: true },
    now: { type: Number },
    ruleTitle: { attribute: false },
    _chosen: { state: true },
    _ask: { state: true },
    _helps: { state: true },
    _most: { state: true },
  };
  declare groups: readonly AlertGroup[];
  declare acts: boolean;
  declare now: number;
  declare ruleTitle: (ruleId: string) => string;
  declare _chosen: ReadonlySet<string>;
  declare _ask: ActAsk | undefined;
  declare _helps: boolean;
  declare _most: number;
  /** Row that had the focus before a drawing: it keeps it when it moves to another group. */
  #had: string | undefined;
  readonly #onKey = (event: KeyboardEvent): void => this.#pressed(event);

  static override styles = [base, buttons, fields, listStyles];

  constructor() {
    super();
    this.groups = [];
    this.acts = false;
    this.now = Date.now();
    this.ruleTitle = (ruleId) => ruleId;
    this._chosen = new Set();
    this._helps = false;
    this._most = STEP;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#onKey);
  }

  /** Opens the list of keys. */
  showKeys(): void {
    this._helps = true;
  }

  get #all(): readonly AlertHead[] {
    return this.groups.flatMap(({ alerts }) => alerts);
  }

  get #rows() {
    return [...this.renderRoot.querySelectorAll('reeve-alert-row')];
  }

  get #focused(): AlertHead | undefined {
    return this.#rows.find((row) => row.matches(':focus-within'))?.alert;
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#had = this.#focused?.id;
    if (changed.has('groups')) this._chosen = stillThere(this._chosen, this.#all);
  }

  protected override updated(): void {
    if (this.#had === undefined || document.activeElement !== document.body) return;
    const row = this.#rows.find(({ alert }) => alert?.id === this.#had);
    void row?.updateComplete.then(() => row.focus());
  }

  #pressed(event: KeyboardEvent): void {
    const command = commandOf(event);
    if (!command || preferences().alertKeys === 'off' || isTyping(event.composedPath())) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command: Command): void {
    if (command === 'help') this._helps = true;
    else if (command === 'next') this.#step(1);
    else if (command === 'previous') this.#step(-1);
    else if (this.acts) this.#actOn(command);
  }

  #step(by: number): void {
    const rows = this.#rows;
    const at = rows.findIndex((row) => row.matches(':focus-within'));
    const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    row?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  }

  #actOn(command: 'acknowledge' | 'snooze' | 'comment' | 'choose'): void {
    const focused = this.#focused;
    if (command === 'choose') {
      if (focused) this.#choose(focused.id);
      return;
    }
    const targets = this._chosen.size > 0 ? this.#chosen : focused ? [focused] : [];
    if (targets.length === 0) toast({ text: msg('Go to an alert first, with j and k.') });
    else if (command === 'acknowledge') void this.#acknowledge(targets);
    else this.#begin(command, targets);
  }

  get #chosen(): readonly AlertHead[] {
    return this.#all.filter(({ id }) => this._chosen.has(id));
  }

  async #acknowledge(alerts: readonly AlertHead[]): Promise<void> {
    const open = alerts.filter(({ status }) => status === 'open').map(({ id }) => id);
    if (open.length === 0) {
      toast({ text: msg('Somebody looks after it already, or it is over.') });
      return;
    }
    if (alerts.length === 1) this.#step(1);
    await acknowledgeNow(open);
    this._chosen = new Set();
  }

  #begin(kind: ActKind, alerts: readonly AlertHead[]): void {
    const fitting = kind === 'comment' ? alerts : alerts.filter(({ status }) => status !== 'resolved');
    if (fitting.length > 0) this._ask = { kind, alerts: fitting };
    else toast({ text: msg('It is over already.') });
  }

  #choose(id: string): void {
    this._chosen = toggled(this._chosen, id);
  }

  #ended(isDone: boolean): void {
    this._ask = undefined;
    if (isDone) this._chosen = new Set();
  }

  override render() {
    let left = this._most;
    const hidden = this.#all.length - this._most;
    return html`${this._chosen.size > 0 ? this.#bulk() : nothing}
      ${this.groups.map((group) => {
        const shown = group.alerts.slice(0, Math.max(0, left));
        left -= shown.length;
        return shown.length === 0 ? nothing : this.#group(group, shown);
      })}
      ${
        hidden > 0
          ? html`<button type="button" @click=${this.#more}>${msg('Show {count} more', { count: Math.min(hidden, STEP) })}</button>`
          : nothing
      }
      <reeve-alert-act .ask=${this._ask} @done=${() => this.#ended(true)} @close=${() => this.#ended(false)}></reeve-alert-act>
      <reeve-alert-keys
        ?open=${this._helps}
        @close=${() => {
          this._helps = false;
        }}
      ></reeve-alert-keys>`;
  }

  #more(): void {
    this._most += STEP;
  }

  #bulk() {
    const alerts = this.#chosen;
    const button = (title: string, act: () => void) => html`<button type="button" @click=${act}>${title}</button>`;
    return html`<div class="bulk" role="group" aria-label=${msg('Chosen alerts')}>
      <b>${plural(alerts.length, { one: '{count} chosen', other: '{count} chosen' })}</b>
      ${button(msg('Acknowledge'), () => void this.#acknowledge(alerts))}
      ${button(msg('Snooze…'), () => this.#begin('snooze', alerts))}
      ${button(msg('Comment…'), () => this.#begin('comment', alerts))}
      ${button(msg('Resolve…'), () => this.#begin('resolve', alerts))}
      ${button(msg('Clear'), () => this.#ended(true))}
    </div>`;
  }

  #group(group: AlertGroup, shown: readonly AlertHead[]) {
    return html`<section aria-label=${group.title}>
      <div class="head">
        ${
          this.acts
            ? html`<input
                type="checkbox"
                aria-label=${msg('Choose all: {group}', { group: group.title })}
                .checked=${group.alerts.every(({ id }) => this._chosen.has(id))}
                @change=${() => {
                  this._chosen = toggledAll(this._chosen, group.alerts);
                }}
              />`
            : nothing
        }
        <h2>${group.title}</h2>
        <span class="value">${group.alerts.length}</span>
      </div>
      ${repeat(
        shown,
        ({ id }) => id,
        (alert) => html`<reeve-alert-row
          .alert=${alert}
          .now=${this.now}
          .ruleTitle=${this.ruleTitle}
          ?acts=${this.acts}
          ?chosen=${this._chosen.has(alert.id)}
          @choose=${() => this.#choose(alert.id)}
          @act=${({ detail }: CustomEvent<{ kind: ActKind }>) => this.#begin(detail.kind, [alert])}
        ></reeve-alert-row>`,
      )}
    </section>`;
  }
}
customElements.define('reeve-alert-list', ReeveAlertList);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-list': ReeveAlertList;
  }
}
