import { css, html, LitElement, nothing } from 'lit';
import type { LOG_LEVELS } from '../../protocol/routes/system.ts';
import { msg } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';

type Line = ResponseOf<'GET /api/v1/system/log'>['items'][number];
type LogLevel = (typeof LOG_LEVELS)[number];
const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const FOLLOW_MS = 2_000;
const MOST = 1_000;

/** `<reeve-log-view>`: the last lines of the appliance's log, by level, component and text; follows by itself; download. */
export class ReeveLogView extends LitElement {
  static override properties = {
    _lines: { state: true },
    _components: { state: true },
    _level: { state: true },
    _component: { state: true },
    _text: { state: true },
    _follows: { state: true },
    _failure: { state: true },
  };
  declare _lines: readonly Line[];
  declare _components: readonly string[];
  declare _level: LogLevel;
  declare _component: string;
  declare _text: string;
  declare _follows: boolean;
  declare _failure: unknown;
  #next = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 12px;
        min-width: 0;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 8px;
      }
      .bar label {
        display: grid;
        gap: 4px;
        flex: 0 1 160px;
      }
      .bar label.text {
        flex: 1 1 200px;
      }
      .lines {
        max-height: 480px;
        overflow: auto;
        padding: 8px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-ground);
        font-family: var(--reeve-mono);
        font-size: 12px;
        line-height: 18px;
      }
      .lines div {
        overflow-wrap: anywhere;
      }
      .warn b {
        color: var(--reeve-warning);
      }
      .error b,
      .fatal b {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this._lines = [];
    this._components = [];
    this._level = 'info';
    this._component = '';
    this._text = '';
    this._follows = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load(0);
    this.#timer = setInterval(() => {
      if (this._follows && !document.hidden) void this.#load(this.#next);
    }, FOLLOW_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(after: number): Promise<void> {
    const asked = `${this._level} ${this._component} ${this._text}`;
    try {
      const query = {
        after,
        level: this._level,
        limit: MOST,
        ...(this._component && { component: this._component }),
        ...(this._text && { text: this._text }),
      };
      const { items, next, components } = await call('GET /api/v1/system/log', { query });
      if (asked !== `${this._level} ${this._component} ${this._text}`) return; // Another was asked for meanwhile.
      this.#next = next;
      this._lines = after === 0 ? items : [...this._lines, ...items].slice(-MOST);
      this._components = [...new Set([...this._components, ...components])].sort();
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override updated(): void {
    const box = this.renderRoot.querySelector('.lines');
    if (box && this._follows) box.scrollTop = box.scrollHeight;
  }

  #download(): void {
    const text = this._lines.map(({ line }) => line).join('\n');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
    link.download = 'reeve-log.jsonl';
    link.click();
    URL.revokeObjectURL(link.href);
  }

  #change(change: Partial<Record<'_level' | '_component' | '_text', string>>): void {
    Object.assign(this, change);
    this.#next = 0;
    void this.#load(0);
  }

  override render() {
    if (this._failure && this._lines.length === 0)
      return failureNotice(msg('The log could not be read'), this._failure, { again: () => void this.#load(0) });
    const value = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;
    return html`<div class="bar">
        <label>${msg('Least level')}
          <select @change=${(event: Event) => this.#change({ _level: value(event) })}>
            ${LEVELS.map((level) => html`<option ?selected=${level === this._level}>${level}</option>`)}
          </select>
        </label>
        <label>${msg('Component')}
          <select @change=${(event: Event) => this.#change({ _component: value(event) })}>
            <option value="">${msg('all')}</option>
            ${this._components.map((name) => html`<option ?selected=${name === this._component}>${name}</option>`)}
          </select>
        </label>
        <label class="text">${msg('Text')}
          <input type="search" .value=${this._text} @change=${(event: Event) => this.#change({ _text: value(event) })} />
        </label>
        <button type="button" aria-pressed=${this._follows} @click=${() => {
          this._follows = !this._follows;
        }}>${msg('Follow')}</button>
        <button type="button" @click=${this.#download}>${msg('Download')}</button>
      </div>
      <div class="lines" role="log" tabindex="0" aria-label=${msg('Log')}>
        ${this._lines.length === 0 ? html`<p class="quiet">${msg('No line of this kind since the start.')}</p>` : nothing}
        ${this._lines.map(({ at, level, component, text, line }) => html`<div class=${level} title=${line}>${at.slice(11, 19)} <b>${level}</b> ${component} ${text}</div>`)}
      </div>`;
  }
}
customElements.define('reeve-log-view', ReeveLogView);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-log-view': ReeveLogView;
  }
}
