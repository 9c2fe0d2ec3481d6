import { css, html, LitElement, nothing } from 'lit';
import type { TariffVersion } from '../../protocol/cost.ts';
import type { WhatIf, Wish } from '../../protocol/routes/cost.ts';
import type { TariffBook } from '../../protocol/routes/tariffs.ts';
import { formatValue } from '../format.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { costStyles } from './styles.ts';
import { energy, money, plusMinus } from './words.ts';

type Kind = Wish['kind'];

/** Quarters would be a list of 96: hours are enough to sleep by. */
const HOURS = Array.from({ length: 25 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

/** `<reeve-what-if>`: what a change would save, with the numbers behind it: a host asleep at night, another machine, another tariff. */
export class ReeveWhatIf extends LitElement {
  static override properties = { _kind: { state: true }, _answer: { state: true } };
  declare _kind: Kind;
  declare _answer: WhatIf | undefined;
  readonly #book = new Reading(this, () => call('GET /api/v1/cost/tariffs'));
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    costStyles,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 12px;
      }
      label {
        display: grid;
        gap: 4px;
        min-width: 120px;
        color: var(--reeve-muted);
        font-size: 13px;
      }
      .failure {
        color: var(--reeve-critical);
      }
      table {
        border-collapse: collapse;
      }
      th,
      td {
        padding: 4px 16px 4px 0;
        border-bottom: 1px solid var(--reeve-line);
        text-align: start;
        font-weight: 400;
      }
      td {
        text-align: end;
      }
      .big {
        font: 600 22px/30px var(--reeve-mono);
      }
    `,
  ];

  constructor() {
    super();
    this._kind = 'sleep';
    new Follow(this, () => [live().fleet]);
  }

  override render() {
    const kinds: readonly (readonly [Kind, string])[] = [
      ['sleep', msg('A host sleeps')],
      ['replace', msg('Another machine')],
      ['tariff', msg('Another tariff')],
    ];
    return html`<p class="quiet lead">${msg('Reckoned of what the last 30 days were like, at the prices of their hours, and laid out to a year.')}</p>
      <div class="choose" role="group" aria-label=${msg('What would change')}>
        ${kinds.map(
          ([kind, title]) =>
            html`<button type="button" aria-pressed=${this._kind === kind} @click=${() => this.#turn(kind)}>${title}</button>`,
        )}
      </div>
      ${this.#book.view({ failed: msg('Tariffs could not be read'), loading: msg('Reading tariffs') }, (book) => this.#form(book))}
      ${this.#sending.text ? html`<p class="failure" role="alert">${this.#sending.text}</p>` : nothing}
      ${this._answer ? this.#result(this._answer) : nothing}`;
  }

  #turn(kind: Kind): void {
    this._kind = kind;
    this._answer = undefined;
    this.#sending.clear();
  }

  #form(book: TariffBook) {
    return html`<form class="panel" @submit=${(event: Event) => void this.#ask(event, book)}>
      ${this._kind === 'tariff' ? this.#tariffFields(book) : this.#hostField()}
      ${this._kind === 'sleep' ? this.#sleepFields() : nothing} ${this._kind === 'replace' ? this.#machineFields(book) : nothing}
      <button type="submit" class="primary" ?disabled=${this.#sending.isBusy}>${this.#sending.isBusy ? msg('Working…') : msg('Reckon')}</button>
    </form>`;
  }

  #hostField() {
    const chosen = router.query.get('host');
    return html`<label>${msg('Host')}
      <select name="host">
        ${live().fleet.hosts.map(({ id, name }) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
      </select></label>`;
  }

  #sleepFields() {
    const select = (name: string, title: string, initial: string) => html`<label>${title}
      <select name=${name}>${HOURS.map((hour) => html`<option ?selected=${hour === initial}>${hour}</option>`)}</select></label>`;
    return html`${select('from', msg('From'), '01:00')} ${select('to', msg('To'), '07:00')}
      <label>${msg('Asleep it takes, W')}<input name="standby" type="number" min="0" max="1000" step="any" placeholder="2" /></label>`;
  }

  #machineFields({ machines }: TariffBook) {
    return html`<label>${msg('Machine')}
        <select name="machine">
          ${machines.map(
            ({ id, title, idleWatts, fullWatts }) =>
              html`<option value=${id} ?selected=${id === 'n100'}>${title} (${idleWatts}–${fullWatts} W)</option>`,
          )}
        </select></label>
      <label>${msg('Its price')}<input name="price" type="number" min="0" step="any" /></label>`;
  }

  #tariffFields({ versions }: TariffBook) {
    return html`${
      versions.length > 0
        ? html`<label>${msg('Begin with')}
            <select name="base">
              <option value="">${msg('a flat price')}</option>
              ${versions.map(({ from, title }) => html`<option value=${from}>${title} (${from})</option>`)}
            </select></label>`
        : nothing
    }
      <label>${msg('Price per kWh')}<input name="price" type="number" step="any" required value="0.30" /></label>
      <label>${msg('Night price, 22–06')}<input name="night" type="number" step="any" /></label>
      <label>${msg('Standing charge a day')}<input name="standing" type="number" min="0" step="any" /></label>`;
  }

  async #ask(event: Event, book: TariffBook): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const wish = this._kind === 'tariff' ? tariffWish(form, book) : hostWish(this._kind, form);
    this._answer = undefined;
    await this.#sending.run(async () => {
      this._answer = await call('POST /api/v1/cost/what-if', { body: { wish } });
    });
  }

  #result(answer: WhatIf) {
    const { currency, before, after, savedPerMonth, savedPerYear, uncertainty, days, paybackMonths, numbers, caveat } =
      answer;
    const whole = ({ cost, standing }: { cost: number; standing: number }): string => money(cost + standing, currency);
    const saves = savedPerYear >= 0;
    return html`<section class="panel" aria-live="polite">
      <p class="big">
        ${
          saves
            ? msg('Saves {amount} a year', { amount: money(savedPerYear, currency) })
            : msg('Costs {amount} a year more', { amount: money(-savedPerYear, currency) })
        }
      </p>
      <p class="quiet">
        ${msg('{amount} a month, {off}; looked at {days} days.', { amount: money(Math.abs(savedPerMonth), currency), off: plusMinus(uncertainty), days: formatValue(days, '') })}
        ${paybackMonths === undefined ? nothing : msg('It has paid for itself after {months} months.', { months: formatValue(Math.ceil(paybackMonths), '') })}
      </p>
      <table>
        <tr><th scope="row">${msg('A year as it is')}</th><td class="value">${energy(before.kwh)}</td><td class="value">${whole(before)}</td></tr>
        <tr><th scope="row">${msg('A year with the change')}</th><td class="value">${energy(after.kwh)}</td><td class="value">${whole(after)}</td></tr>
      </table>
      <h2>${msg('Reckoned of')}</h2>
      <table>
        ${numbers.map(
          ({ title, value, unit }) =>
            html`<tr><th scope="row">${title}</th><td class="value">${unit === 'per kWh' ? money(value, currency, 2) : unit === currency ? money(value, currency) : formatValue(value, unit)}</td></tr>`,
        )}
      </table>
      <p class="quiet lead">${caveat}</p>
    </section>`;
  }
}
customElements.define('reeve-what-if', ReeveWhatIf);

