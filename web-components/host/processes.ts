import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { formatValue, NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Reading } from '../parts/reading.ts';
import { Seen } from '../parts/seen.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { call } from '../rest.ts';
import { sinceText } from '../times.ts';

const read = (hostId: string) => call('GET /api/v1/hosts/:hostId/processes', { params: { hostId } });
type Told = Awaited<ReturnType<typeof read>>;
type Row = Told['items'][number];

/** The host is asked so often while the table is on the screen. */
const EVERY_MS = 5_000;

const columns = (): readonly Column<Row>[] => [
  { id: 'name', title: msg('Process'), sortBy: ({ name }) => name, cell: ({ name }) => name, isHeading: true },
  { id: 'pid', title: msg('PID'), sortBy: ({ pid }) => pid, cell: ({ pid }) => pid, align: 'end' },
  { id: 'user', title: msg('User'), sortBy: ({ user }) => user, cell: ({ user }) => user ?? NOTHING },
  {
    id: 'cpu',
    title: msg('Processor, of one core'),
    sortBy: ({ cpu }) => cpu,
    cell: ({ cpu }) => formatValue(cpu, '1'),
    align: 'end',
  },
  {
    id: 'memory',
    title: msg('Memory'),
    sortBy: ({ memoryBytes }) => memoryBytes,
    cell: ({ memoryBytes }) => formatValue(memoryBytes, 'By', { binary: true }),
    align: 'end',
  },
];

/** `<reeve-processes .host=${host}>`: which processes take most now. The host is asked only while this is on the screen. */
export class ReeveProcesses extends LitElement {
  static override properties = { host: { attribute: false } };
  declare host: Host | undefined;
  readonly #seen = new Seen(this);
  readonly #told = new Reading<Told | undefined>(this, () => this.#read(), { everyMs: EVERY_MS });
  #readOf: string | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding: 4px 12px;
      }
      h2 {
        font-size: 13px;
        padding: 2px 0 6px;
      }
    `,
  ];

  /** Nothing is asked for a table that nobody sees. */
  async #read(): Promise<Told | undefined> {
    const { host } = this;
    if (!host || !this.#seen.isSeen) return this.#told.value;
    return read(host.id);
  }

  protected override updated(): void {
    // On the screen for the first time, or another host than before.
    if (!this.#seen.isSeen || this.#readOf === this.host?.id) return;
    this.#readOf = this.host?.id;
    this.#told.value = undefined;
    void this.#told.load();
  }

  override render() {
    return html`<h2>${msg('Processes now')}</h2>
      ${this.#told.view({ failed: msg('The processes could not be read'), loading: msg('Asking the host') }, (told) => this.#table(told))}`;
  }

  #table(told: Told | undefined) {
    if (!told) return nothing;
    const { items, seen, leftOut, isPartial, at } = told;
    return html`<reeve-table
        label=${msg('Processes')}
        name="processes-"
        order="-cpu"
        .columns=${columns()}
        .rows=${items}
        .keyOf=${({ pid }: Row) => String(pid)}
      ></reeve-table>
      <p class="quiet">
        ${msg('Those of {count} that take most of the processor or of memory.', { count: seen + leftOut })}
        ${leftOut > 0 ? msg('{count} were not looked at.', { count: leftOut }) : nothing}
        ${isPartial ? msg('The system hides processes of other users from the agent.') : nothing}
        ${this.#told.failure ? msg('As of {time}: the host does not answer now.', { time: sinceText(at, Date.now()) }) : nothing}
      </p>`;
  }
}
customElements.define('reeve-processes', ReeveProcesses);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-processes': ReeveProcesses;
  }
}
