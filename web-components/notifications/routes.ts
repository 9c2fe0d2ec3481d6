import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import '../parts/picks.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/switch.ts';
import type { Column } from '../parts/table-rows.ts';
import { toast } from '../parts/toast.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { routeSchema, sentRoute } from './route-form.ts';
import { type Channel, type Route, routeText } from './words.ts';

interface Read {
  routes: readonly Route[];
  channels: readonly Channel[];
}

/** `<reeve-notification-routes>`: which messages go to which channels. Every route that fits adds its channels. */
export class ReeveNotificationRoutes extends LitElement {
  static override properties = { _busy: { state: true } };
  declare _busy: ReadonlySet<string>;
  readonly #read = new Reading<Read>(this, async () => {
    const [routes, channels] = await Promise.all([
      allOf('GET /api/v1/notification-routes'),
      allOf('GET /api/v1/notification-channels'),
    ]);
    return { routes, channels };
  });
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 12px;
        justify-items: start;
      }
      reeve-table {
        width: 100%;
      }
      .lead {
        max-width: 80ch;
      }
    `,
  ];

  constructor() {
    super();
    this._busy = new Set();
  }

  override render() {
    return html`<p class="lead quiet">
        ${msg('A route says which messages go where; every one that fits adds its channels. As soon as there is a route, what fits none is told to nobody.')}
      </p>
      ${this.#read.view({ failed: msg('The routes could not be read'), loading: msg('Loading the routes') }, (read) => this.#body(read))}
      ${this.#dialogs.render()}`;
  }

  #body({ routes, channels }: Read) {
    if (channels.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('There is no channel yet')}>
        <a href="/notifications">${msg('Set a channel up first')}</a>
      </reeve-notice>`;
    return html`<reeve-table
        label=${msg('Routes')}
        .columns=${this.#columns(channels)}
        .rows=${routes}
        .keyOf=${({ id }: Route) => id}
      >
        <reeve-notice kind="empty" heading=${msg('No routes: everything goes to every channel that is on')}>
          <p>${msg('Add one to send only some messages to a channel, or to tell somebody else when nobody answers.')}</p>
        </reeve-notice>
      </reeve-table>
      <button type="button" class="primary" @click=${() => this.#edit(undefined)}>${icon('plus')}${msg('Add a route')}</button>`;
  }

  #columns(channels: readonly Channel[]): Column<Route>[] {
    const nameOf = (id: string): string => channels.find((each) => each.id === id)?.name ?? msg('a removed channel');
    return [
      { id: 'title', title: msg('Route'), isHeading: true, sortBy: ({ title }) => title, cell: ({ title }) => title },
      { id: 'on', title: msg('On'), cell: (route) => this.#switch(route) },
      { id: 'what', title: msg('What'), cell: (route) => routeText(route) },
      { id: 'to', title: msg('Goes to'), cell: ({ channelIds }) => channelIds.map(nameOf).join(', ') },
      {
        id: 'when',
        title: msg('When'),
        cell: ({ afterMinutes, tellsEnd }) =>
          html`<span class="two-lines"
            ><span>${afterMinutes > 0 ? msg('after {minutes} min without an answer', { minutes: afterMinutes }) : msg('at once')}</span>
            ${tellsEnd ? nothing : html`<small class="quiet">${msg('not when it is over')}</small>`}</span
          >`,
      },
      { id: 'actions', title: msg('Actions'), cell: (route) => this.#menu(route) },
    ];
  }

  #switch(route: Route) {
    return html`<reeve-switch
      label=${msg('{name} is on', { name: route.title })}
      ?on=${route.isEnabled}
      ?busy=${this._busy.has(route.id)}
      @change=${({ detail }: CustomEvent<{ on: boolean }>) => void this.#turn(route, detail.on)}
    ></reeve-switch>`;
  }

  #menu(route: Route) {
    return html`<reeve-menu
      label=${msg('Actions for {name}', { name: route.title })}
      .items=${[{ id: 'edit', title: msg('Change…') }, { id: 'remove', title: msg('Remove…'), isDanger: true }]}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => (detail.id === 'edit' ? this.#edit(route) : this.#remove(route))}
    ></reeve-menu>`;
  }

  #edit(route: Route | undefined): void {
    const channels = this.#read.value?.channels ?? [];
    const used = new Set([...live().fleet.hosts.flatMap((host) => host.tags), ...(route?.tags ?? [])]);
    const tags = [...used].sort((a, b) => a.localeCompare(b));
    const { id, ...value } = route ?? {};
    this.#dialogs.fill({
      heading: route ? msg('Change {name}', { name: route.title }) : msg('Add a route'),
      form: 'notification-route',
      shape: (schema) => routeSchema(schema, { channels, tags }),
      value,
      given: route ? { rev: route.rev } : {},
      verb: route ? msg('Save') : msg('Add the route'),
      send: async (values) => {
        const body = sentRoute(values);
        if (route)
          await call('PUT /api/v1/notification-routes/:routeId', {
            params: { routeId: route.id },
            body: { ...body, rev: route.rev },
          });
        else await call('POST /api/v1/notification-routes', { body });
        await this.#read.load();
      },
    });
  }

  async #turn(route: Route, isEnabled: boolean): Promise<void> {
    const { id, ...fields } = route;
    this._busy = new Set([...this._busy, id]);
    try {
      await call('PUT /api/v1/notification-routes/:routeId', {
        params: { routeId: id },
        body: { ...fields, isEnabled },
      });
    } catch (error) {
      const isOutdated = error instanceof ApiProblem && error.code === 'conflict';
      toast({
        text: isOutdated
          ? msg('Somebody else changed this route meanwhile: this is how it is now')
          : problemText(error),
      });
    } finally {
      await this.#read.load();
      this._busy = new Set([...this._busy].filter((each) => each !== id));
    }
  }

  #remove(route: Route): void {
    const isLast = this.#read.value?.routes.length === 1;
    this.#dialogs.confirm({
      heading: msg('Remove “{route}”?', { route: route.title }),
      consequences: [
        isLast
          ? msg('It is the last one: without routes every message goes to every channel that is on.')
          : msg('Messages that fit only this one are told to nobody from now on.'),
      ],
      verb: msg('Remove the route'),
      act: async () => {
        await call('DELETE /api/v1/notification-routes/:routeId', { params: { routeId: route.id } });
        await this.#read.load();
      },
    });
  }
}
customElements.define('reeve-notification-routes', ReeveNotificationRoutes);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-notification-routes': ReeveNotificationRoutes;
  }
}
