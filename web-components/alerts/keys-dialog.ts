import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import { base, fields } from '../parts/styles.ts';
import { prefer, preferences } from '../preferences.ts';
import { may } from '../session.ts';
import { keyHelp } from './keys.ts';

/** `<reeve-alert-keys open>`: which keys act on the list of alerts, and the switch for those who type by voice. Event `close`. */
export class ReeveAlertKeys extends LitElement {
  static override properties = { open: { type: Boolean } };
  declare open: boolean;

  static override styles = [
    base,
    fields,
    css`
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 8px 16px;
        margin-bottom: 16px;
      }
      kbd {
        padding: 0 8px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: 4px;
        font: 13px/20px var(--reeve-mono);
      }
      label {
        display: flex;
        align-items: center;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.open = false;
  }

  override render() {
    return html`<reeve-dialog
      heading=${msg('Keys for alerts')}
      ?open=${this.open}
      @close=${() => this.dispatchEvent(new CustomEvent('close'))}
    >
      <div>
        <dl>
          ${keyHelp(may('operator')).map(
            ([key, what]) => html`<dt><kbd>${key}</kbd></dt>
              <dd>${what}</dd>`,
          )}
        </dl>
        <label
          ><input
            type="checkbox"
            .checked=${preferences().alertKeys !== 'off'}
            @change=${(event: Event) => {
              prefer({ alertKeys: (event.target as HTMLInputElement).checked ? 'on' : 'off' });
            }}
          />${msg('Single keys are on. Everything they do is in the menu of each alert too.')}</label
        >
      </div>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-alert-keys', ReeveAlertKeys);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-keys': ReeveAlertKeys;
  }
}
