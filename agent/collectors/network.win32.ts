import * as z from 'zod/mini';
import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { InterfaceRates, putTotals } from '../reading/interface-rates.ts';
import { number, query, rowsOf, text } from '../reading/windows/rows.ts';
import type { Put, ReaderDeps } from './collector.ts';

const COUNTERS = [
  ...['Name', 'BytesReceivedPersec', 'BytesSentPersec', 'PacketsReceivedErrors', 'PacketsOutboundErrors'],
  ...['PacketsReceivedDiscarded', 'PacketsOutboundDiscarded', 'CurrentBandwidth', 'Timestamp_Sys100NS'],
] as const;

const SCRIPT = `${query('Win32_PerfRawData_Tcpip_NetworkInterface', COUNTERS)}
${query('Win32_NetworkAdapter', ['Name', 'NetConnectionStatus'], "-Filter 'NetConnectionStatus IS NOT NULL'")}`;

const counterRow = z.object({
  Name: z.string(),
  BytesReceivedPersec: number,
  BytesSentPersec: number,
  PacketsReceivedErrors: number,
  PacketsOutboundErrors: number,
  PacketsReceivedDiscarded: number,
  PacketsOutboundDiscarded: number,
  CurrentBandwidth: number,
  Timestamp_Sys100NS: number,
});
const adapterRow = z.object({ Name: text, NetConnectionStatus: z.number() });

const TICKS_PER_MS = 10_000;
const CONNECTED = 2;
/** What tunnels, virtual switches and the kernel bring along: what they carry is counted at the adapter below. */
const SKIPPED = [
  'isatap.*',
  'Teredo *',
  '6TO4 *',
  '*Loopback*',
  'Hyper-V Virtual *',
  'WAN Miniport*',
  'Microsoft Kernel Debug*',
];

/** Counters have brackets and underlines where the adapter's own name has what they may not hold. */
const asCounter = (name: string): string =>
  name
    .replace(/\(/g, '[')
    .replace(/\)/g, ']')
    .replace(/[#/\\]/g, '_');

/** Interfaces of `Win32_PerfRawData_Tcpip_NetworkInterface`, sums since the start, with the link of the adapter of that name. */
export function interfacesOf(found: readonly unknown[]) {
  const links = new Map(
    rowsOf(adapterRow, found).flatMap(({ Name, NetConnectionStatus }) =>
      Name === undefined ? [] : [[asCounter(Name), NetConnectionStatus === CONNECTED] as const],
    ),
  );
  return rowsOf(counterRow, found)
    .filter(({ BytesReceivedPersec }) => BytesReceivedPersec !== undefined)
    .map((each) => ({
      name: each.Name,
      receivedBytes: each.BytesReceivedPersec ?? 0,
      sentBytes: each.BytesSentPersec ?? 0,
      receiveErrors: each.PacketsReceivedErrors ?? 0,
      sendErrors: each.PacketsOutboundErrors ?? 0,
      receiveDrops: each.PacketsReceivedDiscarded ?? 0,
      sendDrops: each.PacketsOutboundDiscarded ?? 0,
      isUp: links.get(each.Name),
      speed: each.CurrentBandwidth || undefined,
      mono: (each.Timestamp_Sys100NS ?? 0) / TICKS_PER_MS,
    }));
}

/** Network interfaces of Windows. */
export function readWindows({ skip }: { skip: string[] }, { shell }: ReaderDeps) {
  const isSkipped = matcher([...skip, ...SKIPPED]);
  const interfaces = new Instances((name) => new InterfaceRates(name));
  return {
    everyMs: 10_000,
    async read(put: Put) {
      const all = interfacesOf(await shell(SCRIPT)).filter(({ name }) => !isSkipped(name));
      const rates = all.map(({ mono, isUp, speed, ...now }) => {
        if (isUp !== undefined) put('system.network.link.up', isUp ? 1 : 0, now.name);
        put('system.network.link.speed', isUp === false ? undefined : speed, now.name);
        return interfaces.get(now.name).put(put, now, mono);
      });
      interfaces.sweep();
      putTotals(put, rates);
    },
  };
}
