import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';

type Discovered = ResponseOf<'GET /api/v1/agents/discovered'>['items'];

const ASK_MS = 15_000;

/** `<reeve-discovered>`: agents that announce themselves on the LAN and are not paired. Event `add` with `detail.name`. Nothing when there are none. */
export class ReeveDiscovered extends LitElement {
  static override properties = { _found: { state: true } };
  declare _found: Discovered;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    base,
    buttons,
    css`
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        padding: 8px 0;
        border-top: 1px solid var(--reeve-line);
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this._found = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), ASK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (document.hidden) return;
    const found = await call('GET /api/v1/agents/discovered', { query: {} }).catch(() => undefined);
    this._found = found?.items ?? this._found;
    this.toggleAttribute('filled', this._found.length > 0);
  }

  override render() {
    if (this._found.length === 0) return nothing;
    return html`<h2>${msg('Found on the LAN')}</h2>
      <ul>
        ${this._found.map(
          ({ name, address }) => html`<li>
            <div>
              <div class="name">${name}</div>
              <div class="quiet value">${address}</div>
            </div>
            <button type="button" @click=${() => this.#add(name)}>${msg('Add…')}</button>
          </li>`,
        )}
      </ul>`;
  }

  #add(name: string): void {
    this.dispatchEvent(new CustomEvent('add', { detail: { name } }));
  }
}
customElements.define('reeve-discovered', ReeveDiscovered);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-discovered': ReeveDiscovered;
  }
}
