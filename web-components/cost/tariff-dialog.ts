// Over 250 lines: one form with lists inside lists, which the form of the appliance cannot draw.
import { css, html, LitElement, nothing } from 'lit';
import type { TariffRule, TariffVersion } from '../../protocol/cost.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { dayNames, monthNames } from './tariff-text.ts';

export interface TariffProblems {
  problems: readonly FieldProblem[];
  failure: string;
}

const TIMES = Array.from({ length: 97 }, (_, quarter) => {
  const hour = String(Math.floor(quarter / 4)).padStart(2, '0');
  return `${hour}:${String((quarter % 4) * 15).padStart(2, '0')}`;
});

type Draft = Omit<TariffVersion, 'spot'> & { spot?: { factor: number; add: number } };

/**
 * `<reeve-tariff-dialog .version=${version}>`: one tariff with its rules and steps. Event `send` with the tariff as `detail`, `close`
 * when it was called off; what the appliance answers goes into `problems` and `failure`.
 */
export class ReeveTariffDialog extends LitElement {
  static override properties = {
    version: { attribute: false },
    problems: { attribute: false },
    failure: { type: String },
    busy: { type: Boolean },
    _draft: { state: true },
  };
  declare version: TariffVersion | undefined;
  declare problems: readonly FieldProblem[];
  declare failure: string;
  declare busy: boolean;
  declare _draft: Draft | undefined;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        display: grid;
        gap: 12px;
      }
      .row {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
        gap: 8px;
        align-items: end;
      }
      label {
        display: grid;
        gap: 4px;
        font-size: 13px;
        color: var(--reeve-muted);
      }
      .flag {
        display: flex;
        align-items: center;
        gap: 8px;
        color: var(--reeve-text);
      }
      fieldset {
        display: grid;
        gap: 8px;
        margin: 0;
        padding: 8px 12px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        min-width: 0;
      }
      legend {
        font-size: 13px;
        font-weight: 600;
      }
      .picks {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .picks button {
        min-height: 28px;
        padding: 2px 8px;
        font-size: 12px;
      }
      .failure {
        color: var(--reeve-critical);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.problems = [];
    this.failure = '';
    this.busy = false;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('version')) this._draft = this.version && structuredClone(this.version);
  }

  #change(change: Partial<Draft>): void {
    if (this._draft) this._draft = { ...this._draft, ...change };
  }

  #rule(at: number, change: Partial<TariffRule>): void {
    const rules = this._draft?.rules.map((rule, n) => (n === at ? cleaned({ ...rule, ...change }) : rule));
    if (rules) this.#change({ rules });
  }

  override render() {
    const draft = this._draft;
    if (!draft) return nothing;
    const close = (): void => {
      if (!this.busy) this.dispatchEvent(new CustomEvent('close'));
    };
    return html`<reeve-dialog heading=${msg('Tariff')} open @close=${close}>
      <form novalidate @submit=${this.#send}>
        <div class="row">
          ${this.#text(msg('Name'), draft.title, (title) => this.#change({ title }))}
          <label>${msg('Holds from')}<input type="date" .value=${draft.from} @input=${(event: Event) => this.#change({ from: typed(event) })} /></label>
          ${this.#number(msg('Price per kWh'), draft.price, (price) => this.#change({ price }))}
        </div>
        ${draft.spot ? nothing : this.#rules(draft)} ${this.#tiers(draft)} ${this.#spot(draft)}
        <div class="row">
          ${this.#number(msg('Standing charge a day'), draft.standingPerDay, (standingPerDay) => this.#change({ standingPerDay }))}
          ${this.#number(msg('Standing charge a month'), draft.standingPerMonth, (standingPerMonth) => this.#change({ standingPerMonth }))}
          ${this.#number(msg('Tax, %'), draft.taxPercent, (taxPercent) => this.#change({ taxPercent }))}
          ${this.#number(msg('CO₂, g per kWh'), draft.co2PerKwh, (co2PerKwh) => this.#change({ co2PerKwh }))}
        </div>
        ${this.#failures()}
        <div class="actions">
          <button type="submit" class="primary" ?disabled=${this.busy}>${this.busy ? msg('Working…') : msg('Save')}</button>
          <button type="button" @click=${close}>${msg('Cancel')}</button>
        </div>
      </form>
    </reeve-dialog>`;
  }

  #failures() {
    const texts = [
      this.failure,
      ...this.problems.map(({ path, message }) => `${path.replace(/^body\./, '')}: ${message}`),
    ];
    const all = texts.filter((text) => text !== '');
    return all.length > 0 ? html`<p class="failure" role="alert">${all.join('. ')}</p>` : nothing;
  }

  #text(title: string, value: string, change: (value: string) => void) {
    return html`<label>${title}<input .value=${value} @input=${(event: Event) => change(typed(event))} /></label>`;
  }

  #number(title: string, value: number, change: (value: number) => void) {
    return html`<label>${title}<input type="number" step="any" .value=${String(value)} @input=${(event: Event) => change(Number(typed(event)))} /></label>`;
  }

  #time(title: string, value: string, change: (value: string) => void) {
    return html`<label>${title}<select @change=${(event: Event) => change(typed(event))}>
      ${TIMES.map((time) => html`<option ?selected=${time === value}>${time}</option>`)}
    </select></label>`;
  }

  #rules({ rules }: Draft) {
    const add = (): void =>
      this.#change({ rules: [...rules, { title: msg('Night'), price: 0.2, from: '22:00', to: '06:00' }] });
    return html`${rules.map(
      (rule, at) => html`<fieldset>
        <legend>${msg('At certain times')}</legend>
        <div class="row">
          ${this.#text(msg('Name'), rule.title, (title) => this.#rule(at, { title }))}
          ${this.#number(msg('Price per kWh'), rule.price, (price) => this.#rule(at, { price }))}
          ${this.#time(msg('From'), rule.from ?? '00:00', (from) => this.#rule(at, { from, to: rule.to ?? '24:00' }))}
          ${this.#time(msg('To'), rule.to ?? '24:00', (to) => this.#rule(at, { to, from: rule.from ?? '00:00' }))}
        </div>
        ${this.#picks(msg('Weekdays'), { names: dayNames(), chosen: rule.weekdays }, (weekdays) => this.#rule(at, { weekdays }))}
        ${this.#picks(msg('Months'), { names: monthNames(), chosen: rule.months }, (months) => this.#rule(at, { months }))}
        <div class="actions">
          <button type="button" @click=${() => this.#change({ rules: rules.filter((_, n) => n !== at) })}>${msg('Remove')}</button>
        </div>
      </fieldset>`,
    )}
      <div class="actions"><button type="button" @click=${add}>${msg('Add a price by time')}</button></div>`;
  }

  /** None chosen means all of them, as in the tariff itself. */
  #picks(
    title: string,
    { names, chosen = [] }: { names: readonly string[]; chosen?: number[] | undefined },
    change: (chosen: number[]) => void,
  ) {
    return html`<div class="picks" role="group" aria-label=${title}>
      ${names.map((name, n) => {
        const isChosen = chosen.includes(n + 1);
        const next = isChosen ? chosen.filter((each) => each !== n + 1) : [...chosen, n + 1];
        return html`<button type="button" aria-pressed=${isChosen} @click=${() => change(next.sort((a, b) => a - b))}>${name}</button>`;
      })}
      ${chosen.length === 0 ? html`<span class="quiet">${msg('always')}</span>` : nothing}
    </div>`;
  }

  #tiers({ tiers }: Draft) {
    const put = (at: number, change: Partial<{ aboveKwh: number; add: number }>): void =>
      this.#change({ tiers: tiers.map((tier, n) => (n === at ? { ...tier, ...change } : tier)) });
    return html`${tiers.map(
      (tier, at) => html`<div class="row">
        ${this.#number(msg('Above, kWh a month'), tier.aboveKwh, (aboveKwh) => put(at, { aboveKwh }))}
        ${this.#number(msg('Adds per kWh'), tier.add, (more) => put(at, { add: more }))}
        <button type="button" @click=${() => this.#change({ tiers: tiers.filter((_, n) => n !== at) })}>${msg('Remove')}</button>
      </div>`,
    )}
      <div class="actions">
        <button type="button" @click=${() => this.#change({ tiers: [...tiers, { aboveKwh: 100, add: 0.05 }] })}>${msg('Add a step')}</button>
      </div>`;
  }

  #spot({ spot }: Draft) {
    const turn = (event: Event): void => {
      const { spot: _, ...rest } = this._draft as Draft;
      this._draft = (event.target as HTMLInputElement).checked ? { ...rest, spot: { factor: 1, add: 0 } } : rest;
    };
    return html`<label class="flag"><input type="checkbox" ?checked=${spot !== undefined} @change=${turn} />${msg('Goes by imported spot prices')}</label>
      ${
        spot
          ? html`<div class="row">
              ${this.#number(msg('Times'), spot.factor, (factor) => this.#change({ spot: { ...spot, factor } }))}
              ${this.#number(msg('Plus per kWh'), spot.add, (more) => this.#change({ spot: { ...spot, add: more } }))}
            </div>`
          : nothing
      }`;
  }

  #send(event: Event): void {
    event.preventDefault();
    if (!this.busy) this.dispatchEvent(new CustomEvent('send', { detail: this._draft }));
  }
}
customElements.define('reeve-tariff-dialog', ReeveTariffDialog);

const typed = (event: Event): string => (event.target as HTMLInputElement).value;

/** Lists that are empty are left out: they mean always. */
function cleaned(rule: TariffRule): TariffRule {
  const { weekdays = [], months = [], ...rest } = rule;
  return { ...rest, ...(weekdays.length > 0 && { weekdays }), ...(months.length > 0 && { months }) };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-tariff-dialog': ReeveTariffDialog;
  }
}
