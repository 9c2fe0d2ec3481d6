import { css, html, LitElement, nothing } from 'lit';
import type { PowerSourceView } from '../../protocol/routes/power-sources.ts';
import type { TariffBook } from '../../protocol/routes/tariffs.ts';
import { formatValue } from '../format.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/settings-form.ts';
import type { ReeveForm } from '../parts/settings-form.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call, problemText, type ResponseOf } from '../rest.ts';
import { energy } from './words.ts';

export type SourceKind = ResponseOf<'GET /api/v1/cost/source-kinds'>['items'][number];
const STANDBY = 'standby-watts';

/**
 * `<reeve-source-dialog host-id=${id} .chosen=${view}>`: chooses where the watts of a host come from, tries it first. Event `saved` with
 * what holds now, `close` when it was called off.
 */
export class ReeveSourceDialog extends LitElement {
  static override properties = {
    hostId: { type: String, attribute: 'host-id' },
    chosen: { attribute: false },
    _kind: { state: true },
    _tried: { state: true },
  };
  declare hostId: string;
  declare chosen: PowerSourceView | undefined;
  declare _kind: string | undefined;
  /** What the meter said; undefined before it was asked. */
  declare _tried: { text: string; isGood: boolean } | 'busy' | undefined;
  readonly #kinds = new Reading(this, async () => {
    const [kinds, book] = await Promise.all([call('GET /api/v1/cost/source-kinds'), call('GET /api/v1/cost/tariffs')]);
    return { kinds: kinds.items, book };
  });
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    css`
      .body {
        display: grid;
        gap: 16px;
      }
      label {
        display: grid;
        gap: 4px;
      }
    `,
  ];

  override render() {
    return html`<reeve-dialog heading=${msg('Where the watts come from')} open @close=${this.#close}>
      <div class="body">
        ${this.#kinds.view({ failed: msg('The sources could not be read'), loading: msg('Reading the sources') }, (read) => this.#body(read))}
      </div>
    </reeve-dialog>`;
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  #body({ kinds, book }: { kinds: readonly SourceKind[]; book: TariffBook }) {
    const id = this._kind ?? this.chosen?.kind ?? 'shelly';
    const kind = kinds.find((each) => each.id === id) ?? kinds[0];
    if (!kind) return nothing;
    const value = this.chosen?.kind === kind.id ? this.chosen.value : {};
    const standby = this.chosen?.standbyWatts;
    return html`<label>${msg('Source')}
        <select @change=${(event: Event) => this.#turn((event.target as HTMLSelectElement).value)}>
          ${kinds.map((each) => html`<option value=${each.id} ?selected=${each.id === kind.id}>${each.title}</option>`)}
        </select></label>
      <p class="quiet">${kind.hint}</p>
      <reeve-form
        .schema=${schemaOf(kind, book)}
        .value=${{ ...value, ...(standby !== undefined && { [STANDBY]: standby }) }}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Choose it')}
        ?busy=${this.#sending.isBusy}
        @send=${({ detail }: CustomEvent<Record<string, unknown>>) => void this.#send(kind, detail)}
      >
        ${kind.confidence === 'measured' && kind.id !== 'ups' && kind.id !== 'ipmi' ? html`<reeve-action slot="actions" @click=${() => void this.#test(kind)}>${this._tried === 'busy' ? msg('Asking…') : msg('Try it')}</reeve-action>` : nothing}
        <reeve-action slot="actions" @click=${this.#close}>${msg('Cancel')}</reeve-action>
      </reeve-form>
      ${this._tried && this._tried !== 'busy' ? html`<p role="status"><reeve-state level=${this._tried.isGood ? 'ok' : 'warning'} word=${this._tried.text}></reeve-state></p>` : nothing}`;
  }

  #turn(kind: string): void {
    this._kind = kind;
    this._tried = undefined;
    this.#sending.clear();
  }

  async #test(kind: SourceKind): Promise<void> {
    const form = this.renderRoot.querySelector<ReeveForm>('reeve-form');
    const { [STANDBY]: _, ...value } = form?.read() ?? {};
    this._tried = 'busy';
    try {
      const body = { kind: kind.id, value };
      const { watts, totalKwh, problem } = await call('POST /api/v1/hosts/:hostId/power-source/test', {
        params: { hostId: this.hostId },
        body,
      });
      const counted = totalKwh === undefined ? '' : msg(', {kwh} counted so far', { kwh: energy(totalKwh) });
      this._tried =
        problem === undefined
          ? {
              isGood: true,
              text: `${watts === undefined ? msg('It answers') : msg('It says {watts}', { watts: formatValue(watts, 'W') })}${counted}`,
            }
          : { isGood: false, text: problem };
    } catch (error) {
      this._tried = { isGood: false, text: problemText(error) };
    }
  }

  async #send(kind: SourceKind, values: Record<string, unknown>): Promise<void> {
    const { [STANDBY]: standby, ...value } = values;
    await this.#sending.run(
      async () => {
        const saved = await call('PUT /api/v1/hosts/:hostId/power-source', {
          params: { hostId: this.hostId },
          body: {
            ...{ rev: this.chosen?.rev ?? 0, kind: kind.id, value },
            ...(typeof standby === 'number' && { standbyWatts: standby }),
          },
        });
        this.dispatchEvent(new CustomEvent('saved', { detail: saved }));
      },
      ({ path, message }) => ({
        path: path.replace(/^body\.value\./, '').replace('body.standbyWatts', STANDBY),
        message,
      }),
    );
  }
}
customElements.define('reeve-source-dialog', ReeveSourceDialog);

/** The form of a source, with hosts and machines to choose from by name, and what a host takes while it is off. */
function schemaOf({ form }: SourceKind, { machines }: TariffBook): JsonSchema {
  const schema = form as JsonSchema;
  const choices = (widget: string | undefined) =>
    widget === 'machine'
      ? {
          choices: machines.map(({ id, title, idleWatts, fullWatts }) => ({
            value: id,
            title: `${title} (${idleWatts}–${fullWatts} W)`,
          })),
        }
      : widget === 'host'
        ? { choices: live().fleet.hosts.map(({ id, name }) => ({ value: id, title: name })) }
        : {};
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, field]) => [name, { ...field, ...choices(field.widget) }]),
  );
  const standby = {
    ...{ type: 'number', title: msg('While it is off, W'), minimum: 0, order: 90 },
    description: msg('Counts for the time in which nothing is heard of the host; empty = nothing.'),
  };
  return { ...schema, properties: { ...properties, [STANDBY]: standby } };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-source-dialog': ReeveSourceDialog;
  }
}
