import { css, html, LitElement, nothing } from 'lit';
import type { Alert, Transition } from '../../protocol/alerts.ts';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { severityLevel } from '../severity.ts';
import { sinceText } from '../times.ts';
import { storyStyles } from './story-styles.ts';

/** `<reeve-alert-timeline .alert=${alert} .now=${ms}>`: everything that happened to an alert, newest first: when, what, by whom, why, and whether it was told. */
export class ReeveAlertTimeline extends LitElement {
  static override properties = { alert: { attribute: false }, now: { type: Number } };
  declare alert: Alert | undefined;
  declare now: number;

  static override styles = [
    base,
    storyStyles,
    css`
      li {
        display: grid;
        grid-template-columns: max-content 16px minmax(0, 1fr);
        gap: 0 12px;
      }
      reeve-state {
        padding-top: 3px;
        align-self: start;
      }
      @media (max-width: 719px) {
        li {
          grid-template-columns: 16px minmax(0, 1fr);
        }
        .value {
          grid-column: 2;
          grid-row: 2;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.now = Date.now();
  }

  override render() {
    const { alert } = this;
    if (!alert) return nothing;
    return html`<h2>${msg('What happened')}</h2>
      <ol reversed>
        ${alert.transitions.toReversed().map((transition) => this.#transition(transition, alert))}
      </ol>`;
  }

  #transition({ at, kind, text, by, isTold, whyNot }: Transition, { severity }: Alert) {
    return html`<li>
      <span class="value">${sinceText(at, this.now)}</span>
      <reeve-state level=${levelOf(kind, severityLevel(severity))} quiet word=" "></reeve-state>
      <div>
        <b>${kindWord(kind)}${by === undefined ? '' : msg(' by {name}', { name: by })}</b>
        ${text === '' || kind === 'pending' ? nothing : html`<span>${text}</span>`}
        ${by === undefined && (isTold || whyNot !== undefined) ? html`<p>${isTold ? msg('Handed to the notifications.') : msg('Nobody was told: {why}.', { why: whyNot ?? '' })}</p>` : nothing}
      </div>
    </li>`;
  }
}
customElements.define('reeve-alert-timeline', ReeveAlertTimeline);

/** A kind of transition in a word or two. */
export function kindWord(kind: Transition['kind']): string {
  const words: Record<Transition['kind'], string> = {
    pending: msg('Began'),
    fired: msg('Fired'),
    resolved: msg('Over'),
    flapping: msg('Flapping'),
    settled: msg('Settled'),
    stale: msg('Stale'),
    fresh: msg('Values are back'),
    raised: msg('No longer covered'),
    woken: msg('Snooze over'),
    held: msg('Kept quiet'),
    released: msg('No longer kept quiet'),
    acknowledged: msg('Acknowledged'),
    snoozed: msg('Snoozed'),
    commented: msg('Comment'),
  };
  return words[kind] ?? kind;
}

function levelOf(kind: Transition['kind'], severity: Level): Level {
  if (kind === 'fired' || kind === 'raised' || kind === 'woken' || kind === 'released') return severity;
  return kind === 'resolved' ? 'ok' : 'unknown';
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-timeline': ReeveAlertTimeline;
  }
}
