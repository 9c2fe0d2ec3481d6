import { css, html, LitElement, nothing } from 'lit';
import type { AuditComparison } from '../../protocol/routes/audits.ts';
import { msg, plural } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import '../parts/notice.ts';
import { call } from '../rest.ts';
import './findings.ts';
import './score.ts';

/** `<reeve-comparison audit-id="…" before-id="…">`: what is other than in an earlier audit of the same host. */
export class ReeveComparison extends LitElement {
  static override properties = {
    auditId: { type: String, attribute: 'audit-id' },
    beforeId: { type: String, attribute: 'before-id' },
  };
  declare auditId: string;
  declare beforeId: string;
  readonly #comparison = new Reading<AuditComparison>(this, () =>
    call('GET /api/v1/audits/:auditId/compare/:beforeId', {
      params: { auditId: this.auditId, beforeId: this.beforeId },
    }),
  );

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .all {
        display: grid;
        gap: 16px;
      }
      .scores {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      section {
        display: grid;
        gap: 8px;
      }
      ul.changes {
        display: grid;
        gap: 2px;
        font: 13px/20px var(--reeve-mono);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override updated(changed: Map<string, unknown>): void {
    if (changed.get('auditId') !== undefined || changed.get('beforeId') !== undefined) void this.#comparison.load();
  }

  override render() {
    const words = { failed: msg('The audits could not be compared'), loading: msg('Comparing') };
    return this.#comparison.view(words, (comparison) => this.#view(comparison));
  }

  #view({ before, after, appeared, gone, stayed, judgedOnce, changes }: AuditComparison) {
    const difference = (after.score ?? 0) - (before.score ?? 0);
    return html`<div class="all">
      <p class="scores">
        <span>${msg('Score')}</span><reeve-score .score=${before.score}></reeve-score><span>→</span><reeve-score .score=${after.score}></reeve-score>
        <span class="quiet">${before.kind !== after.kind ? msg('a quick audit judges less than a full one') : difference === 0 ? msg('the same') : difference > 0 ? msg('{count} better', { count: difference }) : msg('{count} worse', { count: -difference })}</span>
      </p>
      ${this.#findings(msg('New findings'), appeared, msg('Nothing new was found.'))}
      ${this.#findings(msg('No longer found'), gone, msg('Everything that was found before is still there.'))}
      ${judgedOnce.length > 0 ? this.#findings(msg('Judged by one of the two only'), judgedOnce, '') : nothing}
      <p class="quiet">${plural(stayed.length, { one: msg('1 finding is in both.'), other: msg('{count} findings are in both.') })}</p>
      <section>
        <h2>${msg('What else has changed')}</h2>
        ${changes.length === 0 ? html`<p class="quiet">${msg('Nothing that both audits have read.')}</p>` : changes.map((change) => this.#change(change))}
      </section>
    </div>`;
  }

  #findings(title: string, findings: AuditComparison['appeared'], none: string) {
    return html`<section><h2>${title}</h2>
      ${findings.length === 0 ? html`<p class="quiet">${none}</p>` : html`<reeve-findings .findings=${findings}></reeve-findings>`}</section>`;
  }

  #change({ title, lines, more }: AuditComparison['changes'][number]) {
    const words = { added: msg('new'), removed: msg('gone'), changed: msg('other') };
    return html`<section><h3>${title}</h3>
      <ul class="changes">${lines.map(
        ({ kind, name, before = '', after = '' }) =>
          html`<li><span class="quiet">${words[kind]}</span> ${name} ${kind === 'changed' ? html`${before} → ${after}` : before || after}</li>`,
      )}</ul>
      ${more > 0 ? html`<p class="quiet">${msg('and {count} more', { count: more })}</p>` : nothing}</section>`;
  }
}
customElements.define('reeve-comparison', ReeveComparison);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-comparison': ReeveComparison;
  }
}