const numberOf = (form: FormData, name: string): number | undefined => {
  const text = String(form.get(name) ?? '').trim();
  return text === '' ? undefined : Number(text);
};

function hostWish(kind: 'sleep' | 'replace', form: FormData): Wish {
  const hostId = String(form.get('host') ?? '');
  if (kind === 'sleep') {
    const standbyWatts = numberOf(form, 'standby');
    const window = { from: String(form.get('from')), to: String(form.get('to')) };
    return { kind, hostId, ...window, ...(standbyWatts !== undefined && { standbyWatts }) };
  }
  const price = numberOf(form, 'price');
  return { kind, hostId, machine: String(form.get('machine')), ...(price !== undefined && { price }) };
}

function tariffWish(form: FormData, { versions }: TariffBook): Wish {
  const found = versions.find(({ from }) => from === form.get('base'));
  const plain: Omit<TariffVersion, 'from'> = {
    ...{
      title: 'Tariff',
      price: 0,
      rules: [],
      tiers: [],
      standingPerDay: 0,
      standingPerMonth: 0,
      taxPercent: 0,
      co2PerKwh: 380,
    },
  };
  const { from: _, ...begun } = found ?? { ...plain, from: '' };
  const night = numberOf(form, 'night');
  const standing = numberOf(form, 'standing');
  const tariff = {
    ...begun,
    price: numberOf(form, 'price') ?? begun.price,
    ...(night !== undefined && { rules: [{ title: msg('Night'), price: night, from: '22:00', to: '06:00' }] }),
    ...(standing !== undefined && { standingPerDay: standing }),
  };
  return { kind: 'tariff', tariff };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-what-if': ReeveWhatIf;
  }
}
