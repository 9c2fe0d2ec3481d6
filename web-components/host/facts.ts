import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import '../parts/time.ts';
import { formatSpan } from '../times.ts';

/** `<reeve-facts .host=${host} offset-ms="0">`: what a host is, as its agent said. */
export class ReeveFacts extends LitElement {
  static override properties = {
    host: { attribute: false },
    lastAt: { type: Number, attribute: 'last-at' },
    offsetMs: { type: Number, attribute: 'offset-ms' },
  };
  declare host: Host | undefined;
  /** Moment of the newest values, where it is known better than by the host. */
  declare lastAt: number | undefined;
  declare offsetMs: number;

  static override styles = [
    base,
    css`
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 4px 16px;
      }
      dt {
        color: var(--reeve-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.offsetMs = 0;
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    const rows = [...systemRows(host), ...this.#agentRows(host)].filter(
      ([, value]) => value !== undefined && value !== '',
    );
    return html`<h2>${msg('Facts')}</h2>
      <dl>
        ${rows.map(
          ([title, value]) => html`<dt>${title}</dt>
          <dd>${value}</dd>`,
        )}
      </dl>`;
  }

  #agentRows({ agentVersion, intervalMs, lastSeenAt, createdAt }: Host): [string, unknown][] {
    const time = (at: number | undefined) =>
      at === undefined ? undefined : html`<reeve-time .at=${at} .offsetMs=${this.offsetMs}></reeve-time>`;
    return [
      [msg('Agent'), agentVersion],
      [msg('Interval'), formatSpan(intervalMs)],
      [msg('Last values'), time(this.lastAt ?? lastSeenAt)],
      [msg('Added'), time(createdAt)],
    ];
  }
}
customElements.define('reeve-facts', ReeveFacts);

function systemRows({ facts }: Host): [string, unknown][] {
  if (!facts) return [];
  const { hostName, os, kernel, architecture, cpuModel, cpuCores, memoryBytes, virtualisation, addresses, macs } =
    facts;
  const mono = (lines: readonly string[]) => lines.map((line) => html`<div class="value">${line}</div>`);
  return [
    [msg('Host name'), hostName],
    [msg('System'), os],
    [msg('Kernel'), `${kernel} ${architecture}`.trim()],
    [msg('Processor'), [cpuModel, cpuCores && msg('{count} cores', { count: cpuCores })].filter(Boolean).join(', ')],
    [msg('Memory'), memoryBytes === undefined ? undefined : formatValue(memoryBytes, 'By', { binary: true })],
    [msg('Virtualisation'), virtualisation],
    [msg('Addresses'), addresses.length > 0 ? mono(addresses) : undefined],
    [msg('MAC'), macs.length > 0 ? mono(macs) : undefined],
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-facts': ReeveFacts;
  }
}
