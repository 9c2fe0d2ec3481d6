import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { actionWords, targetsText } from '../agents/ceiling-words.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';

/** `<reeve-ceiling .host=${host}>`: what the agent of a host may ever be asked to do; nothing for a host without an agent. */
export class ReeveCeiling extends LitElement {
  static override properties = { host: { attribute: false } };
  declare host: Host | undefined;

  static override styles = [
    base,
    css`
      h2 {
        margin: 16px 0 8px;
        color: var(--reeve-muted);
      }
      ul {
        display: grid;
        gap: 4px;
        margin: 0 0 8px;
        padding: 0;
        list-style: none;
      }
      li {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { host } = this;
    if (host?.agentVersion === undefined) return nothing;
    return html`<h2>${msg('What this agent may do')}</h2>
      ${allowed(host)}
      <p class="quiet">${msg('Fixed on the machine, in the agent’s own file. Reeve cannot raise it.')}</p>`;
  }
}
customElements.define('reeve-ceiling', ReeveCeiling);

function allowed({ may }: Host) {
  if (may === undefined)
    return html`<p>${msg('It does not say: bring it up to date. An agent of that age only watches.')}</p>`;
  if (may.length === 0) return html`<p>${msg('Only watch.')}</p>`;
  return html`<ul>
    ${may.map(
      ({ action, targets }) =>
        html`<li>${actionWords(action)}${targets ? html`: <span class="value">${targetsText(targets)}</span>` : nothing}</li>`,
    )}
  </ul>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-ceiling': ReeveCeiling;
  }
}
