import { css, html, LitElement, nothing } from 'lit';
import type { Finding } from '../../protocol/audits.ts';
import { msg, plural } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/state-icon.ts';
import { may } from '../session.ts';
import { severityLevel, severityWord } from '../severity.ts';
import { dayText } from '../times.ts';

/**
 * `<reeve-findings .findings=${findings} can-waive>`: findings with evidence, reason and remedy, worst first. Events `waive`
 * (`detail.finding`) and `unwaive` (`detail.waiverId`).
 */
export class ReeveFindings extends LitElement {
  static override properties = {
    findings: { attribute: false },
    canWaive: { type: Boolean, attribute: 'can-waive' },
  };
  declare findings: readonly Finding[];
  declare canWaive: boolean;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      ul.list {
        display: grid;
        gap: 8px;
      }
      .finding {
        display: grid;
        gap: 8px;
        padding: 12px 16px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        overflow-wrap: anywhere;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      .head h2 {
        flex: 1 1 200px;
      }
      .evidence {
        display: grid;
        gap: 2px;
        font: 13px/20px var(--reeve-mono);
      }
      .remedy {
        max-width: 80ch;
      }
      details summary {
        cursor: pointer;
        color: var(--reeve-accent);
      }
    `,
  ];

  constructor() {
    super();
    this.findings = [];
  }

  override render() {
    return html`<ul class="list">${this.findings.map((finding) => this.#finding(finding))}</ul>`;
  }

  #finding(finding: Finding) {
    const { severity, title, points, evidence, reason, remedy, waiver } = finding;
    const [first, rest] = [evidence.slice(0, 5), evidence.slice(5)];
    return html`<li class="finding">
      <div class="head">
        <reeve-state level=${waiver ? 'unknown' : severityLevel(severity)} word=${waiver ? msg('waived') : severityWord(severity)}></reeve-state>
        <h2>${title}</h2>
        <span class="quiet">${waiver ? msg('costs nothing') : plural(points, { one: msg('costs {count} point'), other: msg('costs {count} points') })}</span>
        ${this.#action(finding)}
      </div>
      <ul class="evidence">${first.map((line) => html`<li>${line}</li>`)}</ul>
      ${
        rest.length > 0
          ? html`<details><summary>${msg('{count} more', { count: rest.length })}</summary>
              <ul class="evidence">${rest.map((line) => html`<li>${line}</li>`)}</ul></details>`
          : nothing
      }
      <p class="quiet remedy">${reason}</p>
      <p class="remedy">${this.#remedy(remedy)}</p>
      ${
        waiver
          ? html`<p class="quiet">${msg('Waived by {name}: {reason}', { name: waiver.by, reason: waiver.reason })}
              ${waiver.expiresAt === undefined ? nothing : msg('Until {day}.', { day: dayText(waiver.expiresAt) })}</p>`
          : nothing
      }
    </li>`;
  }

  /** Commands stand between backquotes. */
  #remedy(text: string) {
    return text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part));
  }

  #action(finding: Finding) {
    if (!this.canWaive || !may('admin')) return nothing;
    const { waiver } = finding;
    return waiver
      ? html`<button type="button" @click=${() => this.#say('unwaive', { waiverId: waiver.id })}>${msg('End the waiver')}</button>`
      : html`<button type="button" @click=${() => this.#say('waive', { finding })}>${msg('Waive…')}</button>`;
  }

  #say(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
customElements.define('reeve-findings', ReeveFindings);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-findings': ReeveFindings;
  }
}
