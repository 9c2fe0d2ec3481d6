import { z } from 'zod';
import { displayName, documentId } from './identity.ts';

/** How much one person may keep; docs/boards.md names them. */
export const BOARD_LIMITS = { boards: 20, panels: 24, chartHosts: 8, hosts: 100 } as const;

export const PANEL_WIDTHS = ['third', 'half', 'full'] as const;
export const PANEL_RANGES = ['live', '1h', '24h', '7d', '30d'] as const;

/** A host by its id, or by its name where only one host of the site has it; answers always give the id. */
const hostReference = z.string().trim().min(1, 'name a host').max(64, 'use at most 64 characters');
const hostsUpTo = (most: number) => z.array(hostReference).max(most, `name at most ${most} hosts`).default([]);

const everyPanel = {
  title: displayName.exactOptional(),
  width: z.enum(PANEL_WIDTHS, `write one of ${PANEL_WIDTHS.join(', ')}`).default('half'),
};

const chartPanel = z.strictObject({
  kind: z.literal('chart'),
  ...everyPanel,
  /** As metrics are named everywhere: `system.cpu.utilization`. */
  metric: z.string().trim().min(1, 'name a metric').max(200, 'use at most 200 characters'),
  hosts: hostsUpTo(BOARD_LIMITS.chartHosts),
  range: z.enum(PANEL_RANGES, `write one of ${PANEL_RANGES.join(', ')}`).default('live'),
});

/** Tiles of hosts with their state; without `hosts` of every host of the site. */
const statusPanel = z.strictObject({ kind: z.literal('status'), ...everyPanel, hosts: hostsUpTo(BOARD_LIMITS.hosts) });

/** What is wrong now, or a table of hosts with their values. */
const listPanel = z.strictObject({
  kind: z.literal('list'),
  ...everyPanel,
  of: z.enum(['concerns', 'hosts'], 'write one of concerns, hosts').default('concerns'),
  hosts: hostsUpTo(BOARD_LIMITS.hosts),
});

export const panel = z.discriminatedUnion('kind', [chartPanel, statusPanel, listPanel], {
  error: 'write one of chart, status, list as kind',
});
export type Panel = z.infer<typeof panel>;

/** A board as a person writes it: what a file of it holds, and what changes send. */
export const boardText = z.strictObject({
  name: displayName,
  panels: z.array(panel).max(BOARD_LIMITS.panels, `keep at most ${BOARD_LIMITS.panels} panels`),
});
export type BoardText = z.infer<typeof boardText>;

export const board = boardText.extend({ id: documentId, rev: z.number().int() });
export type Board = z.infer<typeof board>;
