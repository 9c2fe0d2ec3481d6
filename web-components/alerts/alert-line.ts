import { type CSSResult, css, html, type TemplateResult } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import '../parts/time.ts';
import { severityWord } from '../severity.ts';
import { alertLevel } from './level.ts';

/** Styles of the lines that `alertLine` draws. */
export const alertLineStyles: CSSResult = css`
  .alert-line {
    display: grid;
    grid-template-columns: 16px minmax(0, 1fr);
    gap: 0 8px;
    padding: 8px 0;
    border-top: 1px solid var(--reeve-line);
    overflow-wrap: anywhere;
  }
  .alert-line reeve-state {
    align-self: start;
    padding-top: 3px;
  }
  .alert-line a {
    color: var(--reeve-text);
    text-decoration: none;
  }
  .alert-line a:hover {
    text-decoration: underline;
  }
`;

/** An alert in two lines: shape and title, then host and since when; what is over says so. */
export const alertLine = (alert: AlertHead, mark: unknown = ''): TemplateResult => html`<li class="alert-line">
  <reeve-state level=${alertLevel(alert)} word=${severityWord(alert.severity)} quiet></reeve-state>
  <div>
    <a href="/alerts/${alert.id}">${alert.title}</a>${mark}
    <div class="quiet">
      ${[alert.hostName, alert.status === 'resolved' ? msg('over') : undefined].filter(Boolean).map((word) => `${word} · `)}<reeve-time .at=${alert.firedAt}></reeve-time>
    </div>
  </div>
</li>`;
