import { css, html, LitElement, nothing } from 'lit';
import type { AuditSummary, Finding } from '../../protocol/audits.ts';
import type { Host } from '../../protocol/hosts.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import './findings.ts';
import { FollowAudits, latest } from './follow.ts';
import { nowStyles, nowView } from './now.ts';
import { placeOf, type Target } from './words.ts';

interface Audited {
  target: Target;
  audits: readonly AuditSummary[];
  /** Of the last audit that was judged; absent while there is none. */
  findings?: readonly Finding[];
}

/** `<reeve-host-audits .host=${host}>`: how a host was audited last, by its agent or over SSH, and what was found. */
export class ReeveHostAudits extends LitElement {
  static override properties = { host: { attribute: false } };
  declare host: Host | undefined;
  readonly #read = new Reading<readonly Audited[]>(this, () => this.#load());

  static override styles = [
    base,
    buttons,
    nowStyles,
    css`
      :host,
      section {
        display: grid;
        gap: 16px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
      }
      h2,
      p {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    new FollowAudits(this, () => void this.#read.load());
  }

  override updated(changed: Map<string, unknown>): void {
    const before = changed.get('host') as Host | undefined;
    if (before && before.id !== this.host?.id) void this.#read.load();
  }

  /** Its own targets, and those that are reached at one of its addresses. */
  async #load(): Promise<Audited[]> {
    const { host } = this;
    const addresses = [...(host?.addresses ?? []), ...(host?.facts?.addresses ?? [])];
    const isIts = ({ hostId, address = '' }: Target): boolean =>
      hostId === undefined ? addresses.includes(address) : hostId === host?.id;
    return Promise.all((await allOf('GET /api/v1/audit-targets')).filter(isIts).map(audited));
  }

  override render() {
    const words = { failed: msg('Its audits could not be read'), loading: msg('Loading its audits') };
    return this.#read.view(words, (all) => (all.length === 0 ? this.#none() : all.map((each) => this.#target(each))));
  }

  #none() {
    const isAgents = this.host?.kind === 'agent';
    return html`<reeve-notice kind="empty" heading=${msg('This host is not audited yet')}>
      <p>${msg('An audit reads how a host is set up, changes nothing, and says what is wrong and what to do.')}</p>
      ${isAgents && may('admin') ? html`<button type="button" class="primary" @click=${this.#begin}>${msg('Audit by its agent')}</button>` : nothing}
      <a href="/audits">${msg('Go to the audits')}</a>
    </reeve-notice>`;
  }

  #target({ target, audits, findings }: Audited) {
    const isIdle = may('operator') && !target.pending && latest(target)?.state !== 'running';
    return html`<section>
      <header>
        <div>
          <h2><a href="/audits/hosts/${target.id}">${target.name}</a></h2>
          <p class="quiet">${placeOf(target)}</p>
        </div>
        ${isIdle ? html`<button type="button" @click=${() => void this.#do(() => start(target.id))}>${msg('Audit now')}</button>` : nothing}
      </header>
      ${target.pending ? html`<p><a href="/audits/hosts/${target.id}">${msg('Its host key has to be accepted first.')}</a></p>` : nothing}
      ${nowView(target, audits)}
      ${findings === undefined ? nothing : findings.length === 0 ? html`<p class="quiet">${msg('Nothing was found.')}</p>` : html`<reeve-findings .findings=${findings}></reeve-findings>`}
    </section>`;
  }

  readonly #begin = (): Promise<void> =>
    this.#do(async () => {
      const { id } = await call('POST /api/v1/audit-targets', { body: { hostId: this.host?.id ?? '' } });
      await start(id);
    });

  async #do(what: () => Promise<unknown>): Promise<void> {
    await tried(what);
    await this.#read.load();
  }
}
customElements.define('reeve-host-audits', ReeveHostAudits);

const start = (targetId: string) =>
  call('POST /api/v1/audit-targets/:targetId/audits', { params: { targetId }, body: {} });

async function audited(target: Target): Promise<Audited> {
  const { items: audits } = await call('GET /api/v1/audits', { query: { targetId: target.id, limit: 20 } });
  const judged = audits.find(({ score }) => score !== undefined);
  if (!judged) return { target, audits };
  const { findings } = await call('GET /api/v1/audits/:auditId', { params: { auditId: judged.id } });
  return { target, audits, findings };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-audits': ReeveHostAudits;
  }
}
