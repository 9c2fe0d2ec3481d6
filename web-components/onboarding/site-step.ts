import { html, LitElement } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { focusForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';
import { session } from '../session.ts';
import { formWords, likelyCurrency, ownTimeZone } from './steps.ts';
import { stepStyles } from './styles.ts';

type General = ResponseOf<'GET /api/v1/settings/:section'>;

/** `<reeve-site-step>`: name, time zone, currency and price of electricity of the first site. Event `done` when they are kept. */
export class ReeveSiteStep extends LitElement {
  readonly #general = new Reading<General>(
    this,
    () => call('GET /api/v1/settings/:section', { params: { section: 'general' } }),
    { onDrawn: () => void focusForm(this) },
  );
  readonly #sending = new Sending(this);

  static override styles = [base, stepStyles];

  async #send({ detail: { siteName, ...value } }: CustomEvent<Record<string, unknown>>): Promise<void> {
    await this.#sending.run(async () => {
      await rename(String(siteName ?? ''));
      const body = { rev: this.#general.value?.rev ?? 0, value };
      this.#general.set(await call('PUT /api/v1/settings/:section', { params: { section: 'general' }, body }));
      await call('PUT /api/v1/onboarding', { body: { step: 'host' } });
      this.dispatchEvent(new CustomEvent('done'));
    }, atField);
  }

  override render() {
    return html`<h1>${msg('Describe this site')}</h1>
      <p class="quiet">${msg('A site is one place with its hosts: a home, an office. More can be added later.')}</p>
      ${this.#general.view(formWords(), (general) => this.#form(general))}`;
  }

  #form(general: General) {
    const form = general.form as JsonSchema;
    const siteName = { type: 'string', title: msg('Name of the site'), order: 0 };
    // What was saved before wins over what this browser would propose.
    const proposed = general.rev === 0 ? { timeZone: ownTimeZone(), currency: likelyCurrency(navigator.language) } : {};
    return html`<reeve-form
      .schema=${{ ...form, properties: { siteName, ...form.properties }, required: ['siteName', ...(form.required ?? [])] }}
      .value=${{ ...general.value, ...proposed, siteName: session()?.siteName ?? '' }}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Go on')}
      ?busy=${this.#sending.isBusy}
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
