import { html, nothing } from 'lit';
import type { Waiver } from '../../protocol/audits.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import type { Column } from '../parts/table-rows.ts';
import { may } from '../session.ts';
import { dayText } from '../times.ts';

/** Findings of a target that somebody lives with; `end` ends one. */
export function waiversView(waivers: readonly Waiver[], end: (waiverId: string) => void) {
  const columns: Column<Waiver>[] = [
    { id: 'title', title: msg('Finding'), isHeading: true, cell: ({ title }) => title },
    {
      id: 'reason',
      title: msg('Why'),
      cell: ({ reason, by }) => html`${reason} <span class="quiet">${msg('by {name}', { name: by })}</span>`,
    },
    {
      id: 'until',
      title: msg('Until'),
      cell: ({ expiresAt }) =>
        expiresAt === undefined ? msg('for good') : expiresAt < live().fleet.now() ? msg('over') : dayText(expiresAt),
    },
    {
      id: 'actions',
      title: msg('Actions'),
      cell: ({ id }) =>
        may('admin') ? html`<reeve-action @click=${() => end(id)}>${msg('End the waiver')}</reeve-action>` : nothing,
    },
  ];
  return html`<section><h2>${msg('Waivers')}</h2>
    <reeve-table label=${msg('Waivers')} name="waiver" .columns=${columns} .rows=${waivers} .keyOf=${({ id }: Waiver) => id}></reeve-table></section>`;
}
