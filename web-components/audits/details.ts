import { html, type TemplateResult } from 'lit';
import type { AuditFacts } from '../../protocol/audit-facts.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/bar.ts';
import '../parts/data-table.ts';
import type { Column } from '../parts/table-rows.ts';
import { formatSpan } from '../times.ts';

/** Parts of what a host says of itself, as tabs. */
export const DETAILS = ['system', 'disks', 'network', 'software', 'services', 'processes', 'users'] as const;
export type Detail = (typeof DETAILS)[number];

export function detailTitle(detail: Detail): string {
  const titles: Record<Detail, string> = {
    system: msg('System'),
    disks: msg('Disks'),
    network: msg('Network'),
    software: msg('Software'),
    services: msg('Services'),
    processes: msg('Processes'),
    users: msg('Users'),
  };
  return titles[detail];
}

const NONE = (): TemplateResult =>
  html`<reeve-notice kind="empty" heading=${msg('The host did not say this')}></reeve-notice>`;

/** One part as tables. */
export function detailView(detail: Detail, facts: AuditFacts): unknown {
  return VIEWS[detail](facts);
}

const VIEWS: Record<Detail, (facts: AuditFacts) => unknown> = {
  system: systemView,
  disks: (facts) => [disksView(facts), blocksView(facts)],
  network: (facts) => [portsView(facts), addressesView(facts)],
  software: (facts) => [updatesView(facts), packagesView(facts)],
  services: ({ services }) =>
    table({
      label: msg('Services'),
      prefix: '',
      rows: services?.items.filter(({ name }) => name !== ''),
      keyOf: ({ name }) => name,
      columns: ({ text }) => [
        text({ id: 'name', title: msg('Service'), isHeading: true }, ({ name }) => name),
        text({ id: 'state', title: msg('State') }, ({ state }) => state),
      ],
    }),
  processes: processesView,
  users: usersView,
};

interface TableParts<Row> {
  label: string;
  prefix: string;
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string;
  columns: (makers: Makers<Row>) => Column<Row>[];
}

function table<Row>({ label, prefix, rows, keyOf, columns: made }: TableParts<Row>): TemplateResult {
  const columns = made({ text: textColumn, number: numberColumn });
  if (!rows || rows.length === 0) return html`<section><h2>${label}</h2>${NONE()}</section>`;
  const words = (row: Row): string => columns.map(({ sortBy }) => sortBy?.(row) ?? '').join(' ');
  return html`<section><h2>${label}</h2><reeve-table label=${label} name=${prefix} .columns=${columns} .rows=${rows} .keyOf=${keyOf} .words=${words}>
      <reeve-notice kind="empty" heading=${msg('Nothing fits the search')}></reeve-notice></reeve-table></section>`;
}

function textColumn<Row>({ id, title, isHeading = false }: Head, of: (row: Row) => string): Column<Row> {
  return { id, title, sortBy: of, cell: of, isHeading };
}

function numberColumn<Row>(
  { id, title, unit = '', isHeading = false }: Head,
  of: (row: Row) => number | undefined,
): Column<Row> {
  const shown = (value: number | undefined): string =>
    value === undefined ? '–' : unit === '' ? String(value) : formatValue(value, unit);
  return {
    id,
    title,
    isHeading,
    // Headings of rows stand at the left, whatever they are.
    ...(!isHeading && { align: 'end' as const }),
    sortBy: of,
    cell: (row) => html`<span class="value">${shown(of(row))}</span>`,
  };
}

interface Head {
  id: string;
  title: string;
  isHeading?: boolean;
  unit?: string;
}

interface Makers<Row> {
  text: (head: Head, of: (row: Row) => string) => Column<Row>;
  number: (head: Head, of: (row: Row) => number | undefined) => Column<Row>;
}

function systemView({ system, os, hardware, cpu, memory, resolvers, sshd }: AuditFacts): TemplateResult {
  const rows: [string, string | undefined][] = [
    [msg('Host name'), system?.hostName],
    [msg('Operating system'), os?.name],
    [msg('Kernel'), system && `${system.kernelName} ${system.kernel} ${system.machine}`],
    [msg('Hardware'), [hardware?.vendor, hardware?.model].filter(Boolean).join(' ') || undefined],
    [msg('Virtual machine'), hardware?.virtual],
    [msg('Processor'), cpu && `${cpu.cores} × ${cpu.model || msg('unknown')}`],
    [msg('Memory'), memory && formatValue(memory.totalBytes, 'By', { binary: true })],
    [msg('Swap'), memory?.swapBytes === undefined ? undefined : formatValue(memory.swapBytes, 'By', { binary: true })],
    [msg('Running for'), system?.upSeconds === undefined ? undefined : formatSpan(system.upSeconds * 1_000)],
    [msg('Load'), system?.load?.join('  ')],
    [msg('Name servers'), resolvers?.join(', ')],
    [msg('SSH server'), sshd?.version],
    [msg('Read as'), system && (system.isRoot ? msg('root') : msg('a user without rights: some parts stay unread'))],
  ];
  return html`<section><h2>${msg('System')}</h2><dl class="facts">
    ${rows.flatMap(([title, value]) => (value ? html`<div><dt class="quiet">${title}</dt><dd>${value}</dd></div>` : []))}
  </dl></section>`;
}

