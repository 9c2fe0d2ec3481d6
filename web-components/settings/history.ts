import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';
import './history-use.ts';

type Answer = ResponseOf<'GET /api/v1/settings/history'>;
type Storage = ResponseOf<'GET /api/v1/settings/history/storage'>;

/** `<reeve-history-settings>`: what history takes of the disk, how long it is kept, and, for admins, the form to change that. */
export class ReeveHistorySettings extends LitElement {
  static override properties = {
    _answer: { state: true },
    _storage: { state: true },
    _unread: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare _answer: Answer | undefined;
  declare _storage: Storage | undefined;
  declare _unread: unknown;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 24px;
        max-width: 640px;
      }
    `,
  ];

  constructor() {
    super();
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      [this._answer, this._storage] = await Promise.all([
        call('GET /api/v1/settings/history'),
        call('GET /api/v1/settings/history/storage'),
      ]);
      this._unread = undefined;
    } catch (error) {
      this._unread = error;
    }
  }

  async #change(settings: Answer['settings']): Promise<boolean> {
    const answer = this._answer;
    if (!answer) return false;
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      this._answer = await call('PUT /api/v1/settings/history', { body: { ...settings, rev: answer.rev } });
      this._storage = await call('GET /api/v1/settings/history/storage');
      return true;
    } catch (error) {
      this._problems = error instanceof ApiProblem ? error.fields : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
      if (error instanceof ApiProblem && error.code === 'conflict') await this.#load();
      return false;
    } finally {
      this._isBusy = false;
    }
  }

  async #save({ detail }: CustomEvent<Answer['settings']>): Promise<void> {
    const before = this._answer?.settings;
    if (before && (await this.#change(detail))) {
      toast({ text: msg('Saved'), undo: () => void this.#change(before) });
    }
  }

  override render() {
    const { _answer: answer } = this;
    if (this._unread)
      return failureNotice(msg('The settings could not be read'), this._unread, { again: () => void this.#load() });
    if (!answer) return html`<reeve-notice kind="loading" heading=${msg('Loading the settings')}></reeve-notice>`;
    return html`<reeve-history-use .storage=${this._storage} .settings=${answer.settings}></reeve-history-use>
      ${may('admin') ? this.#form(answer) : html`<p class="quiet">${msg('Only an admin changes settings.')}</p>`}`;
  }

  #form({ form, settings }: Answer) {
    if (!form) return nothing;
    return html`<reeve-form
      .schema=${form as JsonSchema}
      .value=${settings}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${msg('Save')}
      ?busy=${this._isBusy}
      @send=${this.#save}
    ></reeve-form>`;
  }
}
customElements.define('reeve-history-settings', ReeveHistorySettings);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-history-settings': ReeveHistorySettings;
  }
}
