import { css, html, nothing } from 'lit';
import { msg, plural } from '../msg.ts';
import '../parts/state-icon.ts';
import type { ResponseOf } from '../rest.ts';
import { severityLevel, severityWord } from '../severity.ts';
import './score.ts';

export type Overview = ResponseOf<'GET /api/v1/audits/overview'>;

/** To be among the styles of whoever draws `overviewView`. */
export const overviewStyles = css`
  .overview {
    display: grid;
    gap: 12px;
    padding: 12px 16px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  .sum {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
  }
  ul.worst {
    display: grid;
    gap: 4px;
  }
  ul.worst li {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
    align-items: center;
    overflow-wrap: anywhere;
  }
`;

/** Score over all hosts, and the findings that are worst with where they are. */
export function overviewView({ score, audited, targets, worst }: Overview) {
  return html`<section class="overview" aria-label=${msg('What is worst')}>
    <div class="sum">
      <reeve-score .score=${score} large></reeve-score>
      <span class="quiet">${msg('on average, {audited} of {targets} hosts audited', { audited, targets })}</span>
    </div>
    ${
      worst.length === 0
        ? html`<p>${msg('Nothing was found that nobody has waived.')}</p>`
        : html`<ul class="worst">
            ${worst.slice(0, 6).map(
              ({ severity, title, targets: where }) => html`<li>
                <reeve-state level=${severityLevel(severity)} word=${severityWord(severity)}></reeve-state>
                <span>${title}</span>
                <span class="quiet">${where
                  .slice(0, 3)
                  .map(
                    ({ name, auditId }, n) =>
                      html`${n > 0 ? ', ' : ''}<a href="/audits/results/${auditId}">${name}</a>`,
                  )}${where.length > 3 ? ` ${plural(where.length - 3, { one: msg('and {count} more'), other: msg('and {count} more') })}` : nothing}</span>
              </li>`,
            )}
          </ul>`
    }
  </section>`;
}
