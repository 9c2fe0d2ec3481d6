// Over 250 lines because everything that is done with one audited host stands on this page: key, runs, connection.
import { css, html, LitElement, nothing } from 'lit';
import type { AuditSummary, Waiver } from '../../protocol/audits.ts';
import { FollowAudits, latest } from '../audits/follow.ts';
import { filled, passwordForm, targetForm } from '../audits/forms.ts';
import '../audits/host-key.ts';
import { nowStyles, nowView } from '../audits/now.ts';
import '../audits/score.ts';
import { waiversView } from '../audits/waivers.ts';
import { auditState, codeWord, kindWord, placeOf, type Target } from '../audits/words.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, pageHead, wrappingHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { setTitle } from './page.ts';

type TargetChange = RequestOf<'PUT /api/v1/audit-targets/:targetId'>['body'];

interface Read {
  target: Target;
  audits: readonly AuditSummary[];
  waivers: readonly Waiver[];
}

/** One audited host: how it is reached, its host key, its audits with their trend, what is lived with. */
export class ReeveAuditHostPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #read = new Reading<Read>(this, () => this.#load());
  readonly #dialogs = new Dialogs(this);

  constructor() {
    super();
    new FollowAudits(this, (targetId) => {
      if (targetId === this.params.targetId) void this.#read.load();
    });
  }

  static override styles = [
    base,
    buttons,
    pageHead,
    wrappingHead,
    nowStyles,
    css`
      .all,
      section {
        display: grid;
        gap: 16px;
      }
      section {
        gap: 8px;
      }
      p {
        overflow-wrap: anywhere;
      }
    `,
  ];

  get #id(): { targetId: string } {
    return { targetId: this.params.targetId ?? '' };
  }

  async #load(): Promise<Read> {
    const params = this.#id;
    const [target, { items: audits }, { items: waivers }] = await Promise.all([
      call('GET /api/v1/audit-targets/:targetId', { params }),
      call('GET /api/v1/audits', { query: { ...params, limit: 100 } }),
      call('GET /api/v1/audit-targets/:targetId/waivers', { params, query: {} }),
    ]);
    setTitle(msg('Audits of {name}', { name: target.name }));
    return { target, audits, waivers };
  }

  override render() {
    const words = { failed: msg('This host could not be read'), loading: msg('Loading the host'), isPage: true };
    return html`${this.#read.view(words, (read) => this.#page(read))} ${this.#dialogs.render()}`;
  }

  #page({ target, audits, waivers }: Read) {
    return html`<header>
        <div>
          <h1>${target.name}</h1>
          <p class="quiet">${placeOf(target)}${target.last?.os ? html` · ${target.last.os}` : nothing}</p>
        </div>
        <div class="actions">${this.#actions(target)}</div>
      </header>
      <div class="all">
        ${target.pending ? html`<reeve-host-key .target=${target} @accept=${() => void this.#accept(target)}></reeve-host-key>` : nothing}
        ${nowView(target, audits)}
        <section>
          <h2>${msg('Audits')}</h2>
          <reeve-table label=${msg('Audits')} .columns=${this.#columns()} .rows=${audits} .keyOf=${({ id }: AuditSummary) => id}>
            <reeve-notice kind="empty" heading=${msg('Not audited yet')}>
              <p>${target.pending ? msg('Accept its host key first.') : msg('“Full audit” begins the first one.')}</p>
            </reeve-notice>
          </reeve-table>
        </section>
        ${waivers.length > 0 ? waiversView(waivers, (id) => void this.#endWaiver(id)) : nothing}
      </div>`;
  }

  #actions(target: Target) {
    const isRunning = latest(target)?.state === 'running';
    const items = [
      { id: 'edit', title: msg('Edit…') },
      ...(target.via === 'ssh'
        ? [
            { id: 'push', title: msg('Push the key…') },
            { id: 'test', title: msg('Test the connection') },
          ]
        : []),
      { id: 'remove', title: msg('Remove…'), isDanger: true },
    ];
    return html`
      ${
        !may('operator') || (target.pending && !isRunning)
          ? nothing
          : isRunning
            ? html`<button type="button" @click=${() => void this.#cancel(target)}>${msg('Cancel the audit')}</button>`
            : html`<button type="button" @click=${() => void this.#start('quick')}>${msg('Quick audit')}</button>
                <button type="button" class="primary" @click=${() => void this.#start('full')}>${msg('Full audit')}</button>`
      }
      ${may('admin') ? html`<reeve-menu label=${msg('More')} icon="more" .items=${items} @choose=${({ detail }: CustomEvent<{ id: string }>) => void this.#choose(detail.id, target)}></reeve-menu>` : nothing}
    `;
  }

  #columns(): Column<AuditSummary>[] {
    return [
      {
        id: 'when',
        title: msg('When'),
        isHeading: true,
        sortBy: ({ startedAt }) => startedAt,
        cell: ({ id, startedAt, state }) =>
          state === 'done' || state === 'partial'
            ? html`<a href="/audits/results/${id}"><reeve-time .at=${startedAt}></reeve-time></a>`
            : html`<reeve-time .at=${startedAt}></reeve-time>`,
      },
      { id: 'kind', title: msg('Kind'), cell: ({ kind }) => kindWord(kind) },
      { id: 'by', title: msg('By'), cell: ({ by }) => (by === 'schedule' ? msg('schedule') : by) },
      {
        id: 'state',
        title: msg('State'),
        cell: (audit) => {
          const { level, word } = auditState(live().audits.current(audit));
          return html`<span class="several"><reeve-state level=${level} word=${word}></reeve-state>${audit.problem ? html`<span class="quiet">${problemWord(audit)}</span>` : nothing}</span>`;
        },
      },
      {
        id: 'score',
        title: msg('Score'),
        align: 'end',
        sortBy: ({ score }) => score,
        cell: ({ score }) => html`<reeve-score .score=${score}></reeve-score>`,
      },
    ];
  }

  async #do(what: () => Promise<unknown>): Promise<void> {
    await tried(what);
    await this.#read.load();
  }

  #start(kind: 'quick' | 'full'): Promise<void> {
    return this.#do(() => call('POST /api/v1/audit-targets/:targetId/audits', { params: this.#id, body: { kind } }));
  }

  #cancel({ last }: Target): Promise<void> {
    return this.#do(() => call('POST /api/v1/audits/:auditId/cancel', { params: { auditId: last?.id ?? '' } }));
  }

  #endWaiver(waiverId: string): Promise<void> {
    return this.#do(() => call('DELETE /api/v1/audit-waivers/:waiverId', { params: { waiverId } }));
  }

  /** Accepted, it shows at once whether the login works. */
  #accept({ pending }: Target): Promise<void> {
    return this.#do(async () => {
      await call('POST /api/v1/audit-targets/:targetId/host-key', {
        params: this.#id,
        body: { sha256: pending?.sha256 ?? '' },
      });
      await this.#test();
    });
  }

  async #test(): Promise<void> {
    const { text } = await call('POST /api/v1/audit-targets/:targetId/test', { params: this.#id });
    toast({ text });
  }

  async #choose(id: string, target: Target): Promise<void> {
    if (id === 'edit') await tried(() => this.#edit(target));
    if (id === 'push') this.#push(target);
    if (id === 'test') await this.#do(() => this.#test());
    if (id === 'remove') this.#remove(target);
  }

  async #edit(target: Target): Promise<void> {
    const [keys, others] = await Promise.all([allOf('GET /api/v1/audit-keys'), allOf('GET /api/v1/audit-targets')]);
    const form = targetForm(
      keys,
      others.filter(({ id }) => id !== target.id),
    );
    const { name, schedule } = form.properties ?? {};
    const ofAgent = { type: 'object', properties: { ...(name && { name }), ...(schedule && { schedule }) } };
    this.#dialogs.fill({
      heading: msg('Edit {name}', { name: target.name }),
      lead: target.via === 'ssh' ? msg('Another address or port has to show its host key anew.') : '',
      form: target.via === 'ssh' ? form : ofAgent,
      value: { ...target },
      verb: msg('Save'),
      send: async (values) => {
        const kept = target.via === 'ssh' ? {} : { port: 22 };
        await call('PUT /api/v1/audit-targets/:targetId', {
          params: this.#id,
          body: { ...kept, ...filled(values) } as TargetChange,
        });
        await this.#read.load();
      },
    });
  }

  #push(target: Target): void {
    this.#dialogs.fill({
      heading: msg('Push the key to {name}', { name: target.name }),
      lead: msg(
        'Signs in as {user} once with this password, and adds the key to its authorized_keys. The password is not kept.',
        { user: target.user ?? '' },
      ),
      form: passwordForm(),
      verb: msg('Push the key'),
      send: async ({ password }) => {
        const said = await call('POST /api/v1/audit-targets/:targetId/push-key', {
          params: this.#id,
          body: { password: String(password) },
        });
        await this.#read.load();
        if (!said.ok) throw new Error(said.text);
        toast({ text: said.text });
      },
    });
  }

  #remove({ name }: Target): void {
    this.#dialogs.confirm({
      heading: msg('Remove {name} from the audits?', { name }),
      consequences: [
        msg('All its audits and waivers go, and cannot be brought back.'),
        msg('Nothing changes on the host itself: take the key out of its authorized_keys.'),
      ],
      verb: msg('Remove it'),
      act: async () => {
        await call('DELETE /api/v1/audit-targets/:targetId', { params: this.#id });
        router.go('/audits');
      },
    });
  }
}
/** In a row of the list; the whole sentence stands above it. */
const problemWord = ({ code, problem = '' }: AuditSummary): string => (code ? codeWord(code) : problem.slice(0, 120));

customElements.define('reeve-audit-host-page', ReeveAuditHostPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-audit-host-page': ReeveAuditHostPage;
  }
}
