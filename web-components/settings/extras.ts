import { html } from 'lit';
import { msg } from '../msg.ts';
import type { ResponseOf } from '../rest.ts';
import './history-use.ts';

/** A section of settings as the API describes it. */
export type Section = ResponseOf<'GET /api/v1/settings'>['items'][number];

/** What a section shows above its form, beyond what its schema says; by id. */
export const extras: Record<string, (section: Section) => unknown> = {
  history: ({ rev, value }) => html`<reeve-history-use rev=${rev} .settings=${value}></reeve-history-use>`,
  notifications: () =>
    html`<p class="quiet">${msg('Channels, routes and quiet hours have a page of their own:')} <a href="/notifications">${msg('Notifications')}</a></p>`,
};
