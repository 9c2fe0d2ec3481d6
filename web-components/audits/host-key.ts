import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import '../parts/notice.ts';
import { may } from '../session.ts';
import type { Target } from './words.ts';

/** `<reeve-host-key .target=${target}>`: the key that a host has shown and nobody has accepted. Event `accept` when a person does. */
export class ReeveHostKey extends LitElement {
  static override properties = { target: { attribute: false } };
  declare target: Target | undefined;

  static override styles = [
    base,
    buttons,
    copied,
    css`
      :host {
        display: block;
      }
      reeve-notice {
        max-width: none;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { target } = this;
    if (!target?.pending) return undefined;
    const { pin, pending } = target;
    return html`<reeve-notice
      kind="warning"
      heading=${pin ? msg('{name} shows another host key than before', { name: target.name }) : msg('Is this the host key of {name}?', { name: target.name })}
    >
      <p>
        ${
          pin
            ? msg(
                'It was installed anew, or something stands in its place and wants to be taken for it. Nothing was sent to it.',
              )
            : msg('Nothing was sent to it yet. Compare the key with what the host itself says, on its own console:')
        }
      </p>
      <pre>${`ssh-keygen -lf /etc/ssh/ssh_host_${keyFile(pending.type)}_key.pub`}</pre>
      <pre>${pending.sha256} (${pending.type})</pre>
      ${pin ? html`<p>${msg('Accepted so far, by {name}:', { name: pin.acceptedBy })} <code>${pin.sha256}</code></p>` : undefined}
      ${
        may('admin')
          ? html`<button type="button" class=${pin ? 'danger' : 'primary'} @click=${this.#accept}>
              ${pin ? msg('It is the same host: accept its new key') : msg('The keys are the same: accept')}
            </button>`
          : html`<p>${msg('An admin has to accept it.')}</p>`
      }
    </reeve-notice>`;
  }

  #accept(): void {
    this.dispatchEvent(new CustomEvent('accept'));
  }
}
customElements.define('reeve-host-key', ReeveHostKey);

const keyFile = (type: string): string =>
  type.includes('ed25519') ? 'ed25519' : type.startsWith('ecdsa') ? 'ecdsa' : 'rsa';

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-key': ReeveHostKey;
  }
}
