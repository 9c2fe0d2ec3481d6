// Over 250 lines because the list, what is worst, and the three ways to add or test hosts are one page.
import { css, html, LitElement, nothing } from 'lit';
import type { ConnectionTest } from '../../protocol/routes/audit-targets.ts';
import { FollowAudits, latest } from '../audits/follow.ts';
import { filled, scheduleField, targetForm } from '../audits/forms.ts';
import '../audits/keys.ts';
import { type Overview, overviewStyles, overviewView } from '../audits/overview.ts';
import '../audits/score.ts';
import { testsDialog } from '../audits/tests.ts';
import { auditState, codeWord, kindWord, placeOf, type SshKey, type Target } from '../audits/words.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, pageHead, wrappingHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/tabs.ts';
import '../parts/time.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';

type NewTarget = RequestOf<'POST /api/v1/audit-targets'>['body'];

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
  readonly #read = new Reading<Read>(this, readAll, { onDrawn: () => this.#prefill() });
  readonly #dialogs = new Dialogs(this);
  #isPrefilled = false;

  static override styles = [
    base,
    buttons,
    pageHead,
    wrappingHead,
    overviewStyles,
    css`
      reeve-tabs {
        margin-bottom: 16px;
      }
      .all {
        display: grid;
        gap: 16px;
      }
      .place {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this._isTesting = false;
    new FollowAudits(this, () => void this.#read.load());
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
                      <button type="button" class="primary" @click=${() => void tried(() => this.#add())}>${icon('plus')}${msg('Audit a host')}</button>`
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
      ${this.#dialogs.render()} ${testsDialog(this._tests, this.#seen)}`;
  }

  #hosts({ targets, overview }: Read) {
    return html`<div class="all">
      ${overview.audited > 0 ? overviewView(overview) : nothing}
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

  #columns(): Column<Target>[] {
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
        cell: (target) => this.#state(target),
      },
      {
        id: 'actions',
        title: msg('Actions'),
        cell: (target) =>
          may('operator') && latest(target)?.state !== 'running' && !target.pending
            ? html`<reeve-action @click=${() => void this.#start(target)}>${msg('Audit now')}</reeve-action>`
            : nothing,
      },
    ];
  }

  #state(target: Target) {
    const { pending, pin, id } = target;
    const last = latest(target);
    if (pending)
      return html`<a href="/audits/hosts/${id}"><reeve-state level=${pin ? 'critical' : 'warning'} word=${pin ? msg('another host key') : msg('host key to be accepted')}></reeve-state></a>`;
    if (!last) return html`<span class="quiet">${msg('never')}</span>`;
    const { level, word } = auditState(last);
    return html`<span class="several"><reeve-state level=${level} word=${word}></reeve-state>
      <span class="quiet">${last.state === 'failed' && last.code ? html`${codeWord(last.code)}, ` : nothing}${kindWord(last.kind)} <reeve-time .at=${last.startedAt}></reeve-time></span></span>`;
  }

  /** Once the keys and hosts are known: who comes from the Network page has said which host. */
  #prefill(): void {
    const host = router.query.get('host');
    if (this.#isPrefilled || !host || !may('admin')) return;
    this.#isPrefilled = true;
    const known = this.#read.value?.targets.find(({ address }) => address === host);
    if (known) router.go(`/audits/hosts/${known.id}`, 'replace');
    else void tried(() => this.#add(host));
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
    await tried(async () => {
      await call('POST /api/v1/audit-targets/:targetId/audits', { params: { targetId: id }, body: { kind: 'full' } });
      await this.#read.load();
    });
  }

  readonly #test = async (): Promise<void> => {
    this._isTesting = true;
    await tried(async () => {
      this._tests = (await call('POST /api/v1/audit-targets/test')).items;
      await this.#read.load();
    });
    this._isTesting = false;
  };

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
