import { html, LitElement, nothing } from 'lit';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { pages } from '../pages/index.ts';
import type { Page } from '../pages/page.ts';
import { Hearing } from '../parts/hearing.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import { base, buttons } from '../parts/styles.ts';
import { chooseTheme } from '../preferences.ts';
import { roleTitle } from '../roles.ts';
import { matchPage, router } from '../router.ts';
import { may } from '../session.ts';
import { type ThemeChoice, themeChoice } from '../theme.ts';
import './bell.ts';
import { alertBadge, badgeStyles } from './badge.ts';
import { changeSite } from './change-site.ts';
import { frameStyles } from './frame-styles.ts';
import './group-nav.ts';
import './jump.ts';
import './live-indicator.ts';
import { logo } from './logo.ts';
import './outlet.ts';
import { addressOf, currentness, groupPlaces, railPlaces } from './places.ts';

/** Places in the bar of a phone before "More". */
const BAR_PLACES = 5;

/** `<reeve-frame .session=${session}>`: navigation and top bar around the page. Events `sign-out`, `change-site` (`detail.siteId`). */
export class ReeveFrame extends LitElement {
  static override properties = { session: { attribute: false }, _isJumping: { state: true } };
  declare session: SessionAnswer;
  declare _isJumping: boolean;
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this._isJumping = true;
  };

  static override styles = [base, buttons, frameStyles, badgeStyles];

  constructor() {
    super();
    this._isJumping = false;
    new Follow(this, () => [live().alerts]);
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#onKey);
  }

  override render() {
    const current = matchPage(pages, location.pathname)?.page;
    const group = groupPlaces(pages, current, may);
    return html`<header>
        <button class="skip" type="button" @click=${this.#skip}>${msg('Skip to the content')}</button>
        ${this.#topBar()}
      </header>
      <nav aria-label=${msg('Pages')}>
        <a class="brand" href="/" aria-label=${msg('Reeve, to the fleet')}>${logo()}<b>Reeve</b></a>
        ${this.#links(current)}
      </nav>
      <main id="content" tabindex="-1" class=${group.length > 0 ? 'grouped' : ''}>
        <reeve-group-nav ?hidden=${group.length === 0} .places=${group} .current=${current}></reeve-group-nav>
        <reeve-outlet></reeve-outlet>
      </main>
      <reeve-jump ?open=${this._isJumping} @close=${this.#jumped}></reeve-jump>`;
  }

  #links(current: Page | undefined) {
    const places = railPlaces(pages, may);
    const link = (page: Page, isExtra: boolean) =>
      html`<a
        class="place ${isExtra ? 'extra' : ''}"
        href=${addressOf(page)}
        title=${placeTitle(page)}
        aria-current=${currentness(page, current)}
        >${icon(page.nav?.icon ?? 'more')}<span>${placeTitle(page)}</span>${page.id === 'alerts' ? alertBadge() : nothing}</a
      >`;
    const needsMore = places.length > BAR_PLACES;
    return html`${places.map((page, index) => link(page, needsMore && index >= BAR_PLACES - 1))}
    ${needsMore ? this.#more(places.slice(BAR_PLACES - 1)) : nothing}`;
  }

  #more(rest: readonly Page[]) {
    const items = rest.map((page) => ({ id: page.id, title: placeTitle(page) }));
    return html`<reeve-menu
      class="more"
      label=${msg('More pages')}
      .items=${items}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => {
        const page = rest.find(({ id }) => id === detail.id);
        if (page) router.go(addressOf(page));
      }}
      >${icon('more')}${msg('More')}</reeve-menu
    >`;
  }

  #topBar() {
    return html`${this.#site()}
      <button class="search" type="button" aria-label=${`${msg('Search or jump…')} Ctrl K`} @click=${this.#jump}>
        ${icon('search')}<span>${msg('Search or jump…')}</span> <kbd>Ctrl K</kbd>
      </button>
      <div class="tools">
        <reeve-live-indicator></reeve-live-indicator>
        <reeve-bell></reeve-bell>
        ${this.#themeMenu()}${this.#accountMenu()}
      </div>`;
  }

  /** Where one is; with several sites, the way to the others. */
  #site() {
    const { siteId, siteName, sites } = this.session;
    if (sites.length < 2) return html`<a class="site" href="/">${logo()}<span>${siteName}</span></a>`;
    const items = sites.map(({ id, name }) => ({ id, title: name, isChosen: id === siteId }));
    return html`<a class="site alone" href="/" aria-label=${msg('To the fleet')}>${logo()}</a>
      <reeve-menu
        class="sites"
        label=${msg('Site: {name}', { name: siteName })}
        .items=${items}
        @choose=${({ detail }: CustomEvent<{ id: string }>) => this.#changeSite(detail.id)}
        ><span class="name">${siteName}</span> <span class="quiet" aria-hidden="true">▾</span></reeve-menu
      >`;
  }

  #changeSite(siteId: string): void {
    if (siteId !== this.session.siteId) changeSite(this, siteId);
  }

  #themeMenu() {
    const chosen = themeChoice();
    const items = [
      { id: 'system', title: msg('As the system') },
      { id: 'dark', title: msg('Dark') },
      { id: 'light', title: msg('Light') },
    ].map((item) => ({ ...item, isChosen: item.id === chosen }));
    return html`<reeve-menu
      label=${msg('Colours')}
      icon="theme"
      .items=${items}
      @choose=${({ detail }: CustomEvent<{ id: ThemeChoice }>) => {
        chooseTheme(detail.id);
        this.requestUpdate();
      }}
    ></reeve-menu>`;
  }

  #accountMenu() {
    const { userName, role, siteName } = this.session;
    const note = role === 'owner' ? msg('Owner') : msg('{role} of {site}', { role: roleTitle(role), site: siteName });
    return html`<reeve-menu
      label=${msg('Account of {name}', { name: userName })}
      icon="person"
      heading=${userName}
      note=${note}
      .items=${[{ id: 'account', title: msg('Account') }, { id: 'sign-out', title: msg('Sign out') }]}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => {
        if (detail.id === 'account') router.go('/account');
        else this.dispatchEvent(new CustomEvent('sign-out'));
      }}
    ></reeve-menu>`;
  }

  #jump(): void {
    this._isJumping = true;
  }

  #jumped(): void {
    this._isJumping = false;
  }

  #skip(): void {
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  }
}
customElements.define('reeve-frame', ReeveFrame);

const placeTitle = ({ nav, title }: Page): string => nav?.title?.() ?? title();

declare global {
  interface HTMLElementTagNameMap {
    'reeve-frame': ReeveFrame;
  }
}
