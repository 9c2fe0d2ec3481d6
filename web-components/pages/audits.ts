// Over 250 lines because the list, what is worst, and the three ways to add or test hosts are one page.
import { css, html, LitElement, nothing } from 'lit';
import type { ConnectionTest } from '../../protocol/routes/audits.ts';
import { filled, scheduleField, targetForm } from '../audits/forms.ts';
import '../audits/keys.ts';
import '../audits/score.ts';
import { auditState, kindWord, placeOf, rightsWord, type SshKey, type Target, testWord } from '../audits/words.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/data-table.ts';
import '../parts/dialog.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/tabs.ts';
import '../parts/time.ts';
import { toast } from '../parts/toast.ts';
import { call, problemText, type RequestOf, type ResponseOf } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { severityLevel, severityWord } from '../severity.ts';

type Overview = ResponseOf<'GET /api/v1/audits/overview'>;
type NewTarget = RequestOf<'POST /api/v1/audit-targets'>['body'];
const EVERY_MS = 1_500;

interface Read {
  targets: readonly Target[];
  overview: Overview;
}

/** Hosts that are audited, what is worst on them, and the keys of audits. `?host=` opens the form for that address. */
export class ReeveAuditsPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _tests: { state: true },
    _isTesting: { state: true },
  };
  declare params: Record<string, string>;
  /** What came of the last try to sign in everywhere. */
  declare _tests: readonly ConnectionTest[] | undefined;
  declare _isTesting: boolean;
  readonly #read = new Reading<Read>(this, readAll, { everyMs: EVERY_MS, onDrawn: () => this.#prefill() });
  readonly #dialogs = new Dialogs(this);
  #isPrefilled = false;

  static override styles = [
    base,
    buttons,
    pageHead,
    css`
      header {
        flex-wrap: wrap;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      reeve-tabs {
        margin-bottom: 16px;
      }
      .all {
        display: grid;
        gap: 16px;
      }
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
      .place {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this._isTesting = false;
  }

  get #tab(): string {
    return this.params.tab === 'keys' ? 'keys' : 'hosts';
  }

  override render() {
    const tabs = [
      { id: 'hosts', title: msg('Hosts'), href: '/audits' },
      { id: 'keys', title: msg('Keys'), href: '/audits/keys' },
    ];
    return html`<header>
        <h1>${msg('Audits')}</h1>
        ${
          this.#tab === 'keys'
            ? nothing
            : html`<div class="actions">
                ${may('operator') ? html`<button type="button" ?disabled=${this._isTesting} @click=${this.#test}>${this._isTesting ? msg('Testing…') : msg('Test connections')}</button>` : nothing}
                ${
                  may('admin')
                    ? html`<button type="button" @click=${this.#addAgent}>${msg('Audit by agent…')}</button>
                      <button type="button" class="primary" @click=${() => void this.#add()}>${icon('plus')}${msg('Audit a host')}</button>`
                    : nothing
                }
              </div>`
        }
      </header>
      <reeve-tabs label=${msg('Parts of audits')} .tabs=${tabs} selected=${this.#tab}></reeve-tabs>
      ${
        this.#tab === 'keys'
          ? html`<reeve-audit-keys></reeve-audit-keys>`
          : this.#read.view(
              { failed: msg('The audits could not be read'), loading: msg('Loading the audits') },
              (read) => this.#hosts(read),
            )
      }
      ${this.#dialogs.render()} ${this.#results()}`;
  }

  #hosts({ targets, overview }: Read) {
    return html`<div class="all">
      ${overview.audited > 0 ? this.#overview(overview) : nothing}
      <reeve-table
        label=${msg('Audited hosts')}
        .columns=${this.#columns()}
        .rows=${targets}
        .keyOf=${({ id }: Target) => id}
        .words=${(target: Target) => `${target.name} ${placeOf(target)} ${target.last?.os ?? ''}`}
      >
        <reeve-notice kind="empty" heading=${msg('Nothing is audited yet')}>
          <p>${msg('Say where a host is: Reeve reads how it is set up over SSH, changes nothing, and says what is wrong and what to do.')}</p>
        </reeve-notice>
      </reeve-table>
    </div>`;
  }

  #overview({ score, audited, targets, worst }: Overview) {
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

  #columns(): Column<Target>[] {
    const offsetMs = live().fleet.now() - Date.now();
    return [
      {
        id: 'name',
        title: msg('Host'),
        isHeading: true,
        sortBy: ({ name }) => name,
        cell: (target) => html`<a href="/audits/hosts/${target.id}">${target.name}</a>`,
      },
      {
        id: 'place',
        title: msg('Reached'),
        cell: (target) => html`<span class="quiet place">${placeOf(target)}</span>`,
      },
      {
        id: 'score',
        title: msg('Score'),
        align: 'end',
        sortBy: ({ last }) => last?.score,
        cell: ({ last }) => html`<reeve-score .score=${last?.score}></reeve-score>`,
      },
      {
        id: 'state',
        title: msg('Last audit'),
        sortBy: ({ last }) => last?.startedAt,
        cell: (target) => this.#state(target, offsetMs),
      },
      {
        id: 'actions',
        title: msg('Actions'),
        cell: (target) =>
          may('operator') && target.last?.state !== 'running' && !target.pending
            ? html`<reeve-action @click=${() => void this.#start(target)}>${msg('Audit now')}</reeve-action>`
            : nothing,
      },
    ];
  }

  #state({ last, pending, pin, id }: Target, offsetMs: number) {
    if (pending)
      return html`<a href="/audits/hosts/${id}"><reeve-state level=${pin ? 'critical' : 'warning'} word=${pin ? msg('another host key') : msg('host key to be accepted')}></reeve-state></a>`;
    if (!last) return html`<span class="quiet">${msg('never')}</span>`;
    const { level, word } = auditState(last);
    return html`<span class="several"><reeve-state level=${level} word=${word}></reeve-state>
      <span class="quiet">${kindWord(last.kind)} <reeve-time .at=${last.startedAt} .offsetMs=${offsetMs}></reeve-time></span></span>`;
  }

  /** Once the keys and hosts are known: who comes from the Network page has said which host. */
  #prefill(): void {
    const host = router.query.get('host');
    if (this.#isPrefilled || !host || !may('admin')) return;
    this.#isPrefilled = true;
    const known = this.#read.value?.targets.find(({ address }) => address === host);
    if (known) router.go(`/audits/hosts/${known.id}`, 'replace');
    else void this.#add(host);
  }

  async #add(address = ''): Promise<void> {
    const keys = await allOf('GET /api/v1/audit-keys');
    const key = keys[0] ?? (await call('POST /api/v1/audit-keys', { body: { name: 'reeve' } }));
    const all: SshKey[] = keys.length > 0 ? keys : [key];
    this.#dialogs.fill({
      heading: msg('Audit a host'),
      lead: msg('First its host key is shown: nothing is sent before you have accepted it.'),
      form: targetForm(all, this.#read.value?.targets ?? []),
      value: { address, keyId: key.id },
      verb: msg('Add the host'),
      send: async (values) => {
        const made = await call('POST /api/v1/audit-targets', { body: filled(values) as NewTarget });
        // It shows its host key, which the page of the target asks about.
        await call('POST /api/v1/audit-targets/:targetId/test', { params: { targetId: made.id } });
        router.go(`/audits/hosts/${made.id}`);
      },
    });
  }

  readonly #addAgent = (): void => {
    const audited = new Set(
      (this.#read.value?.targets ?? []).flatMap(({ via, hostId }) => (via === 'agent' && hostId ? [hostId] : [])),
    );
    const hosts = live().fleet.hosts.filter(({ id, kind }) => kind === 'agent' && !audited.has(id));
    if (hosts.length === 0) {
      toast({ text: msg('Every host with an agent is audited by it already.') });
      return;
    }
    this.#dialogs.fill({
      heading: msg('Audit by an agent'),
      lead: msg(
        'The agent reads as its own user what an audit over SSH reads. It runs the script that it carries, and no other.',
      ),
      form: {
        type: 'object',
        required: ['hostId'],
        properties: {
          hostId: {
            type: 'string',
            title: msg('Host'),
            order: 1,
            choices: hosts.map(({ id, name }) => ({ value: id, title: name })),
          },
          schedule: scheduleField(2),
        },
      },
      value: { hostId: hosts[0]?.id },
      verb: msg('Add and audit'),
      send: async (values) => {
        const made = await call('POST /api/v1/audit-targets', { body: filled(values) as NewTarget });
        await call('POST /api/v1/audit-targets/:targetId/audits', { params: { targetId: made.id }, body: {} });
        router.go(`/audits/hosts/${made.id}`);
      },
    });
  };

  async #start({ id }: Target): Promise<void> {
    try {
      await call('POST /api/v1/audit-targets/:targetId/audits', { params: { targetId: id }, body: { kind: 'full' } });
      await this.#read.load();
    } catch (error) {
      toast({ text: problemText(error) });
    }
  }

  readonly #test = async (): Promise<void> => {
    this._isTesting = true;
    try {
      this._tests = (await call('POST /api/v1/audit-targets/test')).items;
      await this.#read.load();
    } catch (error) {
      toast({ text: problemText(error) });
    } finally {
      this._isTesting = false;
    }
  };

  #results() {
    const columns: Column<ConnectionTest>[] = [
      {
        id: 'name',
        title: msg('Host'),
        isHeading: true,
        cell: ({ name, targetId }) => html`<a href="/audits/hosts/${targetId}">${name}</a>`,
      },
      { id: 'place', title: msg('Reached'), cell: ({ place }) => html`<span class="quiet place">${place}</span>` },
      {
        id: 'state',
        title: msg('Result'),
        cell: (test) => html`<reeve-state level=${test.canAudit ? 'ok' : 'high'} word=${testWord(test)}></reeve-state>`,
      },
      { id: 'rights', title: msg('Rights'), cell: ({ rights }) => rightsWord(rights) },
      {
        id: 'took',
        title: msg('Took'),
        align: 'end',
        cell: ({ tookMs }) => html`<span class="value">${tookMs} ms</span>`,
      },
    ];
    return html`<reeve-dialog heading=${msg('Test connections')} ?open=${this._tests !== undefined} @close=${this.#seen}>
      <reeve-table label=${msg('Connections')} name="test" .columns=${columns} .rows=${this._tests ?? []} .keyOf=${({ targetId }: ConnectionTest) => targetId}>
        <reeve-notice kind="empty" heading=${msg('No host is reached over SSH yet')}></reeve-notice>
      </reeve-table>
    </reeve-dialog>`;
  }

  readonly #seen = (): void => {
    this._tests = undefined;
  };
}
customElements.define('reeve-audits-page', ReeveAuditsPage);

async function readAll(): Promise<Read> {
  const [targets, overview] = await Promise.all([
    allOf('GET /api/v1/audit-targets'),
    call('GET /api/v1/audits/overview'),
  ]);
  return { targets, overview };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-audits-page': ReeveAuditsPage;
  }
}
