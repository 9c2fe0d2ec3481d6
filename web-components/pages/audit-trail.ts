import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import '../parts/time.ts';
import { call, pathOf, problemText, type ResponseOf } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import '../trail/trail-entry.ts';
import type { TrailEntry } from '../trail/trail-entry.ts';

type Verdict = ResponseOf<'GET /api/v1/audit-trail/verify'>;

const PAGE = 100;
/** Typing is over when nothing came for so long. */
const PAUSE_MS = 300;
const FILTERS = ['who', 'what', 'text', 'since', 'until', 'site'] as const;

/** Who did what: searched, taken away as a file, and checked that nobody changed it. Filters stand in the address. */
export class ReeveAuditTrailPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _entries: { state: true },
    _next: { state: true },
    _failure: { state: true },
    _verdict: { state: true },
    _isBusy: { state: true },
  };
  declare params: Record<string, string>;
  declare _entries: TrailEntry[] | undefined;
  declare _next: string | undefined;
  declare _failure: unknown;
  declare _verdict: Verdict | 'checking' | string | undefined;
  declare _isBusy: boolean;
  #stop: (() => void) | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #asked = '';

  static override styles = [
    base,
    buttons,
    fields,
    css`
      header,
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 12px;
        margin-bottom: 12px;
      }
      header {
        justify-content: space-between;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      label {
        display: grid;
        gap: 4px;
        font-size: 12px;
        color: var(--reeve-muted);
      }
      .list {
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        margin-bottom: 12px;
      }
      .verdict {
        margin-bottom: 12px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = router.subscribe(() => this.#soon());
    void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    clearTimeout(this.#pause);
  }

  #soon(): void {
    this.requestUpdate();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#load(), PAUSE_MS);
  }

  /** What the address asks for, as the route wants it. Days are those of this device. */
  #query() {
    const { query } = router;
    const at = (name: string, days: number): number | undefined => {
      const text = query.get(name);
      const [year = 0, month = 1, day = 1] = (text ?? '').split('-').map(Number);
      return text ? new Date(year, month - 1, day + days).getTime() : undefined;
    };
    return {
      who: query.get('who') ?? undefined,
      what: query.get('what') ?? undefined,
      text: query.get('text') ?? undefined,
      from: at('since', 0),
      to: at('until', 1),
      site: query.get('site') === 'all' && may('owner') ? ('all' as const) : ('own' as const),
    };
  }

  async #load(cursor?: string): Promise<void> {
    const asked = location.search;
    this.#asked = asked;
    this._isBusy = true;
    try {
      const { items, next } = await call('GET /api/v1/audit-trail', {
        query: { ...this.#query(), limit: PAGE, cursor },
      });
      if (this.#asked !== asked) return; // Meanwhile something else was asked for.
      this._entries = cursor === undefined ? items : [...(this._entries ?? []), ...items];
      this._next = next;
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    } finally {
      this._isBusy = false;
    }
  }

  async #verify(): Promise<void> {
    this._verdict = 'checking';
    this._verdict = await call('GET /api/v1/audit-trail/verify').catch(problemText);
  }

  override render() {
    return html`<header>
        <h1>${msg('Audit trail')}</h1>
        <div class="actions">
          ${may('owner') ? html`<button type="button" @click=${this.#verify}>${msg('Check the chain')}</button>` : nothing}
          ${this.#file('csv', msg('Save as CSV'))} ${this.#file('jsonl', msg('Save as JSON lines'))}
        </div>
      </header>
      ${this.#verdict()}
      <form role="search" aria-label=${msg('Filter')} @submit=${(event: Event) => event.preventDefault()}>
        ${this.#input('text', msg('Search'), 'search')} ${this.#input('who', msg('User or key'), 'text')}
        ${this.#input('what', msg('Action'), 'text')} ${this.#input('since', msg('From day'), 'date')}
        ${this.#input('until', msg('To day'), 'date')}
        ${
          may('owner')
            ? html`<label
                >${msg('Of')}<select @change=${(event: Event) => this.#set('site', event)}>
                  <option value="">${msg('This site')}</option>
                  <option value="all" ?selected=${router.query.get('site') === 'all'}>${msg('Every site and the appliance')}</option>
                </select></label
              >`
            : nothing
        }
      </form>
      ${this.#list()}`;
  }

  #input(name: (typeof FILTERS)[number], title: string, type: string) {
    return html`<label
      >${title}<input type=${type} maxlength="120" .value=${router.query.get(name) ?? ''} @input=${(event: Event) => this.#set(name, event)}
    /></label>`;
  }

  #set(name: (typeof FILTERS)[number], event: Event): void {
    router.setQuery({ [name]: (event.target as HTMLInputElement).value });
  }

  #file(format: 'csv' | 'jsonl', words: string) {
    const { path } = pathOf('GET /api/v1/audit-trail', { query: { ...this.#query(), format } });
    return html`<a class="button" href=${path} download="audit-trail.${format}">${words}</a>`;
  }

  #verdict() {
    const verdict = this._verdict;
    if (verdict === undefined) return nothing;
    if (verdict === 'checking')
      return html`<reeve-notice class="verdict" kind="loading" heading=${msg('Checking every entry')}></reeve-notice>`;
    if (typeof verdict === 'string')
      return html`<reeve-notice class="verdict" kind="error" heading=${msg('It could not be checked')}><p>${verdict}</p></reeve-notice>`;
    const { state, entries, hash, problems } = verdict;
    if (state === 'intact')
      return html`<reeve-notice class="verdict" kind="note" heading=${msg('Intact: {entries} entries, none changed, none missing', { entries })}>
        <p>${msg('Hash of the newest: {hash}', { hash })}</p>
      </reeve-notice>`;
    if (state === 'unproven')
      return html`<reeve-notice class="verdict" kind="warning" heading=${msg('A part cannot be proven')}>
        <p>${msg('Its key is gone, as after a restore from a backup without passphrase. Nothing else is wrong.')}</p>
      </reeve-notice>`;
    return html`<reeve-notice class="verdict" kind="error" heading=${msg('Somebody or something changed the audit trail')}>
      <ul>
        ${problems.map(({ seq, text }) => html`<li>${msg('Entry {seq}: {text}', { seq, text })}</li>`)}
      </ul>
    </reeve-notice>`;
  }

  #list() {
    if (this._failure)
      return failureNotice(msg('The audit trail could not be read'), this._failure, { again: () => void this.#load() });
    if (!this._entries)
      return html`<reeve-notice kind="loading" heading=${msg('Loading the audit trail')}></reeve-notice>`;
    if (this._entries.length === 0 && this._next === undefined)
      return html`<reeve-notice kind="empty" heading=${msg('No entry fits')}>
        <p>${msg('Clear the filters to see everything that was done.')}</p>
        <button type="button" @click=${() => router.setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])))}>${msg('Clear the filters')}</button>
      </reeve-notice>`;
    return html`<div class="list">
        ${this._entries.map((entry) => html`<reeve-trail-entry .entry=${entry}></reeve-trail-entry>`)}
      </div>
      ${
        this._next === undefined
          ? nothing
          : html`<button type="button" ?disabled=${this._isBusy} @click=${() => this.#load(this._next)}>${msg('Show older entries')}</button>`
      }`;
  }
}
customElements.define('reeve-audit-trail-page', ReeveAuditTrailPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-audit-trail-page': ReeveAuditTrailPage;
  }
}
