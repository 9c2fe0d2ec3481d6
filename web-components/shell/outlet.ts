import { html, LitElement, type PropertyValues } from 'lit';
import { msg } from '../msg.ts';
import { pages } from '../pages/index.ts';
import { type Page, type PageElement, setTitle } from '../pages/page.ts';
import '../parts/notice.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import { matchPage, router } from '../router.ts';
import { may } from '../session.ts';

/** `<reeve-outlet>`: shows the page that the address names; loads its file first, keeps its element while only parameters change. */
export class ReeveOutlet extends LitElement {
  static override properties = { _failure: { state: true }, _missing: { state: true }, _refused: { state: true } };
  declare _failure: unknown;
  declare _missing: boolean;
  /** The page that is there, and that the person's role does not open. */
  declare _refused: Page | undefined;
  static override styles = base;
  #shown: { page: Page; element: PageElement } | undefined;
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = router.subscribe((change) => {
      if (change === 'page') void this.#show();
    });
    void this.#show();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  async #show(): Promise<void> {
    const match = matchPage(pages, location.pathname);
    this._missing = match === undefined;
    this._failure = undefined;
    this._refused = match?.page.access && !may(match.page.access) ? match.page : undefined;
    if (!match) return setTitle(msg('Not found'));
    const { page, params } = match;
    if (this._refused) return setTitle(page.title());
    if (this.#shown?.page === page) {
      this.#shown.element.params = params;
      return;
    }
    try {
      await page.load();
    } catch (error) {
      this._failure = error;
      return;
    }
    // The person may have gone on while the file came.
    if (matchPage(pages, location.pathname)?.page !== page) return;
    this.#swap(page, params);
  }

  #swap(page: Page, params: Record<string, string>): void {
    const isFirst = this.#shown === undefined;
    setTitle(page.title());
    const element = document.createElement(page.tag) as PageElement;
    element.params = params;
    this.#shown = { page, element };
    this.requestUpdate();
    if (isFirst) return;
    scrollTo(0, 0);
    // Screen readers go on reading at the new page, not at the link that is gone.
    this.closest<HTMLElement>('main')?.focus({ preventScroll: true });
  }

  protected override shouldUpdate(_changed: PropertyValues): boolean {
    return this.isConnected;
  }

  override render() {
    if (this._missing) {
      this.#shown = undefined;
      return html`<h1 class="for-readers">${msg('Not found')}</h1>
      <reeve-notice page kind="empty" heading=${msg('There is no page at this address')}>
        <a href="/">${msg('Go to the fleet')}</a>
      </reeve-notice>`;
    }
    if (this._refused) {
      this.#shown = undefined;
      return refusal(this._refused);
    }
    if (this._failure)
      return failureNotice(msg('This page could not be loaded'), this._failure, {
        again: () => void this.#show(),
        isPage: true,
      });
    return html`${this.#shown?.element}`;
  }
}
customElements.define('reeve-outlet', ReeveOutlet);

function refusal({ title, access }: Page) {
  const isOwners = access === 'owner';
  return html`<h1 class="for-readers">${title()}</h1>
    <reeve-notice kind="no-permission" heading=${msg('Your role does not allow this page')}>
      <p>
        ${isOwners ? msg('It is for the owner of the appliance.') : msg('It is for an {role} of this site. Ask the owner for that role.', { role: access ?? '' })}
      </p>
      <a href="/">${msg('Go to the fleet')}</a>
    </reeve-notice>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-outlet': ReeveOutlet;
  }
}
