import { css, html, LitElement, nothing } from 'lit';
import type { JobAnswer, JobRun } from '../../protocol/jobs.ts';
import { runState } from '../jobs/run.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { formatSpan } from '../times.ts';

/** What the appliance does by itself: when next, how it went, run now; the last runs of the one that was opened. */
export class ReeveJobsPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _open: { state: true },
    _runs: { state: true },
  };
  declare params: Record<string, string>;
  declare _open: string | undefined;
  declare _runs: readonly JobRun[];
  readonly #jobs = new Reading<readonly JobAnswer[]>(
    this,
    async () => (await call('GET /api/v1/jobs', { query: {} })).items,
  );

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      ul {
        display: grid;
        gap: 8px;
        max-width: 880px;
      }
      li.job {
        display: grid;
        gap: 8px;
        padding: 12px 16px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        overflow-wrap: anywhere;
      }
      .head,
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      .head h2 {
        flex: 1 1 120px;
      }
      ol {
        display: grid;
        gap: 8px;
        padding-top: 8px;
        border-top: 1px solid var(--reeve-line);
      }
    `,
  ];

  constructor() {
    super();
    this._runs = [];
    new Hearing(this, () => live().connection.on('job', (run) => this.#hear(run)));
  }

  #hear(run: JobRun): void {
    const told = this.#jobs.value?.map((job) => {
      if (job.id !== run.jobId) return job;
      const { running: _, ...rest } = job;
      return run.state === 'running' ? { ...rest, running: run } : { ...rest, last: run };
    });
    if (told) this.#jobs.set(told);
    if (run.state === 'running') return;
    void this.#jobs.load();
    if (this._open === run.jobId) void this.#loadRuns(run.jobId);
  }

  async #loadRuns(jobId: string): Promise<void> {
    await tried(async () => {
      const { items } = await call('GET /api/v1/jobs/:jobId/runs', { params: { jobId }, query: { limit: 20 } });
      if (this._open === jobId) this._runs = items;
    });
  }

  #toggle(jobId: string): void {
    this._open = this._open === jobId ? undefined : jobId;
    this._runs = [];
    if (this._open) void this.#loadRuns(jobId);
  }

  async #run(jobId: string): Promise<void> {
    await tried(async () => {
      this.#hear(await call('POST /api/v1/jobs/:jobId/run', { params: { jobId } }));
    });
  }

  override render() {
    const words = { failed: msg('The jobs could not be read'), loading: msg('Loading the jobs'), isPage: true };
    return this.#jobs.view(
      words,
      (jobs) => html`<h1>${msg('Jobs')}</h1>
      <p class="quiet">${msg('What the appliance does by itself.')}</p>
      <ul>${jobs.map((job) => this.#job(job))}</ul>`,
    );
  }

  #job(job: JobAnswer) {
    const { id, title, schedule, nextAt, running, last } = job;
    const isOpen = this._open === id;
    return html`<li class="job">
      <div class="head">
        <h2>${title}</h2>
        ${
          running || id === 'restore'
            ? nothing
            : html`<button type="button" @click=${() => void this.#run(id)}>${msg('Run now')}</button>`
        }
        <button type="button" aria-expanded=${isOpen} @click=${() => this.#toggle(id)}>${msg('History')}</button>
      </div>
      <p class="quiet">
        ${schedule}${nextAt === undefined ? nothing : html` · ${msg('next')} <reeve-time .at=${nextAt}></reeve-time>`}
      </p>
      ${running ? html`<reeve-run .run=${running}></reeve-run>` : nothing}
      ${last ? html`<div class="line">${this.#ended(last)}</div>` : html`<p class="quiet">${msg('It has not run yet.')}</p>`}
      ${isOpen ? html`<ol aria-label=${msg('Runs of {job}', { job: title })}>${this._runs.map((run) => html`<li class="line">${this.#ended(run)}</li>`)}</ol>` : nothing}
    </li>`;
  }

  #ended(run: JobRun) {
    const took = run.endedAt === undefined ? '' : msg('took {span}', { span: formatSpan(run.endedAt - run.startedAt) });
    return html`${runState(run)} <reeve-time .at=${run.startedAt}></reeve-time>
      <span class="quiet">${[took, run.by === 'schedule' ? '' : msg('by {name}', { name: run.by })].filter(Boolean).join(', ')}</span>
      <span>${run.text}</span>`;
  }
}
customElements.define('reeve-jobs-page', ReeveJobsPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-jobs-page': ReeveJobsPage;
  }
}
