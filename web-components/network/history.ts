import { css, html, LitElement, nothing, svg } from 'lit';
import type { DeviceDetail } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import { dayText, exactTime, formatSpan } from '../times.ts';

const DAY_MS = 86_400_000;
const DAYS = 14;
const ROW = 16;
const WIDTH = 240;

export interface Bar {
  /** Share of the day at which it begins and ends. */
  from: number;
  to: number;
}

/** Day by day, the newest first: in which parts of it a device was here. Days are those of this device's clock. */
export function barsOf(spans: DeviceDetail['spans'], now: number, days = DAYS): { day: number; bars: Bar[] }[] {
  const today = new Date(now);
  today.setHours(0, 0, 0, 0);
  return Array.from({ length: days }, (_, n) => {
    const start = new Date(today);
    start.setDate(start.getDate() - n);
    const end = new Date(start);
    end.setDate(end.getDate() + 1);
    const [from, to] = [start.getTime(), end.getTime()];
    const bars = spans
      .filter((span) => span.to >= from && span.from < to)
      .map((span) => ({
        from: (Math.max(span.from, from) - from) / (to - from),
        to: (Math.min(Math.max(span.to, span.from + DAY_MS / 200), to) - from) / (to - from),
      }));
    return { day: from, bars };
  });
}

/** `<reeve-device-history .spans=${spans} .now=${now}>`: when a device was here, two weeks as one line for each day, and its last absences. */
export class ReeveDeviceHistory extends LitElement {
  static override properties = { spans: { attribute: false }, now: { type: Number } };
  declare spans: DeviceDetail['spans'];
  declare now: number;

  static override styles = [
    base,
    css`
      .days {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 2px 12px;
        align-items: center;
        margin-bottom: 12px;
      }
      svg {
        width: 100%;
        height: 10px;
        background: var(--reeve-line);
        border-radius: 2px;
      }
      rect {
        fill: var(--reeve-info-mark);
      }
      ol {
        display: grid;
        gap: 2px;
      }
    `,
  ];

  constructor() {
    super();
    this.spans = [];
    this.now = 0;
  }

  override render() {
    if (this.spans.length === 0) return html`<p class="quiet">${msg('It was never seen.')}</p>`;
    const absences = this.spans.slice(0, 6).flatMap((span, n) => {
      const before = this.spans[n + 1];
      return before ? [{ from: before.to, to: span.from }] : [];
    });
    return html`<div class="days" role="img" aria-label=${msg('When it was here, the last {count} days', { count: DAYS })}>
        ${barsOf(this.spans, this.now).map(
          ({ day, bars }) => html`<span class="value quiet">${dayText(day)}</span>
            <svg viewBox="0 0 ${WIDTH} ${ROW}" preserveAspectRatio="none" aria-hidden="true">
              ${bars.map((bar) => svg`<rect x=${bar.from * WIDTH} width=${Math.max(1, (bar.to - bar.from) * WIDTH)} y="0" height=${ROW}/>`)}
            </svg>`,
        )}
      </div>
      ${
        absences.length === 0
          ? nothing
          : html`<h3>${msg('Last absences')}</h3>
            <ol>${absences.map(({ from, to }) => html`<li class="quiet">${msg('{span} from {from}', { span: formatSpan(to - from), from: exactTime(from) })}</li>`)}</ol>`
      }`;
  }
}
customElements.define('reeve-device-history', ReeveDeviceHistory);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-device-history': ReeveDeviceHistory;
  }
}
