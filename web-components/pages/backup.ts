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
import { Hearing } from '../parts/hearing.ts';
import { lineStyles } from '../parts/progress-line.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { tried } from '../parts/tried.ts';
import { Upload } from '../parts/upload.ts';
import { call } from '../rest.ts';
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
  };
  declare params: Record<string, string>;
  /** The newest run of each of the two jobs. */
  declare _runs: Record<string, JobRun>;
  declare _restoring: BackupAnswer | undefined;
  readonly #kept = new Reading(this, () => this.#read());
  readonly #dialogs = new Dialogs(this);
  readonly #upload = new Upload(this, async (file, sent) => {
    this._restoring = await uploadBackup({ file, ...sent });
    await this.#kept.load();
  });

  static override styles = [
    base,
    buttons,
    lineStyles,
    css`
      :host {
        display: grid;
        gap: 24px;
      }
      section {
        display: grid;
        gap: 12px;
      }
      .line h1 {
        flex: 1 1 160px;
      }
    `,
  ];

  constructor() {
    super();
    this._runs = {};
    new Hearing(this, () => live().connection.on('job', (run) => this.#hear(run)));
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
    await tried(async () => {
      this.#hear(await call('POST /api/v1/jobs/:jobId/run', { params: { jobId: 'backup' } }));
    });
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
        <div class="line">
          <h1>${msg('Backup')}</h1>
          <button type="button" class="primary" ?disabled=${isMaking} @click=${this.#make}>${msg('Make a backup now')}</button>
          <button type="button" @click=${() => this.renderRoot.querySelector('input')?.click()}>${msg('Restore from a file…')}</button>
          <input type="file" accept=".reeve" hidden @change=${this.#upload.bring} />
        </div>
        ${backupWarning(section)} ${this.#upload.render(msg('Sending the file'))} ${this.#run('backup')} ${this.#run('restore')} ${this.#table(backups)}
      </section>
      <section aria-label=${section.title}><reeve-settings-section .section=${section} @change=${() => void this.#kept.load()}></reeve-settings-section></section>`;
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
