// Over 250 lines: everything that is reckoned with, part below part as on the page.
import { css, html, LitElement, nothing } from 'lit';
import type { Machine, TariffVersion } from '../../protocol/cost.ts';
import type { CostOverview } from '../../protocol/routes/cost.ts';
import type { TariffBook } from '../../protocol/routes/tariffs.ts';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import { dayText } from '../times.ts';
import { type MachineRow, machineForm, machineOf, machineTable } from './machine-table.ts';
import { costStyles } from './styles.ts';
import './tariff-dialog.ts';
import { versionLines } from './tariff-text.ts';
import { dayIn, money } from './words.ts';

const blank = (from: string): TariffVersion => ({
  ...{ from, title: msg('Tariff'), price: 0.24, rules: [], tiers: [] },
  ...{ standingPerDay: 0, standingPerMonth: 0, taxPercent: 0, co2PerKwh: 380 },
});

/** `<reeve-tariffs>`: tariffs in the order they hold, the budget, spot prices, and the table of machines; admins change them. */
export class ReeveTariffs extends LitElement {
  static override properties = { _edited: { state: true } };
  /** The tariff that is open, and which it replaces. */
  declare _edited: { version: TariffVersion; replaces: string | undefined } | undefined;
  readonly #book = new Reading(this, () => call('GET /api/v1/cost/tariffs'));
  readonly #site = new Reading(this, () => call('GET /api/v1/cost'));
  readonly #dialogs = new Dialogs(this);
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    costStyles,
    css`
      .version {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 8px 16px;
      }
      .version ul {
        color: var(--reeve-muted);
      }
      .now {
        color: var(--reeve-ok);
        font-size: 13px;
      }
    `,
  ];

  override render() {
    return html`${this.#book.view(
      { failed: msg('Tariffs could not be read'), loading: msg('Reading tariffs') },
      (book) => this.#page(book, this.#site.value),
    )}
    ${this.#dialogs.render()}
    ${
      this._edited
        ? html`<reeve-tariff-dialog
          .version=${this._edited.version}
          .problems=${this.#sending.problems}
          failure=${this.#sending.failure}
          ?busy=${this.#sending.isBusy}
          @send=${({ detail }: CustomEvent<TariffVersion>) => void this.#saveVersion(detail)}
          @close=${() => this.#open(undefined)}
        ></reeve-tariff-dialog>`
        : nothing
    }`;
  }

  #open(edited: { version: TariffVersion; replaces: string | undefined } | undefined): void {
    this.#sending.clear();
    this._edited = edited;
  }

  #page(book: TariffBook, site: CostOverview | undefined) {
    const currency = site?.currency ?? 'EUR';
    const today = dayIn(site?.timeZone ?? 'UTC', site?.at ?? Date.now());
    return html`<section>
        <header>
          <h2>${msg('Tariffs')}</h2>
          ${may('admin') ? html`<button type="button" class="primary" @click=${() => this.#open({ version: this.#next(book, today), replaces: undefined })}>${msg('Add a tariff')}</button>` : nothing}
        </header>
        <p class="quiet lead">${msg('Each holds from midnight of its day until the next begins. Correct a past one, and the past is reckoned anew.')}</p>
        ${this.#versions(book, { currency, today })}
      </section>
      ${this.#budget(book, currency)} ${this.#spot(book)} ${this.#machines(book)}`;
  }

  #next({ versions }: TariffBook, today: string): TariffVersion {
    const last = versions.at(-1);
    return last ? { ...structuredClone(last), from: today } : blank(`${today.slice(0, 4)}-01-01`);
  }

  #versions({ versions }: TariffBook, { currency, today }: { currency: string; today: string }) {
    if (versions.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('The price of the general settings holds')}>
        <p>${msg('Add a tariff for prices by time of day, a standing charge, tax, spot prices, or a price that changed.')}</p>
        <a href="/settings">${msg('Go to the general settings')}</a>
      </reeve-notice>`;
    const held = versions.findLast(({ from }) => from <= today) ?? versions[0];
    return versions.toReversed().map(
      (version) => html`<article class="panel version">
        <div>
          <h3>${version.title} <span class="quiet">${msg('from {day}', { day: version.from })}</span> ${version === held ? html`<span class="now">${msg('holds now')}</span>` : nothing}</h3>
          <ul>
            ${versionLines(version, currency).map((line) => html`<li>${line}</li>`)}
          </ul>
        </div>
        ${
          may('admin')
            ? html`<reeve-menu
              label=${msg('Actions for {name}', { name: version.title })}
              .items=${[{ id: 'edit', title: msg('Change…') }, { id: 'remove', title: msg('Remove…'), isDanger: true }]}
              @choose=${({ detail }: CustomEvent<{ id: string }>) => this.#choose(version, detail.id)}
            ></reeve-menu>`
            : nothing
        }
      </article>`,
    );
  }

  #choose(version: TariffVersion, action: string): void {
    if (action === 'edit') this.#open({ version, replaces: version.from });
    else this.#askRemove(version);
  }

  #askRemove(version: TariffVersion): void {
    this.#dialogs.confirm({
      heading: msg('Remove {name}?', { name: version.title }),
      consequences: [msg('Its days are reckoned with the tariff before it, the past too.')],
      verb: msg('Remove the tariff'),
      act: async () => {
        const versions = this.#current.versions.filter(({ from }) => from !== version.from);
        await this.#save({ versions });
      },
    });
  }

  get #current(): TariffBook {
    const { value } = this.#book;
    if (!value) throw new Error(msg('Tariffs could not be read'));
    return value;
  }

  async #saveVersion(version: TariffVersion): Promise<void> {
    const others = this.#current.versions.filter(({ from }) => from !== this._edited?.replaces);
    const versions = [...others, version].sort((a, b) => (a.from < b.from ? -1 : 1));
    if (await this.#sending.run(() => this.#save({ versions }))) this.#open(undefined);
  }

  async #save(change: {
    versions?: TariffVersion[];
    budget?: number | undefined;
    machines?: Machine[];
  }): Promise<void> {
    const { rev, versions, budget } = this.#current;
    const next = 'budget' in change ? change.budget : budget;
    const body = {
      ...{ rev, versions: change.versions ?? versions, machines: change.machines ?? this.#own() },
      ...(next !== undefined && { budget: next }),
    };
    this.#book.set(await call('PUT /api/v1/cost/tariffs', { body }));
    toast({ text: msg('Saved') });
    void this.#site.load();
  }

  #budget({ budget }: TariffBook, currency: string) {
    const change = (): void =>
      this.#dialogs.fill({
        heading: msg('Budget of a month'),
        lead: msg('When the month is foreseen to cost more, there is an alert. Leave it empty for none.'),
        form: {
          type: 'object',
          properties: { budget: { type: 'number', title: msg('Amount, {currency}', { currency }), minimum: 0 } },
        },
        value: budget === undefined ? {} : { budget },
        verb: msg('Save'),
        send: ({ budget: amount }) => this.#save({ budget: typeof amount === 'number' ? amount : undefined }),
      });
    return html`<section>
      <header>
        <h2>${msg('Budget')}</h2>
        ${may('admin') ? html`<button type="button" @click=${change}>${budget === undefined ? msg('Set a budget') : msg('Change…')}</button>` : nothing}
      </header>
      <p>${budget === undefined ? html`<span class="quiet">${msg('None: no alert tells when energy becomes dear.')}</span>` : msg('{amount} a month, standing charge included.', { amount: money(budget, currency) })}</p>
    </section>`;
  }

  #spot({ spot }: TariffBook) {
    const open = (): void =>
      this.#dialogs.fill({
        heading: msg('Import spot prices'),
        lead: msg(
          'A moment with its zone and a price on each line, such as 2026-05-03T13:00+02:00;0.21. Prices of the same moments are replaced.',
        ),
        form: {
          type: 'object',
          properties: {
            csv: { type: 'string', title: 'CSV', widget: 'lines' },
            per: { type: 'string', title: msg('Prices are per'), enum: ['kWh', 'MWh'], default: 'kWh' },
          },
          required: ['csv'],
        },
        verb: msg('Import'),
        send: async ({ csv, per }) => {
          const body = {
            csv: Array.isArray(csv) ? csv.join('\n') : String(csv ?? ''),
            per: per === 'MWh' ? ('MWh' as const) : ('kWh' as const),
          };
          const { imported } = await call('POST /api/v1/cost/spot-prices', { body });
          toast({ text: msg('{count} prices are imported', { count: imported }) });
          await this.#book.load();
        },
      });
    const span =
      spot.from === undefined || spot.to === undefined
        ? msg('None are imported.')
        : msg('{count} prices, from {from} to {to}.', {
            count: spot.count,
            from: dayText(spot.from),
            to: dayText(spot.to),
          });
    return html`<section>
      <header>
        <h2>${msg('Spot prices')}</h2>
        ${may('admin') ? html`<button type="button" @click=${open}>${msg('Import CSV…')}</button>` : nothing}
      </header>
      <p class="quiet">${span}</p>
    </section>`;
  }

  #machines({ machines }: TariffBook) {
    const isAdmin = may('admin');
    const edit = (row?: MachineRow): void => this.#editMachine(row);
    const drop = (row: MachineRow): void => void this.#dropMachine(row);
    return html`<section>
      <header>
        <h2>${msg('Typical machines')}</h2>
        ${isAdmin ? html`<button type="button" @click=${() => edit()}>${msg('Add a machine')}</button>` : nothing}
      </header>
      <p class="quiet lead">${msg('What models are made of, at the wall. Correct what you know better.')}</p>
      ${machineTable(machines, isAdmin ? { edit, drop } : undefined)}
    </section>`;
  }

  #own(): Machine[] {
    return this.#current.machines.filter(({ isOwn }) => isOwn).map(({ isOwn: _, ...machine }) => machine);
  }

  async #dropMachine(row: MachineRow): Promise<void> {
    const machines = this.#own().filter(({ id }) => id !== row.id);
    if (!(await tried(() => this.#save({ machines })))) await this.#book.load();
  }

  #editMachine(row: MachineRow | undefined): void {
    this.#dialogs.fill({
      heading: row ? row.title : msg('Add a machine'),
      form: machineForm(),
      value: row ? { ...row } : {},
      verb: msg('Save'),
      send: (given) => {
        const machine = machineOf(given, row?.id);
        return this.#save({ machines: [...this.#own().filter(({ id }) => id !== machine.id), machine] });
      },
    });
  }
}
customElements.define('reeve-tariffs', ReeveTariffs);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-tariffs': ReeveTariffs;
  }
}
