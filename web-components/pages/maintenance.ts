import { html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { planColumns, type Silence, silenceColumns } from '../maintenance/columns.ts';
import '../maintenance/plan-dialog.ts';
import type { Plan } from '../maintenance/plan-dialog.ts';
import { type Known, newSilence, sentSilence, silenceSchema } from '../maintenance/plan-form.ts';
import '../maintenance/quiet-now.ts';
import { maintenanceStyles } from '../maintenance/page-styles.ts';
import type { Quieted } from '../maintenance/quiet-now.ts';
import { atFields, type Read, readMaintenance } from '../maintenance/reading.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/notice.ts';
import '../parts/picks.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';

const EVERY_MS = 15_000;

/** When nobody is to be told: what is quiet now, planned maintenance, silences. `?silence=HOST` begins one for a host. */
export class ReeveMaintenancePage extends LitElement {
  static override properties = { params: { attribute: false }, _plan: { state: true } };
  declare params: Record<string, string>;
  /** The dialog of a plan is open, for this one or for a new one. */
  declare _plan: Plan | 'new' | undefined;
  readonly #read = new Reading<Read>(this, readMaintenance, { everyMs: EVERY_MS });
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, maintenanceStyles];

  constructor() {
    super();
    this.params = {};
    new Follow(this, () => [live().fleet]);
  }

  override firstUpdated(): void {
    const hostId = router.query.get('silence');
    if (hostId === null || !may('operator')) return;
    router.setQuery({ silence: undefined });
    void this.#read.load().then(() => this.#silence(undefined, [hostId]));
  }

  get #known(): Known {
    return { hosts: live().fleet.hosts, rules: this.#read.value?.rules ?? [] };
  }

  override render() {
    return html`<div>
        <header>
          <h1>${msg('Maintenance')}</h1>
          <span class="buttons"
            >${may('operator') ? html`<button type="button" @click=${() => this.#silence(undefined, [])}>${msg('Silence alerts…')}</button>` : nothing}
            ${may('admin') ? html`<button type="button" class="primary" @click=${() => this.#open('new')}>${icon('plus')}${msg('Plan maintenance')}</button>` : nothing}</span
          >
        </header>
        <p class="lead quiet">
          ${msg('While a window or a silence holds, alerts are on record and nobody is told. What still fires at its end is told then; that something is over is never held back.')}
        </p>
      </div>
      ${this.#read.view(
        { failed: msg('Maintenance could not be read'), loading: msg('Loading maintenance') },
        (found) => this.#body(found),
      )}
      ${this.#dialogs.render()}
      ${
        this._plan
          ? html`<reeve-plan-dialog
            .known=${this.#known}
            .plan=${this._plan === 'new' ? undefined : this._plan}
            now=${live().fleet.now()}
            @saved=${this.#saved}
            @close=${() => this.#open(undefined)}
          ></reeve-plan-dialog>`
          : nothing
      }`;
  }

  #body({ quieted, plans, silences }: Read) {
    const known = this.#known;
    return html`<section>
        <h2>${msg('Quiet now')}</h2>
        <reeve-quiet-now
          .items=${quieted}
          .known=${known}
          @end=${({ detail }: CustomEvent<Quieted>) => void this.#end(detail)}
        ></reeve-quiet-now>
      </section>
      <section>
        <h2>${msg('Planned maintenance')}</h2>
        <reeve-table
          label=${msg('Planned maintenance')}
          name="plan-"
          .columns=${planColumns({
            known,
            mayChange: may('admin'),
            choose: (plan, action) => (action === 'edit' ? this.#open(plan) : this.#removePlan(plan)),
            turn: (plan, isOn) => void this.#turn(plan, isOn),
          })}
          .rows=${plans}
          .keyOf=${({ id }: Plan) => id}
          ><reeve-notice kind="empty" heading=${msg('No maintenance is planned')}>
            <p>${msg('Plan windows in which machines are worked on, once or every week, so that nobody is woken.')}</p>
          </reeve-notice></reeve-table
        >
      </section>
      <section>
        <h2>${msg('Silences')}</h2>
        <reeve-table
          label=${msg('Silences')}
          name="silence-"
          .columns=${silenceColumns({ known, mayChange: may('operator'), choose: (silence, action) => this.#choose(silence, action) })}
          .rows=${silences}
          .keyOf=${({ id }: Silence) => id}
          ><reeve-notice kind="empty" heading=${msg('No silences')}>
            <p>${msg('A silence keeps alerts quiet until a time, from now on. It always ends.')}</p>
          </reeve-notice></reeve-table
        >
      </section>`;
  }

  #open(plan: Plan | 'new' | undefined): void {
    this._plan = plan;
  }

  #saved(): void {
    this._plan = undefined;
    toast({ text: msg('Saved') });
    void this.#read.load();
  }

  #silence(silence: Silence | undefined, hostIds: readonly string[]): void {
    const value = silence
      ? { ...silence.match, reason: silence.reason, startsAt: silence.startsAt, endsAt: silence.endsAt }
      : newSilence(live().fleet.now(), hostIds);
    this.#dialogs.fill({
      heading: silence ? msg('Change the silence') : msg('Silence alerts'),
      form: silenceSchema(this.#known),
      value: { ...value },
      verb: silence ? msg('Save') : msg('Silence'),
      send: async (values) => {
        const body = sentSilence(values);
        await atFields(async () => {
          if (silence)
            await call('PUT /api/v1/silences/:silenceId', {
              params: { silenceId: silence.id },
              body: { ...body, rev: silence.rev },
            });
          else await call('POST /api/v1/silences', { body });
        });
        await this.#read.load();
      },
    });
  }

  #choose(silence: Silence, action: string): void {
    if (action === 'edit') this.#silence(silence, []);
    else if (action === 'end') void this.#end({ kind: 'silence', id: silence.id });
    else
      this.#dialogs.confirm({
        heading: msg('Remove “{name}”?', { name: silence.reason }),
        consequences: [
          silence.state === 'over'
            ? msg('It is over; only its record goes.')
            : msg('It ends now: what fires then is told again.'),
        ],
        verb: msg('Remove the silence'),
        act: async () => {
          await call('DELETE /api/v1/silences/:silenceId', { params: { silenceId: silence.id } });
          await this.#read.load();
        },
      });
  }

  #removePlan(plan: Plan): void {
    this.#dialogs.confirm({
      heading: msg('Remove “{name}”?', { name: plan.title }),
      consequences: [
        plan.now ? msg('It is under way and ends now: what fires then is told again.') : msg('It begins no more.'),
      ],
      verb: msg('Remove the window'),
      act: async () => {
        await call('DELETE /api/v1/maintenance-windows/:windowId', { params: { windowId: plan.id } });
        await this.#read.load();
      },
    });
  }

  async #turn(plan: Plan, isEnabled: boolean): Promise<void> {
    const { id, rev, title, reason, match, schedule, timeZone } = plan;
    const body = { rev, title, reason, match, schedule, timeZone, isEnabled };
    await this.#done(() => call('PUT /api/v1/maintenance-windows/:windowId', { params: { windowId: id }, body }));
  }

  async #end({ kind, id }: Pick<Quieted, 'kind' | 'id'>): Promise<void> {
    await this.#done(() =>
      kind === 'silence'
        ? call('POST /api/v1/silences/:silenceId/end', { params: { silenceId: id } })
        : call('POST /api/v1/maintenance-windows/:windowId/end', { params: { windowId: id } }),
    );
  }

  async #done(act: () => Promise<unknown>): Promise<void> {
    await tried(act);
    await this.#read.load();
  }
}
customElements.define('reeve-maintenance-page', ReeveMaintenancePage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-maintenance-page': ReeveMaintenancePage;
  }
}
