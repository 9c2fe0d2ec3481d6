import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import '../parts/time.ts';
import { formatSpan } from '../times.ts';
import './depends-on.ts';

/** `<reeve-facts .host=${host}>`: what a host is, as people and its agent say; people first where they differ. */
export class ReeveFacts extends LitElement {
  static override properties = {
    host: { attribute: false },
    lastAt: { type: Number, attribute: 'last-at' },
  };
  declare host: Host | undefined;
  /** Moment of the newest values, where it is known better than by the host. */
  declare lastAt: number | undefined;

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

  override render() {
    const { host } = this;
    if (!host) return nothing;
    const rows = [...placeRows(host), ...systemRows(host), ...this.#agentRows(host)].filter(
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
    const time = (at: number | undefined) => (at === undefined ? undefined : html`<reeve-time .at=${at}></reeve-time>`);
    return [
      [msg('Agent'), agentVersion],
      [msg('Interval'), formatSpan(intervalMs)],
      [msg('Last values'), time(this.lastAt ?? lastSeenAt)],
      [msg('Added'), time(createdAt)],
    ];
  }
}
customElements.define('reeve-facts', ReeveFacts);

/** Where it stands in its rack: `R1, U 12–13`. */
export function rackText({ rack, rackUnit, rackHeight = 1 }: Host): string | undefined {
  if (rack === undefined || rackUnit === undefined) return rack;
  const top = rackUnit + rackHeight - 1;
  return `${rack}, U\u00a0${top > rackUnit ? `${rackUnit}–${top}` : rackUnit}`;
}

const mono = (lines: readonly string[]) => lines.map((line) => html`<div class="value">${line}</div>`);

const placeRows = (host: Host): [string, unknown][] => [
  [msg('Role'), host.role],
  [msg('Location'), host.location],
  [msg('Rack'), rackText(host)],
  [msg('Address'), host.address === undefined ? undefined : mono([host.address])],
  [
    msg('Depends on'),
    host.parentId === undefined && host.learntParent === undefined
      ? undefined
      : html`<reeve-depends-on .host=${host}></reeve-depends-on>`,
  ],
  [msg('TDP'), host.watts === undefined ? undefined : formatValue(host.watts, 'W')],
];

/** What people say, then what the agent says otherwise. */
function both(said: readonly string[] | undefined, found: readonly string[]) {
  if (!said || said.length === 0) return found.length > 0 ? mono(found) : undefined;
  const others = found.filter((each) => !said.includes(each));
  if (others.length === 0) return mono(said);
  return html`${mono(said)}
    <div class="quiet">${msg('The agent says:')}</div>
    <div class="quiet">${mono(others)}</div>`;
}

const oneOf = (text: string | undefined): readonly string[] => (text ? [text] : []);

function systemRows({ facts, hostName: name, addresses: ips, macs: cards }: Host): [string, unknown][] {
  if (!facts) {
    return [
      [msg('Host name'), both(oneOf(name), [])],
      [msg('Addresses'), both(ips, [])],
      [msg('MAC'), both(cards, [])],
    ];
  }
  const { hostName, os, kernel, architecture, cpuModel, cpuCores, memoryBytes, virtualisation, addresses, macs } =
    facts;
  return [
    [msg('Host name'), name === undefined ? hostName : both([name], [hostName])],
    [msg('System'), os],
    [msg('Kernel'), `${kernel} ${architecture}`.trim()],
    [msg('Processor'), [cpuModel, cpuCores && msg('{count} cores', { count: cpuCores })].filter(Boolean).join(', ')],
    [msg('Memory'), memoryBytes === undefined ? undefined : formatValue(memoryBytes, 'By', { binary: true })],
    [msg('Virtualisation'), virtualisation],
    [msg('Addresses'), both(ips, addresses)],
    [msg('MAC'), both(cards, macs)],
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-facts': ReeveFacts;
  }
}
