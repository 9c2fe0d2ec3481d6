import { html, LitElement } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { ApiProblem, call, problemText, type ResponseOf } from '../rest.ts';
import { session } from '../session.ts';
import { likelyCurrency, ownTimeZone } from './steps.ts';
import { stepStyles } from './styles.ts';

type General = ResponseOf<'GET /api/v1/settings/:section'>;

/** `<reeve-site-step>`: name, time zone, currency and price of electricity of the first site. Event `done` when they are kept. */
export class ReeveSiteStep extends LitElement {
  static override properties = {
    _general: { state: true },
    _unread: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare _general: General | undefined;
  declare _unread: unknown;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;
  static override styles = [base, stepStyles];

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
    this._unread = undefined;
    try {
      this._general = await call('GET /api/v1/settings/:section', { params: { section: 'general' } });
      await this.updateComplete;
      const form = this.renderRoot.querySelector('reeve-form');
      await form?.updateComplete;
      form?.focus();
    } catch (error) {
      this._unread = error;
    }
  }

  async #send({ detail: { siteName, ...value } }: CustomEvent<Record<string, unknown>>): Promise<void> {
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      await rename(String(siteName ?? ''));
      const rev = this._general?.rev ?? 0;
      this._general = await call('PUT /api/v1/settings/:section', {
        params: { section: 'general' },
        body: { rev, value },
      });
      await call('PUT /api/v1/onboarding', { body: { step: 'host' } });
      this.dispatchEvent(new CustomEvent('done'));
    } catch (error) {
      this._problems = error instanceof ApiProblem ? error.fields.map(atField) : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  override render() {
    return html`<h1>${msg('Describe this site')}</h1>
      <p class="quiet">${msg('A site is one place with its hosts: a home, an office. More can be added later.')}</p>
      ${this._unread ? failureNotice(msg('This form could not be loaded'), this._unread, { again: () => void this.#load() }) : this.#form()}`;
  }

  #form() {
    const general = this._general;
    if (!general) return html`<reeve-notice kind="loading" heading=${msg('Loading the form')}></reeve-notice>`;
    const form = general.form as JsonSchema;
    const siteName = { type: 'string', title: msg('Name of the site'), order: 0 };
    // What was saved before wins over what this browser would propose.
    const proposed = general.rev === 0 ? { timeZone: ownTimeZone(), currency: likelyCurrency(navigator.language) } : {};
    return html`<reeve-form
      .schema=${{ ...form, properties: { siteName, ...form.properties }, required: ['siteName', ...(form.required ?? [])] }}
      .value=${{ ...general.value, ...proposed, siteName: session()?.siteName ?? '' }}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${msg('Go on')}
      ?busy=${this._isBusy}
      @send=${this.#send}
    ></reeve-form>`;
  }
}
customElements.define('reeve-site-step', ReeveSiteStep);

/** Gives the site another name, where it is another. */
async function rename(name: string): Promise<void> {
  const site = (await allOf('GET /api/v1/sites')).find(({ id }) => id === session()?.siteId);
  if (site && site.name !== name)
    await call('PATCH /api/v1/sites/:siteId', { params: { siteId: site.id }, body: { rev: site.rev, name } });
}

/** Two requests stand behind one form: their fields by the names of the form. */
const atField = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.value\b/, 'body').replace(/^body\.name\b/, 'body.siteName'),
  message,
});

declare global {
  interface HTMLElementTagNameMap {
    'reeve-site-step': ReeveSiteStep;
  }
}
