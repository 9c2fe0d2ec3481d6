import { css, html, LitElement, nothing } from 'lit';
import type { BackupAnswer } from '../../protocol/backups.ts';
import type { JobRun } from '../../protocol/jobs.ts';
import { backupColumns } from '../backup/columns.ts';
import '../backup/restore.ts';
import { uploadBackup } from '../backup/upload.ts';
import { backupWarning } from '../backup/warning.ts';
import { formatValue } from '../format.ts';
import { runState } from '../jobs/run.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { toast } from '../parts/toast.ts';
import { call, problemText } from '../rest.ts';
import type { Section } from '../settings/extras.ts';
import '../settings/section.ts';
import { exactTime } from '../times.ts';

interface Kept {
  /** Newest first. */
  backups: readonly BackupAnswer[];
  section: Section;
}

/** The backups that are kept: make one, download, restore, delete, bring one; and when they are made by themselves. */
export class ReeveBackupPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _runs: { state: true },
    _restoring: { state: true },
    _sent: { state: true },
  };
  declare params: Record<string, string>;
  /** The newest run of each of the two jobs. */
  declare _runs: Record<string, JobRun>;
  declare _restoring: BackupAnswer | undefined;
  /** Share of the file that was sent. */
  declare _sent: number | undefined;
  readonly #kept = new Reading(this, () => this.#read());
  readonly #dialogs = new Dialogs(this);
  #stop: (() => void) | undefined;
  #sending = new AbortController();

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 24px;
      }
      section {
        display: grid;
        gap: 12px;
      }
      .head,
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
      }
      .head h1 {
        flex: 1 1 160px;
      }
      .line {
        overflow-wrap: anywhere;
      }
      progress {
        width: 160px;
        height: 8px;
        accent-color: var(--reeve-accent);
      }
    `,
  ];

  constructor() {
    super();
    this._runs = {};
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = live().connection.on('job', (run) => this.#hear(run));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#sending.abort();
  }

  #hear(run: JobRun): void {
    if (run.jobId !== 'backup' && run.jobId !== 'restore') return;
    this._runs = { ...this._runs, [run.jobId]: run };
    if (run.state !== 'running') void this.#kept.load();
  }

  async #read(): Promise<Kept> {
    const [backups, jobs, section] = await Promise.all([
      call('GET /api/v1/backups', { query: { limit: 1_000 } }),
      call('GET /api/v1/jobs', { query: {} }),
      call('GET /api/v1/settings/:section', { params: { section: 'backup' } }),
    ]);
    for (const { id, running, last } of jobs.items) {
      const run = running ?? last;
      if (run && (id === 'backup' || id === 'restore')) this._runs = { ...this._runs, [id]: run };
    }
    return { backups: backups.items.toReversed(), section };
  }

  async #make(): Promise<void> {
    try {
      this.#hear(await call('POST /api/v1/jobs/:jobId/run', { params: { jobId: 'backup' } }));
    } catch (error) {
      toast({ text: problemText(error) });
    }
  }

  async #bring(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    this.#sending = new AbortController();
    this._sent = 0;
    try {
      const onShare = (share: number): void => {
        this._sent = share;
      };
      this._restoring = await uploadBackup({ file, onShare, signal: this.#sending.signal });
      await this.#kept.load();
    } catch (error) {
      if (!this.#sending.signal.aborted) toast({ text: problemText(error) });
    } finally {
      this._sent = undefined;
    }
  }

  #askRemove({ id, madeAt, bytes }: BackupAnswer): void {
    this.#dialogs.confirm({
      heading: msg('Delete the backup of {time}?', { time: exactTime(madeAt) }),
      consequences: [
        msg('The file {name} of {size} goes. What the appliance holds now stays.', {
          name: `${id}.reeve`,
          size: formatValue(bytes, 'By'),
        }),
      ],
      verb: msg('Delete'),
      act: async () => {
        await call('DELETE /api/v1/backups/:backupId', { params: { backupId: id } });
        await this.#kept.load();
      },
    });
  }

  override render() {
    const words = { failed: msg('The backups could not be read'), loading: msg('Loading the backups'), isPage: true };
    return html`${this.#kept.view(words, (kept) => this.#page(kept))} ${this.#dialogs.render()}
      <reeve-restore .backup=${this._restoring} @close=${this.#restored}></reeve-restore>`;
  }

  #page({ backups, section }: Kept) {
    const isMaking = this._runs.backup?.state === 'running';
    return html`<section>
        <div class="head">
          <h1>${msg('Backup')}</h1>
          <button type="button" class="primary" ?disabled=${isMaking} @click=${this.#make}>${msg('Make a backup now')}</button>
          <button type="button" @click=${() => this.renderRoot.querySelector('input')?.click()}>${msg('Restore from a file…')}</button>
          <input type="file" accept=".reeve" hidden @change=${this.#bring} />
        </div>
        ${backupWarning(section)} ${this.#sentShare()} ${this.#run('backup')} ${this.#run('restore')} ${this.#table(backups)}
      </section>
      <section aria-label=${section.title}><reeve-settings-section .section=${section} @change=${() => void this.#kept.load()}></reeve-settings-section></section>`;
  }

  #sentShare() {
    if (this._sent === undefined) return nothing;
    return html`<div class="line" role="status">
      <progress aria-label=${msg('Sending the file')} .value=${this._sent}></progress>
      ${msg('Sending the file')} <span class="value">${Math.floor(this._sent * 100)} %</span>
      <button type="button" @click=${() => this.#sending.abort()}>${msg('Cancel')}</button>
    </div>`;
  }

  #run(jobId: string) {
    const run = this._runs[jobId];
    if (!run) return nothing;
    if (run.state === 'running') return html`<reeve-run .run=${run}></reeve-run>`;
    if (jobId === 'restore' && run.state === 'done') return nothing;
    return html`<p class="line">${runState(run)} <reeve-time .at=${run.startedAt}></reeve-time> <span>${run.text}</span></p>`;
  }

  #table(backups: readonly BackupAnswer[]) {
    return html`<reeve-table
      label=${msg('Backups')}
      name="backups"
      .columns=${backupColumns({
        restore: (backup) => this.#askRestore(backup),
        remove: (backup) => this.#askRemove(backup),
      })}
      .rows=${backups}
      .keyOf=${({ id }: BackupAnswer) => id}
      .words=${({ id, version }: BackupAnswer) => `${id} ${version}`}
    >
      <reeve-notice kind="empty" heading=${msg('No backups yet')}>
        <p>${msg('Make one now, or choose below how often one is made.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #askRestore(backup: BackupAnswer): void {
    this._restoring = backup;
  }

  #restored(): void {
    this._restoring = undefined;
  }
}
customElements.define('reeve-backup-page', ReeveBackupPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-backup-page': ReeveBackupPage;
  }
}
