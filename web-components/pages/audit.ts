import { css, html, LitElement, nothing } from 'lit';
import type { Finding } from '../../protocol/audits.ts';
import type { AuditDetail } from '../../protocol/routes/audits.ts';
import '../audits/comparison.ts';
import { DETAILS, type Detail, detailTitle, detailView } from '../audits/details.ts';
import '../audits/findings.ts';
import { waiverForm } from '../audits/forms.ts';
import '../audits/score.ts';
import { kindWord } from '../audits/words.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import '../parts/tabs.ts';
import '../parts/time.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { setTitle } from './page.ts';

const DAY_MS = 86_400_000;

/** In which forms an audit can be taken away. Without a name the answer names the file. */
const formsOf = (auditId: string): { form: string; href: string; file?: string }[] => {
  const href = `/api/v1/audits/${auditId}`;
  return [
    { form: 'HTML', href: `${href}/report.html` },
    { form: 'CSV', href: `${href}/findings.csv` },
    { form: 'JSON', href, file: `audit-${auditId}.json` },
  ];
};

/** What one audit found, what the host said of itself, and what is other than before. */
export class ReeveAuditPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #detail = new Reading<AuditDetail>(this, () => this.#load());
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    pageHead,
    css`
      header,
      .sum,
      .actions {
        flex-wrap: wrap;
      }
      .actions,
      .sum {
        display: flex;
        align-items: center;
        gap: 8px 16px;
      }
      .sum {
        margin-bottom: 12px;
      }
      reeve-tabs {
        margin-bottom: 16px;
      }
      .all,
      section {
        display: grid;
        gap: 16px;
      }
      section {
        gap: 8px;
      }
      dl.facts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr));
        gap: 12px 24px;
        padding: 12px 16px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        overflow-wrap: anywhere;
      }
      .plain {
        display: grid;
        gap: 4px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  async #load(): Promise<AuditDetail> {
    const detail = await call('GET /api/v1/audits/:auditId', { params: { auditId: this.params.auditId ?? '' } });
    setTitle(msg('Audit of {name}', { name: detail.audit.targetName }));
    return detail;
  }

  override render() {
    const words = { failed: msg('This audit could not be read'), loading: msg('Loading the audit'), isPage: true };
    return html`${this.#detail.view(words, (detail) => this.#page(detail))} ${this.#dialogs.render()}`;
  }

  #page(detail: AuditDetail) {
    const { audit, facts, previousId } = detail;
    const { tab = 'findings' } = this.params;
    const href = `/audits/results/${audit.id}`;
    const tabs = [
      { id: 'findings', title: msg('Findings'), href },
      ...(previousId ? [{ id: 'compare', title: msg('Compared'), href: `${href}/compare` }] : []),
      ...(facts ? DETAILS.map((id) => ({ id, title: detailTitle(id), href: `${href}/${id}` })) : []),
    ];
    return html`<header>
        <div>
          <h1>${msg('Audit of {name}', { name: audit.targetName })}</h1>
          <p class="quiet">
            ${kindWord(audit.kind)}, <reeve-time .at=${audit.startedAt}></reeve-time> ${msg('by {name}', { name: audit.by })}${audit.os ? html` · ${audit.os}` : nothing}
          </p>
        </div>
        <div class="actions">
          <a class="button" href="/audits/hosts/${audit.targetId}">${msg('All audits')}</a>
          ${formsOf(audit.id).map(({ form, href, file = '' }) => html`<a class="button" download=${file} href=${href}>${form}</a>`)}
        </div>
      </header>
      <div class="sum">
        <reeve-score .score=${audit.score} large></reeve-score>
        ${audit.problem ? html`<span>${audit.problem}</span>` : nothing}
      </div>
      <reeve-tabs label=${msg('Parts of this audit')} .tabs=${tabs} selected=${tab}></reeve-tabs>
      <div class="all">${this.#part(tab, detail)}</div>`;
  }

  #part(tab: string, detail: AuditDetail) {
    const { audit, facts, previousId } = detail;
    if (tab === 'compare' && previousId)
      return html`<reeve-comparison audit-id=${audit.id} before-id=${previousId}></reeve-comparison>`;
    const known = DETAILS.find((each) => each === tab);
    return known && facts ? detailView(known satisfies Detail, facts) : this.#findings(detail);
  }

  #findings({ audit, findings, unjudged, passed }: AuditDetail) {
    const target = { targetId: audit.targetId };
    return html`
      ${
        findings.length === 0
          ? html`<reeve-notice kind="note" heading=${msg('Nothing was found')}></reeve-notice>`
          : html`<reeve-findings
              can-waive
              .findings=${findings}
              @waive=${({ detail }: CustomEvent<{ finding: Finding }>) => this.#waive(target, detail.finding)}
              @unwaive=${({ detail }: CustomEvent<{ waiverId: string }>) => void this.#unwaive(detail.waiverId)}
            ></reeve-findings>`
      }
      ${
        unjudged.length > 0
          ? html`<section><h2>${msg('Not judged')}</h2>
              <ul class="plain">${unjudged.map(({ title, why }) => html`<li>${title}: <span class="quiet">${why}</span></li>`)}</ul></section>`
          : nothing
      }
      ${
        passed.length > 0
          ? html`<section><h2>${msg('In order')}</h2>
              <p class="quiet">${msg('None of these was found:')}</p>
              <ul class="plain quiet">${passed.map(({ title }) => html`<li>${title}</li>`)}</ul></section>`
          : nothing
      }
    `;
  }

  #waive(params: { targetId: string }, { checkId, title }: Finding): void {
    this.#dialogs.fill({
      heading: msg('Waive: {title}', { title }),
      lead: msg('It stays in the list and costs no points, on this host only.'),
      form: waiverForm(),
      verb: msg('Waive it'),
      send: async ({ reason, days }) => {
        const expiresAt = days ? live().fleet.now() + Number(days) * DAY_MS : undefined;
        const body = {
          checkId,
          reason: String(reason ?? ''),
          ...(expiresAt !== undefined && { expiresAt: Math.round(expiresAt) }),
        };
        await call('POST /api/v1/audit-targets/:targetId/waivers', { params, body });
        await this.#detail.load();
      },
    });
  }

  async #unwaive(waiverId: string): Promise<void> {
    await tried(async () => {
      await call('DELETE /api/v1/audit-waivers/:waiverId', { params: { waiverId } });
      await this.#detail.load();
    });
  }
}
customElements.define('reeve-audit-page', ReeveAuditPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-audit-page': ReeveAuditPage;
  }
}
