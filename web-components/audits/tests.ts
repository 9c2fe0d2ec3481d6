import { html } from 'lit';
import type { ConnectionTest } from '../../protocol/routes/audit-targets.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import '../parts/dialog.ts';
import '../parts/notice.ts';
import '../parts/state-icon.ts';
import type { Column } from '../parts/table-rows.ts';
import { rightsWord, testWord } from './words.ts';

const columns = (): Column<ConnectionTest>[] => [
  {
    id: 'name',
    title: msg('Host'),
    isHeading: true,
    cell: ({ name, targetId }) => html`<a href="/audits/hosts/${targetId}">${name}</a>`,
  },
  { id: 'place', title: msg('Reached'), cell: ({ place }) => html`<span class="quiet place">${place}</span>` },
  {
    id: 'state',
    title: msg('Result'),
    cell: (test) => html`<reeve-state level=${test.canAudit ? 'ok' : 'high'} word=${testWord(test)}></reeve-state>`,
  },
  { id: 'rights', title: msg('Rights'), cell: ({ rights }) => rightsWord(rights) },
  {
    id: 'took',
    title: msg('Took'),
    align: 'end',
    cell: ({ tookMs }) => html`<span class="value">${tookMs} ms</span>`,
  },
];

/** What came of trying to sign in everywhere, as a dialog; shut while there is nothing to show. */
export const testsDialog = (tests: readonly ConnectionTest[] | undefined, seen: () => void) =>
  html`<reeve-dialog heading=${msg('Test connections')} ?open=${tests !== undefined} @close=${seen}>
    <reeve-table label=${msg('Connections')} name="test" .columns=${columns()} .rows=${tests ?? []} .keyOf=${({ targetId }: ConnectionTest) => targetId}>
      <reeve-notice kind="empty" heading=${msg('No host is reached over SSH yet')}></reeve-notice>
    </reeve-table>
  </reeve-dialog>`;
