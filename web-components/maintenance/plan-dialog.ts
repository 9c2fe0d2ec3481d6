import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import '../parts/picks.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import type { ReeveForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';
import { atPlan, type Known, newPlan, type PlanKind, planSchema, planValues, sentPlan } from './plan-form.ts';

export type Plan = ResponseOf<'GET /api/v1/maintenance-windows'>['items'][number];

/**
 * `<reeve-plan-dialog .known=${{ hosts, rules }} .plan=${plan} now=${ms}>`: plans maintenance, or changes a plan; the fields follow what is
 * chosen under When. Event `saved`, `close` when it was called off.
 */
export class ReevePlanDialog extends LitElement {
  static override properties = {
    known: { attribute: false },
    plan: { attribute: false },
    now: { type: Number },
    _kind: { state: true },
  };
  declare known: Known;
  /** Undefined for a new one. */
  declare plan: Plan | undefined;
  /** The appliance's time. */
  declare now: number;
  declare _kind: PlanKind;
  #value: Record<string, unknown> = {};
  #schema: { kind: PlanKind; schema: JsonSchema } | undefined;
  readonly #sending = new Sending(this);

  static override styles = [base];

  constructor() {
    super();
    this.known = { hosts: [], rules: [] };
    this.now = 0;
    this._kind = 'once';
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('plan') && this.#schema) return;
    this._kind = this.plan?.schedule.kind ?? 'once';
    this.#value = { ...newPlan(this.now), ...(this.plan && planValues(this.plan)) };
    this.#schema = undefined;
  }

  /** Another kind has other fields: what is typed in those that stay is kept. */
  #look(event: Event): void {
    const form = event.currentTarget as ReeveForm;
    const typed = form.read();
    if (typed.kind === this._kind) return;
    this.#value = { ...this.#value, ...typed };
    this._kind = typed.kind as PlanKind;
    void this.updateComplete.then(() => form.updateComplete).then(() => form.reset());
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  async #send(values: Record<string, unknown>): Promise<void> {
    const { plan } = this;
    await this.#sending.run(async () => {
      const body = sentPlan(values, plan?.isEnabled ?? true);
      if (plan)
        await call('PUT /api/v1/maintenance-windows/:windowId', {
          params: { windowId: plan.id },
          body: { ...body, rev: plan.rev },
        });
      else await call('POST /api/v1/maintenance-windows', { body });
      this.dispatchEvent(new CustomEvent('saved'));
    }, atPlan);
  }

  override render() {
    if (this.#schema?.kind !== this._kind)
      this.#schema = { kind: this._kind, schema: planSchema(this._kind, this.known) };
    const { plan } = this;
    return html`<reeve-dialog
      heading=${plan ? msg('Change {name}', { name: plan.title }) : msg('Plan maintenance')}
      open
      @close=${this.#close}
    >
      <reeve-form
        .schema=${this.#schema.schema}
        .value=${this.#value}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${plan ? msg('Save') : msg('Plan it')}
        ?busy=${this.#sending.isBusy}
        @input=${this.#look}
        @send=${({ detail }: CustomEvent<Record<string, unknown>>) => void this.#send(detail)}
        ><reeve-action slot="actions" @click=${this.#close}>${msg('Cancel')}</reeve-action></reeve-form
      >
    </reeve-dialog>`;
  }
}
customElements.define('reeve-plan-dialog', ReevePlanDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-plan-dialog': ReevePlanDialog;
  }
}
