import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';
import { browserName } from './browser-name.ts';
import { ownMark, PushRefused, type PushState, placeHere, pushStateOf, switchOff, switchOn } from './push.ts';

type Push = ResponseOf<'GET /api/v1/account/push'>;
interface Read {
  push: Push;
  mark: string | undefined;
}

/** `<reeve-push-switch>`: whether this browser shows alerts of this site, what keeps it from that, and where else it is on. */
export class ReevePushSwitch extends LitElement {
  readonly #read = new Reading<Read>(this, async () => ({
    push: await call('GET /api/v1/account/push'),
    mark: await ownMark(),
  }));
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      .switch,
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        min-height: 44px;
      }
      ul {
        border-top: 1px solid var(--reeve-line);
      }
      p {
        max-width: 640px;
      }
      [role='alert'] {
        color: var(--reeve-critical);
      }
    `,
  ];

  override render() {
    const words = { failed: msg('The browsers could not be read'), loading: msg('Loading the browsers') };
    return this.#read.view(words, (read) => this.#switch(read));
  }

  #switch({ push, mark }: Read) {
    const own = push.items.find((each) => each.mark === mark);
    const state = pushStateOf(placeHere(), { isOffered: push.isOffered, isKnown: own !== undefined });
    const others = push.items.filter((each) => each !== own);
    return html`<div class="switch">
        <reeve-state level=${state === 'on' ? 'ok' : 'unknown'} word=${stateWord(state)}></reeve-state>
        ${this.#button(state, push, own?.id)}
      </div>
      ${stateText(state, push)}
      ${this.#sending.failure ? html`<p role="alert">${this.#sending.failure}</p>` : nothing}
      ${others.length > 0 ? this.#others(others) : nothing}`;
  }

  #button(state: PushState, { publicKey }: Push, id: string | undefined) {
    const { isBusy } = this.#sending;
    if (state === 'off')
      return html`<button type="button" ?disabled=${isBusy} @click=${() => this.#do(() => switchOn(publicKey))}>
        ${msg('Switch on')}
      </button>`;
    if (state === 'on' && id !== undefined)
      return html`<button type="button" ?disabled=${isBusy} @click=${() => this.#do(() => switchOff(id))}>
        ${msg('Switch off')}
      </button>`;
    return nothing;
  }

  #others(others: Push['items']) {
    return html`<ul aria-label=${msg('Other browsers of yours')}>
      ${others.map(
        ({ id, browser }) => html`<li>
          <span title=${browser}>${msg('Also on in {browser}', { browser: browserName(browser) })}</span>
          <button
            type="button"
            aria-label=${msg('Remove {browser}', { browser: browserName(browser) })}
            @click=${() => this.#do(() => this.#remove(id))}
          >
            ${msg('Remove')}
          </button>
        </li>`,
      )}
    </ul>`;
  }

  #remove(browserId: string): Promise<null> {
    return call('DELETE /api/v1/account/push/browsers/:browserId', { params: { browserId } });
  }

  async #do(work: () => Promise<unknown>): Promise<void> {
    let refused = '';
    await this.#sending.run(() =>
      work().catch((error) => {
        if (!(error instanceof PushRefused)) throw error;
        refused = refusedText(error);
      }),
    );
    await this.#read.load();
    if (refused) this.#sending.fail(refused);
  }
}
customElements.define('reeve-push-switch', ReevePushSwitch);

const stateWord = (state: PushState): string =>
  state === 'on' ? msg('On') : state === 'off' ? msg('Off') : msg('Not possible');

function stateText(state: PushState, { isOffered }: Push) {
  switch (state) {
    case 'insecure':
      return html`<p class="quiet">
        ${msg('Browsers show notifications only for pages that came over HTTPS. Let this device trust the appliance, open it over HTTPS, and switch them on there.')}
        <a href="/settings/trust">${msg('How to trust it')}</a>
      </p>`;
    case 'unsupported':
      return html`<p class="quiet">
        ${msg('This browser has no push messages. On iPhone and iPad: add Reeve to the Home Screen, open it there, and switch them on. In a private window there are none either.')}
      </p>`;
    case 'blocked':
      return html`<p class="quiet">
        ${msg('Notifications are blocked for this address. Allow them in the browser’s settings for this page, then load it again.')}
      </p>`;
    case 'not-offered':
      return html`<p class="quiet">
        ${msg('In this site nobody has set them up: an admin adds a channel of the kind Browser push.')}
      </p>`;
    case 'off':
      return html`<p class="quiet">
        ${msg('Alerts of this site, also while no page of Reeve is open. They travel encrypted over the push service of this browser’s maker, which cannot read them but learns when one is sent.')}
      </p>`;
    case 'on':
      return isOffered
        ? html`<p class="quiet">${msg('Alerts of this site are shown here, also while no page of Reeve is open.')}</p>`
        : html`<p class="quiet">${msg('The channel Browser push is switched off in this site: nothing is sent.')}</p>`;
  }
}

function refusedText({ step, message }: PushRefused): string {
  if (step === 'permission') return msg('Without your permission the browser shows nothing.');
  if (step === 'worker')
    return msg(
      'The browser starts nothing in the background ({why}). Most often this device does not trust the appliance’s certificate yet.',
      {
        why: message,
      },
    );
  return msg('The push service of this browser cannot be reached, or is switched off in the browser ({why}).', {
    why: message,
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-push-switch': ReevePushSwitch;
  }
}
