import { html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { msg, plural } from '../msg.ts';
import { router } from '../router.ts';
import { Hearing } from './hearing.ts';
import { base, buttons, fields } from './styles.ts';
import { type Column, nextOrder, parseOrder, sortedRows } from './table-rows.ts';
import { tableStyles } from './table-styles.ts';

/**
 * `<reeve-table label="Hosts" .columns=${columns} .rows=${rows} .keyOf=${(row) => row.id} .words=${(row) => row.name}>`: a table that
 * sorts by its heads and, with `words`, searches. Search and order live in the address as `search` and `sort` (with `name` as a
 * prefix where a page has two tables). With `compact`, for a few short columns, rows stay rows however narrow it is. Arrow keys go from row to row; the slot says what to do when there are no rows at all.
 */
export class ReeveTable<Row = unknown> extends LitElement {
  static override properties = {
    label: { type: String },
    name: { type: String },
    columns: { attribute: false },
    rows: { attribute: false },
    keyOf: { attribute: false },
    words: { attribute: false },
    order: { type: String },
  };
  declare label: string;
  declare name: string;
  declare columns: readonly Column<Row>[];
  declare rows: readonly Row[];
  declare keyOf: (row: Row) => string;
  declare words: ((row: Row) => string) | undefined;
  declare order: string;

  static override styles = [base, buttons, fields, tableStyles];

  constructor() {
    super();
    this.label = '';
    this.name = '';
    this.order = '';
    this.columns = [];
    this.rows = [];
    this.keyOf = (row) => String(row);
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  get #search(): string {
    return router.query.get(`${this.name}search`) ?? '';
  }

  /** The address decides; where it says nothing, the order that was given. */
  get #order(): string {
    return router.query.get(`${this.name}sort`) ?? this.order;
  }

  #sort(column: string): void {
    const order = nextOrder(this.#order, column);
    this.order = order ?? '';
    router.setQuery({ [`${this.name}sort`]: order });
    this.dispatchEvent(new CustomEvent('order', { detail: { order: this.order } }));
  }

  #onSearch(event: InputEvent): void {
    router.setQuery({ [`${this.name}search`]: (event.target as HTMLInputElement).value });
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const targets = [...this.renderRoot.querySelectorAll<HTMLElement>('tbody tr')].map((row) =>
      row.querySelector<HTMLElement>('a, button, reeve-action, reeve-menu'),
    );
    const at = targets.indexOf((this.renderRoot as ShadowRoot).activeElement as HTMLElement);
    const next = step === undefined || at < 0 ? undefined : targets[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  override render() {
    if (this.rows.length === 0) return html`<slot></slot>`;
    const search = this.words ? this.#search.toLowerCase().trim() : '';
    const found = this.rows.filter((row) => search === '' || this.words?.(row).toLowerCase().includes(search));
    const rows = sortedRows(found, this.columns, this.#order);
    return html`${this.words ? this.#searchField(rows.length) : nothing}
      <table role="table" aria-label=${this.label} @keydown=${this.#onKey}>
        <thead role="rowgroup">
          <tr role="row">
            ${this.columns.map((column) => this.#head(column))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${repeat(rows, this.keyOf, (row) => this.#row(row))}
        </tbody>
      </table>
      ${rows.length === 0 ? html`<p class="none quiet">${msg('Nothing fits this search.')}</p>` : nothing}`;
  }

  #searchField(count: number) {
    return html`<div class="search">
      <input
        type="search"
        aria-label=${msg('Search in {label}', { label: this.label })}
        placeholder=${msg('Search')}
        .value=${this.#search}
        @input=${this.#onSearch}
      />
      <span class="quiet" role="status">${plural(count, { one: '{count} row', other: '{count} rows' })}</span>
    </div>`;
  }

  #head({ id, title, sortBy, align, head }: Column<Row>) {
    const order = parseOrder(this.#order);
    const isSorted = order.column === id;
    const sorted = isSorted ? (order.isDown ? 'descending' : 'ascending') : 'none';
    const mark = isSorted ? (order.isDown ? '▾' : '▴') : '';
    return html`<th role="columnheader" scope="col" class=${align ?? ''} aria-sort=${sortBy ? sorted : nothing}>
      ${
        sortBy
          ? html`<button type="button" class="bare" @click=${() => this.#sort(id)}>
            ${title}<span aria-hidden="true">${mark}</span>
          </button>`
          : (head ?? title)
      }
    </th>`;
  }

  #row(row: Row) {
    return html`<tr role="row">
      ${this.columns.map(({ title, cell, align, isHeading }) =>
        isHeading
          ? html`<th role="rowheader" scope="row">${cell(row)}</th>`
          : html`<td role="cell" class=${align ?? ''} data-title=${title}>${cell(row)}</td>`,
      )}
    </tr>`;
  }
}
customElements.define('reeve-table', ReeveTable);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-table': ReeveTable;
  }
}
