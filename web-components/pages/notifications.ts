import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../notifications/channels.ts';
import '../notifications/deliveries.ts';
import '../notifications/quiet-hours.ts';
import '../notifications/routes.ts';
import '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import type { Tab } from '../parts/tabs.ts';
import '../parts/tabs.ts';
import { may } from '../session.ts';

/** Who is told of alerts: channels, routes, quiet hours, and what was sent. */
export class ReeveNotificationsPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;

  static override styles = [
    base,
    css`
      h1 {
        margin-bottom: 4px;
      }
      .lead {
        margin-bottom: 8px;
        max-width: 80ch;
      }
      .tab {
        padding-top: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.params = {};
  }

  override render() {
    const tabs = tabsFor(may('admin'));
    const selected = this.params.tab ?? tabs[0]?.id ?? '';
    return html`<h1>${msg('Notifications')}</h1>
      <p class="lead quiet">${msg('Who is told of alerts, where and when.')}</p>
      <reeve-tabs label=${msg('Parts of notifications')} .tabs=${tabs} selected=${selected}></reeve-tabs>
      <div class="tab">${tabs.some(({ id }) => id === selected) ? this.#tab(selected) : this.#none()}</div>`;
  }

  #tab(id: string) {
    switch (id) {
      case 'channels':
        return html`<reeve-channels></reeve-channels>`;
      case 'routes':
        return html`<reeve-notification-routes></reeve-notification-routes>`;
      case 'quiet':
        return html`<reeve-quiet-hours></reeve-quiet-hours>`;
      default:
        return html`<reeve-deliveries></reeve-deliveries>`;
    }
  }

  #none() {
    return html`<reeve-notice kind="empty" heading=${msg('There is no page at this address')}>
      <a href="/notifications">${msg('Go to notifications')}</a>
    </reeve-notice>`;
  }
}
customElements.define('reeve-notifications-page', ReeveNotificationsPage);

/** Channels and routes are for admins; the others see when it is quiet, and what was sent. */
function tabsFor(isAdmin: boolean): Tab[] {
  const forAdmins = [
    { id: 'channels', title: msg('Channels') },
    { id: 'routes', title: msg('Routes') },
  ];
  const forAll = [
    { id: 'sent', title: msg('What was sent') },
    { id: 'quiet', title: msg('Quiet hours') },
  ];
  const tabs = isAdmin ? [...forAdmins, ...forAll] : forAll;
  return tabs.map((tab, index) => ({ ...tab, href: index === 0 ? '/notifications' : `/notifications/${tab.id}` }));
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-notifications-page': ReeveNotificationsPage;
  }
}
