import { css, html, LitElement, nothing } from 'lit';
import type { Panel } from '../../protocol/boards.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { rangeChoices } from '../charts/range.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { placeInFile } from './arrange.ts';

const MOST_OF_CHART = 8;

/** What the dialog is opened for: a new panel, or one that is there. */
export interface PanelAsk {
  panel: Panel | undefined;
  /** Keeps it; what is thrown is shown, and the dialog stays. */
  keep: (panel: Panel) => Promise<unknown>;
}

/** What shows a panel: chart, tiles, or one of the two lists. */
type Shown = 'chart' | 'status' | 'concerns' | 'hosts';

const shows = (): { id: Shown; title: string }[] => [
  { id: 'chart', title: msg('Chart of a metric') },
  { id: 'status', title: msg('Tiles of hosts') },
  { id: 'concerns', title: msg('List of what needs attention') },
  { id: 'hosts', title: msg('Table of hosts') },
];
const widths = (): { id: Panel['width']; title: string }[] => [
  { id: 'third', title: msg('A third') },
  { id: 'half', title: msg('Half') },
  { id: 'full', title: msg('Full') },
];

/** `<reeve-panel-dialog .ask=${ask}>`: what a panel shows, of which hosts, how wide. Event `close`; the owner clears `ask`. */
export class ReevePanelDialog extends LitElement {
  static override properties = {
    ask: { attribute: false },
    _shown: { state: true },
    _chosen: { state: true },
  };
  declare ask: PanelAsk | undefined;
  declare _shown: Shown;
  /** Ids of hosts. */
  declare _chosen: ReadonlySet<string>;
  readonly #sending = new Sending(this);
  readonly #metrics = new Reading(this, async () => (await call('GET /api/v1/metrics/descriptors')).toSorted(byTitle));

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        display: grid;
        gap: 16px;
      }
      form > div {
        display: grid;
        gap: 4px;
      }
      form > div > label {
        font-weight: 500;
      }
      fieldset {
        display: grid;
        gap: 4px;
        max-height: 240px;
        margin: 0;
        padding: 8px 12px 12px;
        overflow: auto;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
      }
      legend {
        padding: 0 4px;
        font-weight: 500;
      }
      .host {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 28px;
        overflow-wrap: anywhere;
      }
      .failure {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this._shown = 'chart';
    this._chosen = new Set();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('ask')) return;
    const panel = this.ask?.panel;
    this._shown = panel === undefined ? 'chart' : panel.kind === 'list' ? panel.of : panel.kind;
    this._chosen = new Set(panel?.hosts);
    this.#sending.clear();
    // A host that came meanwhile may send what no other does.
    if (this.ask) void this.#metrics.load();
  }

  override render() {
    const { ask } = this;
    if (!ask) return nothing;
    const { panel } = ask;
    const isChart = this._shown === 'chart';
    return html`<reeve-dialog heading=${panel ? msg('Edit the panel') : msg('Add a panel')} open @close=${this.#close}>
      <form id="panel" @submit=${this.#keep}>
        <div>
          <label for="shown">${msg('What it shows')}</label>
          <select id="shown" @change=${this.#choose}>${options(shows(), this._shown)}</select>
        </div>
        ${isChart ? this.#metric(panel) : nothing}
        <fieldset>
          <legend>${isChart ? msg('Hosts, at most {most}', { most: MOST_OF_CHART }) : msg('Hosts; none means every host')}</legend>
          ${live().fleet.hosts.map(({ id, name }) => this.#host(id, name))}
        </fieldset>
        ${
          isChart
            ? select('range', msg('Time'), {
                all: rangeChoices().map(({ id, long }) => ({ id, title: long })),
                chosen: panel?.kind === 'chart' ? panel.range : 'live',
              })
            : nothing
        }
        ${select('width', msg('Width'), { all: widths(), chosen: panel?.width ?? 'half' })}
        <div>
          <label for="title">${msg('Title')}</label>
          <input id="title" name="title" maxlength="64" autocomplete="off" placeholder=${msg('Left empty, it says what it shows')} .value=${panel?.title ?? ''} />
        </div>
        ${this.#problems()}
      </form>
      <div slot="actions">
        <button type="button" @click=${this.#close}>${msg('Cancel')}</button>
        <button type="submit" class="primary" ?disabled=${this.#sending.isBusy} @click=${this.#keep}>${panel ? msg('Save') : msg('Add')}</button>
      </div>
    </reeve-dialog>`;
  }

  #metric(panel: Panel | undefined) {
    const chosen = panel?.kind === 'chart' ? panel.metric : 'system.cpu.utilization';
    const words = { failed: msg('The metrics could not be read'), loading: msg('Loading the metrics') };
    return this.#metrics.view(words, (metrics) => {
      const known = metrics.map(({ id, title }) => ({ id, title: `${title} · ${id}` }));
      const all = known.some(({ id }) => id === chosen) ? known : [{ id: chosen, title: chosen }, ...known];
      return select('metric', msg('Metric'), { all, chosen });
    });
  }

  #host(id: string, name: string) {
    const isChosen = this._chosen.has(id);
    const isFull = this._shown === 'chart' && this._chosen.size >= MOST_OF_CHART;
    return html`<label class="host"
      ><input type="checkbox" .checked=${isChosen} ?disabled=${isFull && !isChosen} @change=${() => this.#toggle(id)} />${name}</label
    >`;
  }

  #problems() {
    const { problems, failure } = this.#sending;
    if (problems.length === 0 && failure === '') return nothing;
    return html`<div class="failure" role="alert">
      ${failure === '' ? nothing : html`<p>${failure}</p>`}
      ${problems.map(({ path, message }) => html`<p>${placeInFile(path)}: ${message}</p>`)}
    </div>`;
  }

  #choose(event: Event): void {
    this._shown = (event.target as HTMLSelectElement).value as Shown;
  }

  #toggle(id: string): void {
    const next = new Set(this._chosen);
    if (!next.delete(id)) next.add(id);
    this._chosen = next;
  }

  async #keep(event: Event): Promise<void> {
    event.preventDefault();
    const form = this.renderRoot.querySelector('form');
    const { ask } = this;
    if (!form || !ask || this.#sending.isBusy) return;
    const panel = this.#panelOf(new FormData(form));
    if (await this.#sending.run(() => ask.keep(panel))) this.#close();
  }

  #panelOf(form: FormData): Panel {
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const every = {
      ...(text('title') !== '' && { title: text('title') }),
      width: text('width') as Panel['width'],
      hosts: [...this._chosen],
    };
    if (this._shown === 'status') return { kind: 'status', ...every };
    if (this._shown !== 'chart') return { kind: 'list', of: this._shown, ...every };
    const range = text('range') as (Panel & { kind: 'chart' })['range'];
    return { kind: 'chart', ...every, metric: text('metric'), range, hosts: every.hosts.slice(0, MOST_OF_CHART) };
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }
}
customElements.define('reeve-panel-dialog', ReevePanelDialog);

const byTitle = (a: Descriptor, b: Descriptor): number => a.title.localeCompare(b.title);

interface Choice {
  all: readonly { id: string; title: string }[];
  chosen: string;
}
const select = (name: string, title: string, { all, chosen }: Choice) => html`<div>
  <label for=${name}>${title}</label>
  <select id=${name} name=${name}>${options(all, chosen)}</select>
</div>`;

const options = (all: readonly { id: string; title: string }[], chosen: string) =>
  all.map(({ id, title }) => html`<option value=${id} ?selected=${id === chosen}>${title}</option>`);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-panel-dialog': ReevePanelDialog;
  }
}