const disksView = ({ disks }: AuditFacts): TemplateResult =>
  table({
    label: msg('File systems'),
    prefix: '',
    rows: disks,
    keyOf: ({ mount }) => mount,
    columns: ({ text, number }) => [
      text({ id: 'mount', title: msg('Where'), isHeading: true }, ({ mount }) => mount),
      {
        id: 'used',
        title: msg('Used'),
        sortBy: ({ used }) => used,
        cell: ({ used, mount }) =>
          html`<reeve-bar label=${mount} .value=${used} .thresholds=${{ warning: 0.8, critical: 0.9 }}></reeve-bar>`,
      },
      number({ id: 'size', title: msg('Size'), unit: 'By' }, ({ sizeBytes }) => sizeBytes),
      text({ id: 'device', title: msg('Device') }, ({ device }) => device),
    ],
  });

const blocksView = ({ blocks }: AuditFacts): TemplateResult =>
  table({
    label: msg('Drives'),
    prefix: 'drive',
    rows: blocks,
    keyOf: ({ name }) => name,
    columns: ({ text, number }) => [
      text({ id: 'name', title: msg('Drive'), isHeading: true }, ({ name }) => name),
      text({ id: 'model', title: msg('Model') }, ({ model }) => model),
      number({ id: 'size', title: msg('Size'), unit: 'By' }, ({ sizeBytes }) => sizeBytes),
      text({ id: 'kind', title: msg('Kind') }, ({ isRotating }) =>
        isRotating ? msg('hard disk') : msg('without moving parts'),
      ),
    ],
  });

const portsView = ({ ports }: AuditFacts): TemplateResult =>
  table({
    label: msg('Open ports'),
    prefix: '',
    rows: ports,
    keyOf: ({ protocol, address, port }) => `${protocol} ${address} ${port}`,
    columns: ({ text, number }) => [
      number({ id: 'port', title: msg('Port'), isHeading: true }, ({ port }) => port),
      text({ id: 'protocol', title: msg('Protocol') }, ({ protocol }) => protocol),
      text({ id: 'address', title: msg('Listens on') }, ({ address }) => address),
      text({ id: 'process', title: msg('Program') }, ({ process = '' }) => process),
    ],
  });

const addressesView = ({ addresses }: AuditFacts): TemplateResult =>
  table({
    label: msg('Addresses'),
    prefix: 'address',
    rows: addresses,
    keyOf: ({ name, address }) => `${name} ${address}`,
    columns: ({ text }) => [
      text({ id: 'address', title: msg('Address'), isHeading: true }, ({ address }) => address),
      text({ id: 'name', title: msg('Interface') }, ({ name }) => name),
    ],
  });

const updatesView = ({ updates }: AuditFacts): TemplateResult | string => {
  if (!updates || updates.items.length === 0) return '';
  return table({
    label: msg('Updates that are waiting'),
    prefix: 'update',
    rows: updates.items,
    keyOf: ({ name }) => name,
    columns: ({ text }) => [
      text({ id: 'name', title: msg('Package'), isHeading: true }, ({ name }) => name),
      text({ id: 'version', title: msg('New version') }, ({ version }) => version),
      text({ id: 'kind', title: msg('Kind') }, ({ isSecurity }) => (isSecurity ? msg('security') : msg('other'))),
    ],
  });
};

const packagesView = ({ packages }: AuditFacts): TemplateResult =>
  table({
    label: msg('Packages'),
    prefix: '',
    rows: packages?.items,
    keyOf: ({ name, version }) => `${name} ${version}`,
    columns: ({ text }) => [
      text({ id: 'name', title: msg('Package'), isHeading: true }, ({ name }) => name),
      text({ id: 'version', title: msg('Version') }, ({ version }) => version),
    ],
  });

function processesView({ processes }: AuditFacts): TemplateResult {
  return table({
    label: msg('Processes'),
    prefix: '',
    rows: processes,
    keyOf: ({ pid }) => String(pid),
    columns: ({ text, number }) => [
      number({ id: 'pid', title: msg('Id'), isHeading: true }, ({ pid }) => pid),
      text({ id: 'command', title: msg('Program') }, ({ command }) => command),
      text({ id: 'user', title: msg('User') }, ({ user }) => user),
      number({ id: 'cpu', title: msg('CPU'), unit: '%' }, ({ cpu }) => cpu),
      number({ id: 'memory', title: msg('Memory'), unit: '%' }, ({ memory }) => memory),
    ],
  });
}

function usersView({ users }: AuditFacts): TemplateResult {
  return table({
    label: msg('Users'),
    prefix: '',
    rows: users,
    keyOf: ({ name }) => name,
    columns: ({ text, number }) => [
      text({ id: 'name', title: msg('Name'), isHeading: true }, ({ name }) => name),
      number({ id: 'uid', title: msg('User id') }, ({ uid }) => uid),
      text({ id: 'shell', title: msg('Shell') }, ({ shell }) => shell),
      text({ id: 'home', title: msg('Home') }, ({ home }) => home),
    ],
  });
}
