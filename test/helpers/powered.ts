import { Cost } from '../../appliance/cost/cost.ts';
import type { MeterRow } from '../../appliance/cost/meter-rows.ts';
import type { OpenedHistory } from '../../appliance/history/open.ts';
import { openLog } from '../../appliance/log.ts';
import type { DocumentStore } from '../../appliance/store/documents.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { SeriesIdentity } from '../../protocol/metrics.ts';
import { memoryDocuments } from './memory-documents.ts';

export const SITE = '019aa5a0-0000-7000-8000-00000000000a';

/** A host of the site, as the inventory tells of it. */
export const hostOf = (id: string, more: Partial<Host> = {}): Host => ({
  ...{ id, siteId: SITE, rev: 1, kind: 'agent', name: id.slice(-4), tags: [], intervalMs: 60_000, isAppliance: false },
  ...{ status: 'online', statusReason: '', notes: [], createdAt: 0 },
  ...more,
});

export interface PoweredOptions {
  hosts: readonly Host[];
  now: () => number;
  timeZone?: string;
  /** Given from run to run. */
  documents?: DocumentStore;
}

/** Power and cost over a history, with a clock that the test moves. Nothing is sealed: secrets stand as they were given. */
export async function costBench(
  history: Pick<OpenedHistory, 'declare' | 'highWaterMark' | 'append' | 'query'>,
  { hosts, now, timeZone = 'UTC', documents = memoryDocuments() }: PoweredOptions,
) {
  const measured: MeterRow[] = [];
  const cost = await Cost.open({
    documents,
    seal: { seal: (text) => text, open: (text) => text, derive: () => Buffer.alloc(32) },
    lookUp: () => undefined,
    log: openLog({ level: 'silent', isTerminal: false }),
    now,
    host: (id) => hosts.find((each) => each.id === id),
    hosts: () => hosts,
    history,
    read: (query) => history.query(query),
    general: () => ({ timeZone, currency: 'EUR', pricePerKwh: 0.24 }),
    announce: () => undefined,
    tellBudget: () => undefined,
    measured: (_host, row) => measured.push(row),
  });
  const seqs = new Map<string, number>();
  /** A frame of a host on its way into history, with what its power is behind its values. */
  const frame = (
    host: Host,
    at: number,
    {
      series,
      values,
      late = false,
      stream = `agent-${host.id}`,
    }: { series: readonly LiveSeries[]; values: readonly (number | null)[]; late?: boolean; stream?: string },
  ) => {
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const { id: hostId, intervalMs } = host;
    return cost.power.powered({ hostId, stream, seq, at, offsetMs: 0, intervalMs, late, series, values });
  };
  return {
    cost,
    frame,
    measured,
    declare: (host: Host, all: readonly SeriesIdentity[]) => history.declare(host.id, all),
  };
}
