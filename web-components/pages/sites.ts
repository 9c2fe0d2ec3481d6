import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { type AnswerItem, allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call } from '../rest.ts';
import { roleTitle } from '../roles.ts';
import { may, session } from '../session.ts';
import { changeSite } from '../shell/change-site.ts';

type Site = AnswerItem<'GET /api/v1/sites'>;

/** The sites that the person may enter, with how their hosts are; owners make, rename and remove them. */
export class ReeveSitesPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #sites = new Reading(this, () => allOf('GET /api/v1/sites'));
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, pageHead];

  override render() {
    return html`<header>
        <h1>${msg('Sites')}</h1>
        ${may('owner') ? html`<button type="button" class="primary" @click=${this.#add}>${icon('plus')}${msg('Add site')}</button>` : nothing}
      </header>
      ${this.#sites.view({ failed: msg('The sites could not be read'), loading: msg('Loading the sites') }, (sites) => this.#table(sites))}
      ${this.#dialogs.render()}`;
  }

  #table(sites: readonly Site[]) {
    return html`<reeve-table
      label=${msg('Sites')}
      .columns=${this.#columns()}
      .rows=${sites}
      .keyOf=${({ id }: Site) => id}
    ></reeve-table>`;
  }

  #columns(): Column<Site>[] {
    return [
      { id: 'name', title: msg('Site'), isHeading: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
      {
        id: 'status',
        title: msg('Status'),
        sortBy: ({ offline, stale }) => -(offline * 1_000 + stale),
        cell: countsCell,
      },
      { id: 'hosts', title: msg('Hosts'), align: 'end', sortBy: ({ hosts }) => hosts, cell: ({ hosts }) => hosts },
      {
        id: 'report',
        title: msg('Last report'),
        sortBy: ({ lastReportAt }) => lastReportAt ?? 0,
        cell: ({ lastReportAt }) =>
          lastReportAt
            ? html`<reeve-time .at=${lastReportAt}></reeve-time>`
            : html`<span class="quiet">${msg('None yet')}</span>`,
      },
      { id: 'role', title: msg('Your role'), sortBy: ({ role }) => role, cell: ({ role }) => roleTitle(role) },
      { id: 'actions', title: msg('Actions'), cell: (site) => this.#actions(site) },
    ];
  }

  #actions(site: Site) {
    const isHere = site.id === session()?.siteId;
    return html`<span class="several"
      >${
        isHere
          ? html`<span class="quiet">${msg('You are here')}</span>`
          : html`<reeve-action @click=${() => changeSite(this, site.id)}>${msg('Go there')}</reeve-action>`
      }
      ${may('owner') ? this.#menu(site, isHere) : nothing}</span
    >`;
  }

  #menu(site: Site, isHere: boolean) {
    const canGo = !site.isFirst && !isHere;
    return html`<reeve-menu
      label=${msg('Actions for {name}', { name: site.name })}
      .items=${[
        { id: 'rename', title: msg('Rename…') },
        ...(canGo ? [{ id: 'remove', title: msg('Remove…'), isDanger: true }] : []),
      ]}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => {
        if (detail.id === 'rename') this.#rename(site);
        else this.#askRemove(site);
      }}
    ></reeve-menu>`;
  }

  #add(): void {
    this.#dialogs.fill({
      heading: msg('Add a site'),
      lead: msg('Its hosts, keys, alerts and members are its own: nobody sees them from another site.'),
      form: 'create-site',
      verb: msg('Add the site'),
      send: async (values) => {
        await call('POST /api/v1/sites', { body: values as { name: string } });
        await this.#sites.load();
      },
    });
  }

  #rename({ id, rev, name }: Site): void {
    this.#dialogs.fill({
      heading: msg('Rename {name}', { name }),
      form: 'edit-site',
      value: { name },
      given: { rev },
      verb: msg('Save'),
      send: async (values) => {
        const body = values as { rev: number; name: string };
        await call('PATCH /api/v1/sites/:siteId', { params: { siteId: id }, body });
        await this.#sites.load();
      },
    });
  }

  #askRemove({ id, name, hosts }: Site): void {
    this.#dialogs.confirm({
      heading: msg('Remove {name}?', { name }),
      consequences: [
        ...(hosts > 0 ? [msg('It still has {hosts} hosts: remove or move them first.', { hosts })] : []),
        msg('Its API keys, its settings and the roles of its members.'),
        msg('Accounts stay; who had a role only here can sign in nowhere until an owner gives another.'),
      ],
      verb: msg('Remove the site'),
      typed: name,
      act: async () => {
        await call('DELETE /api/v1/sites/:siteId', { params: { siteId: id } });
        await this.#sites.load();
      },
    });
  }
}
customElements.define('reeve-sites-page', ReeveSitesPage);

function countsCell({ hosts, online, stale, offline }: Site) {
  if (hosts === 0) return html`<span class="quiet">${msg('No hosts')}</span>`;
  const counts = [
    { level: 'ok', count: online, word: msg('{count} online', { count: online }) },
    { level: 'warning', count: stale, word: msg('{count} stale', { count: stale }) },
    { level: 'offline', count: offline, word: msg('{count} offline', { count: offline }) },
  ];
  return html`<span class="several"
    >${counts.filter(({ count }) => count > 0).map(({ level, word }) => html`<reeve-state level=${level} word=${word}></reeve-state>`)}</span
  >`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-sites-page': ReeveSitesPage;
  }
}
