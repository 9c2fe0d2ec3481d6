import { css, html, LitElement } from 'lit';
import { NOTHING } from '../format.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { call, type ResponseOf } from '../rest.ts';
import { SEVERITIES, severityLevel, severityWord } from '../severity.ts';
import { spanText } from '../times.ts';
import { originText } from './words.ts';

type Effective = ResponseOf<'GET /api/v1/hosts/:hostId/alert-rules'>[number];

/** `<reeve-host-rules host-id="…">`: the rules as they hold for one host, and of each value that is not as it came where it is from. */
export class ReeveHostRules extends LitElement {
  static override properties = { hostId: { type: String, attribute: 'host-id' } };
  declare hostId: string;
  #readFor = '';
  readonly #rules = new Reading(this, () => this.#read());

  static override styles = [
    base,
    css`
      .lead {
        margin-bottom: 12px;
        max-width: 80ch;
      }
    `,
  ];

  constructor() {
    super();
    this.hostId = '';
    new Follow(this, () => [live().descriptors]);
  }

  async #read(): Promise<readonly Effective[]> {
    this.#readFor = this.hostId;
    return this.hostId === '' ? [] : call('GET /api/v1/hosts/:hostId/alert-rules', { params: { hostId: this.hostId } });
  }

  override updated(): void {
    if (this.#readFor !== this.hostId) void this.#rules.load();
  }

  override render() {
    return html`<p class="lead quiet">
        ${msg('What counts as wrong on this host. A value that is not as it came says where it is from: the site, a tag, or this host alone.')}
      </p>
      ${this.#rules.view(
        { failed: msg('The rules of this host could not be read'), loading: msg('Loading the rules') },
        (rules) => html`<reeve-table
          label=${msg('Rules of this host')}
          .columns=${columns()}
          .rows=${rules}
          .keyOf=${({ ruleId }: Effective) => ruleId}
          .words=${({ title, says }: Effective) => `${title} ${says}`}
          ><reeve-notice kind="empty" heading=${msg('No rule is about this host')}><a href="/rules">${msg('Look at the rules')}</a></reeve-notice></reeve-table
        >`,
      )}`;
  }
}
customElements.define('reeve-host-rules', ReeveHostRules);

function columns(): Column<Effective>[] {
  return [
    {
      id: 'title',
      title: msg('Rule'),
      isHeading: true,
      sortBy: ({ title }) => title,
      cell: ({ ruleId, title }) => html`<a href="/rules/${ruleId}">${title}</a>`,
    },
    {
      id: 'on',
      title: msg('On'),
      sortBy: ({ isEnabled }) => Number(!isEnabled),
      cell: ({ isEnabled }) => (isEnabled ? msg('On') : html`<span class="quiet">${msg('Off')}</span>`),
    },
    {
      id: 'severity',
      title: msg('Severity'),
      sortBy: ({ severity }) => SEVERITIES.indexOf(severity),
      cell: ({ severity }) =>
        html`<reeve-state level=${severityLevel(severity)} word=${severityWord(severity)}></reeve-state>`,
    },
    {
      id: 'says',
      title: msg('Says'),
      cell: ({ says, forMs }) => (forMs > 0 ? msg('{text} for {span}', { text: says, span: spanText(forMs) }) : says),
    },
    {
      id: 'from',
      title: msg('Not as it came'),
      cell: originCell,
    },
  ];
}

function originCell(rule: Effective) {
  const lines = originLines(rule);
  if (lines.length === 0) return html`<span class="quiet">${NOTHING}</span>`;
  return html`<span class="two-lines">${lines.map((line) => html`<span>${line}</span>`)}</span>`;
}

/** Names of values as the rule's form has them. */
const valueTitle = (name: string): string => {
  const titles: Record<string, string> = {
    severity: msg('Severity'),
    isEnabled: msg('On or off'),
    forMs: msg('For'),
    share: msg('Share of the time'),
    clearForMs: msg('Clear for'),
    'settings.threshold': msg('Threshold'),
    'settings.clear': msg('Clear level'),
  };
  return titles[name] ?? name.replace(/^settings\./, '');
};

/** One line for each value that the site, a tag or the host itself changed: `Threshold: from tag storage`. */
export const originLines = ({ origins }: Pick<Effective, 'origins'>): string[] =>
  Object.entries(origins)
    .filter(([, { from }]) => from !== 'built-in' && from !== 'rule')
    .map(([name, origin]) => `${valueTitle(name)}: ${originText(origin)}`);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-rules': ReeveHostRules;
  }
}
