import { html } from 'lit';
import type { BackupAnswer } from '../../protocol/backups.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';

export interface BackupActions {
  restore(backup: BackupAnswer): void;
  remove(backup: BackupAnswer): void;
}

/** Columns of the table of kept backups. */
export const backupColumns = ({ restore, remove }: BackupActions): Column<BackupAnswer>[] => [
  {
    id: 'made',
    title: msg('Made'),
    isHeading: true,
    sortBy: ({ madeAt }) => madeAt,
    cell: ({ madeAt }) => html`<reeve-time .at=${madeAt}></reeve-time>`,
  },
  {
    id: 'size',
    title: msg('Size'),
    align: 'end',
    sortBy: ({ bytes }) => bytes,
    cell: ({ bytes }) => formatValue(bytes, 'By'),
  },
  { id: 'holds', title: msg('Holds'), cell: holds },
  { id: 'version', title: msg('Version'), cell: ({ version }) => version },
  {
    id: 'actions',
    title: msg('Actions'),
    cell: (
      backup,
    ) => html`<a href="/api/v1/backups/${backup.id}/file" download="${backup.id}.reeve">${msg('Download')}</a>
      <reeve-action @click=${() => restore(backup)}>${msg('Restore…')}</reeve-action>
      <reeve-action @click=${() => remove(backup)}>${msg('Delete…')}</reeve-action>`,
  },
];

function holds({ isEncrypted, isOwn, isMade }: BackupAnswer): string {
  const parts = [isEncrypted ? msg('everything, encrypted') : msg('no keys or accounts')];
  if (!isMade) parts.push(msg('brought'));
  if (!isOwn) parts.push(msg('of another appliance'));
  return parts.join(', ');
}
