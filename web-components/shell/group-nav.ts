import { css, html, LitElement, nothing } from 'lit';
import type { Page } from '../pages/page.ts';
import '../parts/menu.ts';
import { base } from '../parts/styles.ts';
import { router } from '../router.ts';
import { addressOf } from './places.ts';

/** `<reeve-group-nav .places=${pages} .current=${page}>`: the pages of a group, as a list where there is room and as a menu where there is none. */
export class ReeveGroupNav extends LitElement {
  static override properties = { places: { attribute: false }, current: { attribute: false } };
  declare places: readonly Page[];
  declare current: Page | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      nav {
        position: sticky;
        top: 64px;
        display: grid;
        gap: 2px;
      }
      a {
        padding: 6px 12px;
        border-left: 2px solid var(--reeve-line);
        color: var(--reeve-muted);
        font-weight: 500;
        text-decoration: none;
      }
      a:hover {
        color: var(--reeve-text);
      }
      a[aria-current='page'] {
        border-left-color: var(--reeve-accent);
        color: var(--reeve-text);
      }
      reeve-menu {
        display: none;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
      }
      .chevron {
        color: var(--reeve-muted);
      }
      @media (max-width: 899px) {
        nav {
          display: none;
        }
        reeve-menu {
          display: inline-block;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.places = [];
  }

  override render() {
    const { places, current } = this;
    const [first] = places;
    if (!first) return nothing;
    const heading = first.nav?.title?.() ?? first.title();
    const items = places.map((page) => ({ id: page.id, title: page.title(), isChosen: page === current }));
    return html`<nav aria-label=${heading}>
        ${places.map((page) => html`<a href=${addressOf(page)} aria-current=${page === current ? 'page' : 'false'}>${page.title()}</a>`)}
      </nav>
      <reeve-menu label=${`${heading} ${current?.title() ?? ''}`} .items=${items} @choose=${this.#go}
        ><span class="quiet">${heading}</span> ${current?.title()} <span class="chevron" aria-hidden="true">▾</span></reeve-menu
      >`;
  }

  #go({ detail }: CustomEvent<{ id: string }>): void {
    const page = this.places.find(({ id }) => id === detail.id);
    if (page) router.go(addressOf(page));
  }
}
customElements.define('reeve-group-nav', ReeveGroupNav);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-group-nav': ReeveGroupNav;
  }
}
