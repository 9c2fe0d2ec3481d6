import { css, html, nothing } from 'lit';
import type { AuditSummary } from '../../protocol/audits.ts';
import { msg } from '../msg.ts';
import '../parts/spark-line.ts';
import '../parts/state-icon.ts';
import { latest } from './follow.ts';
import './score.ts';
import { auditState, sectionWord, type Target } from './words.ts';

/** To be among the styles of whoever draws `nowView`. */
export const nowStyles = css`
  .now {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 24px;
    padding: 12px 16px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  .now reeve-spark {
    width: 160px;
  }
  .now > div {
    display: grid;
    gap: 4px;
  }
  progress {
    width: 100%;
    accent-color: var(--reeve-accent);
  }
`;

/** How the last audit went or how far it is, what came of the last one that was judged, and the trend of the score. */
export function nowView(target: Target, audits: readonly AuditSummary[]) {
  const last = latest(target);
  if (!last) return nothing;
  const { level, word } = auditState(last);
  const scores = audits.flatMap(({ score }) => score ?? []).reverse();
  const points = { length: scores.length, at: (n: number) => n, value: (n: number) => scores[n] ?? 0 };
  const judged = audits.find(({ score }) => score !== undefined);
  return html`<div class="now">
    ${judged ? html`<div><reeve-score .score=${judged.score} large></reeve-score><a href="/audits/results/${judged.id}">${msg('Show what was found')}</a></div>` : nothing}
    ${scores.length > 1 ? html`<div><reeve-spark label=${msg('Score of the last audits')} .points=${points} max="100" gap-ms="1000" .version=${scores.length}></reeve-spark><span class="quiet">${msg('last {count} audits', { count: scores.length })}</span></div>` : nothing}
    <div>
      <reeve-state level=${level} word=${word}></reeve-state>
      ${last.progress ? html`<progress max=${last.progress.of} .value=${last.progress.done} aria-label=${msg('Progress of the audit')}></progress><span class="quiet">${sectionWord(last.progress.section)}</span>` : nothing}
      ${last.problem ? html`<p>${last.problem}</p>` : nothing}
    </div>
  </div>`;
}
