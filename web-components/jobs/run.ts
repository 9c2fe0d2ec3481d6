import { css, html, LitElement, nothing } from 'lit';
import type { JobRun } from '../../protocol/jobs.ts';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';

const LEVEL: Record<JobRun['state'], Level> = {
  running: 'low',
  done: 'ok',
  failed: 'high',
  cancelled: 'unknown',
  interrupted: 'warning',
};

const words = (): Record<JobRun['state'], string> => ({
  running: msg('running'),
  done: msg('done'),
  failed: msg('failed'),
  cancelled: msg('cancelled'),
  interrupted: msg('interrupted'),
});

/** State of a run as shape, word and colour. */
export const runState = ({ state }: JobRun) =>
  html`<reeve-state level=${LEVEL[state]} word=${words()[state]}></reeve-state>`;

/** `<reeve-run .run=${run}>`: a run that is under way, with how far it is and Cancel. */
export class ReeveRun extends LitElement {
  static override properties = { run: { attribute: false } };
  declare run: JobRun | undefined;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
      }
      progress {
        width: 160px;
        height: 8px;
        accent-color: var(--reeve-accent);
      }
    `,
  ];

  #cancel(jobId: string): void {
    void tried(() => call('POST /api/v1/jobs/:jobId/cancel', { params: { jobId } }));
  }

  override render() {
    const { run } = this;
    if (run?.state !== 'running') return nothing;
    const { progress } = run;
    const text = progress?.text || msg('Running');
    const share = progress?.of ? Math.min(1, progress.done / progress.of) : undefined;
    return html`<progress aria-label=${text} .value=${share ?? 0} ?hidden=${share === undefined}></progress>
      <span role="status">${text}${share === undefined ? nothing : html` <span class="value">${Math.floor(share * 100)} %</span>`}</span>
      <button type="button" @click=${() => this.#cancel(run.jobId)}>${msg('Cancel')}</button>`;
  }
}
customElements.define('reeve-run', ReeveRun);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-run': ReeveRun;
  }
}
