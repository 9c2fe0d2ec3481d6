import { css, html, LitElement, nothing } from 'lit';
import { hostCondition } from '../condition.ts';
import '../fleet/add-host.ts';
import '../fleet/discovered.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { icon } from '../parts/icons.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { stepStyles } from './styles.ts';

/** `<reeve-host-step>`: the first host, from what announces itself on the LAN or by the command for any machine. Event `done`. */
export class ReeveHostStep extends LitElement {
  static override properties = { _adding: { state: true } };
  /** Name for the new host while the dialog is open. */
  declare _adding: string | undefined;

  static override styles = [
    base,
    buttons,
    stepStyles,
    css`
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 0;
        border-top: 1px solid var(--reeve-line);
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
    `,
  ];

  constructor() {
    super();
    new Follow(this, () => [live().fleet]);
  }

  override render() {
    const { hosts } = live().fleet;
    const hasOther = hosts.some(({ isAppliance }) => !isAppliance);
    return html`<h1>${msg('Add your first host')}</h1>
      <p class="quiet">
        ${msg('Reeve makes a command for the new machine. Its agent installs itself there, and the host appears here by itself.')}
      </p>
      ${hosts.length === 0 ? nothing : this.#watched()}
      <reeve-discovered @add=${({ detail }: CustomEvent<{ name: string }>) => this.#add(detail.name)}></reeve-discovered>
      <div class="actions">
        <button type="button" class=${hasOther ? '' : 'primary'} @click=${() => this.#add('')}>
          ${icon('plus')}${hasOther ? msg('Add another host') : msg('Add a host')}
        </button>
        <button type="button" class=${hasOther ? 'primary' : ''} @click=${this.#done}>
          ${hasOther ? msg('Open the dashboard') : msg('Later, open the dashboard')}
        </button>
      </div>
      <reeve-add-host
        ?open=${this._adding !== undefined}
        name=${this._adding ?? ''}
        @close=${this.#added}
      ></reeve-add-host>`;
  }

  #watched() {
    const { fleet } = live();
    return html`<section aria-labelledby="watched">
      <h2 id="watched">${msg('Watched already')}</h2>
      <ul>
        ${fleet.hosts.map((host) => {
          const { level, word } = hostCondition(host, fleet.card(host.id), undefined);
          return html`<li>
            <reeve-state level=${level} word=${word} quiet></reeve-state>
            <span class="name">${host.name}</span>
            ${host.isAppliance ? html`<span class="quiet">${msg('this machine')}</span>` : nothing}
          </li>`;
        })}
      </ul>
    </section>`;
  }

  #add(name: string): void {
    this._adding = name;
  }

  #added(): void {
    this._adding = undefined;
  }

  #done(): void {
    this.dispatchEvent(new CustomEvent('done'));
  }
}
customElements.define('reeve-host-step', ReeveHostStep);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-step': ReeveHostStep;
  }
}
