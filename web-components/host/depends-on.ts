import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';

/** Where it was learnt, for people. */
export const learntText = ({ from, evidence }: NonNullable<Host['learntParent']>): string =>
  from === 'gateway'
    ? msg('Learnt from its gateway {evidence}', { evidence })
    : msg('Learnt from its hypervisor, which has {evidence}', { evidence });

/** `<reeve-depends-on .host=${host}>`: what a host depends on, whether a person said so or it was learnt, and a way to take off what was learnt. */
export class ReeveDependsOn extends LitElement {
  static override properties = { host: { attribute: false }, _isBusy: { state: true } };
  declare host: Host | undefined;
  declare _isBusy: boolean;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 4px;
        justify-items: start;
      }
    `,
  ];

  constructor() {
    super();
    this._isBusy = false;
    new Follow(this, () => [live().fleet]);
  }

  override render() {
    const { host } = this;
    const { learntParent } = host ?? {};
    const id = host?.parentId ?? learntParent?.id;
    if (!host || id === undefined) return nothing;
    const link = html`<a href="/hosts/${id}">${live().fleet.get(id)?.name ?? msg('a host that is gone')}</a>`;
    if (host.parentId !== undefined || !learntParent) return link;
    return html`${link}
      <span class="quiet">${learntText(learntParent)}</span>
      ${
        may('admin')
          ? html`<button type="button" ?disabled=${this._isBusy} @click=${() => void this.#takeOff(host)}>
              ${msg('Take it off')}
            </button>`
          : nothing
      }`;
  }

  async #takeOff({ id, rev }: Host): Promise<void> {
    this._isBusy = true;
    await tried(async () => {
      const changed = await this.#learns(id, rev, false);
      const undo = () => void tried(() => this.#learns(id, changed.rev, null));
      toast({ text: msg('What it depends on is no longer learnt'), undo });
    });
    this._isBusy = false;
  }

  #learns(hostId: string, rev: number, learnsParent: boolean | null): Promise<Host> {
    return call('PATCH /api/v1/hosts/:hostId', { params: { hostId }, body: { rev, learnsParent } });
  }
}
customElements.define('reeve-depends-on', ReeveDependsOn);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-depends-on': ReeveDependsOn;
  }
}
