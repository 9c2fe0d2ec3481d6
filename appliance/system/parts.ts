import type { ClockState } from '../clock.ts';
import type { HistoryStats } from '../history/history.ts';
import type { Part } from './health.ts';

export interface PartSources {
  quarantined: () => readonly { file: string; reason: string }[];
  historyStats: () => HistoryStats;
  clockState: () => ClockState;
  connectedAgents: () => number;
  /** Undefined where mDNS is switched off. */
  mdns: () => { isUp: boolean; detail: string } | undefined;
}

/** The parts that `/health/ready` and the System page tell of; a far end that is away degrades, it does not fail. */
export function healthParts(sources: PartSources): Part[] {
  return [
    { name: 'store', check: () => damageOf(sources.quarantined(), 'every file is in order') },
    {
      name: 'history',
      check: () => {
        const { quarantined, partitions, bytes } = sources.historyStats();
        return damageOf(quarantined, `${partitions} partitions, ${Math.round(bytes / 1024)} KiB`);
      },
    },
    {
      name: 'clock',
      check: () => {
        const { trust, reason } = sources.clockState();
        return { status: trust === 'trusted' ? 'ok' : 'degraded', detail: reason };
      },
    },
    { name: 'agents', check: () => ({ status: 'ok', detail: `${sources.connectedAgents()} connected` }) },
    {
      name: 'mdns',
      check: () => {
        const mdns = sources.mdns();
        if (!mdns) return { status: 'ok', detail: 'switched off (REEVE_MDNS)' };
        return { status: mdns.isUp ? 'ok' : 'degraded', detail: mdns.detail };
      },
    },
  ];
}

function damageOf(
  quarantined: readonly { file: string; reason: string }[],
  fine: string,
): { status: 'ok' | 'degraded'; detail: string } {
  if (quarantined.length === 0) return { status: 'ok', detail: fine };
  return {
    status: 'degraded',
    detail: `set aside: ${quarantined.map(({ file, reason }) => `${file} (${reason})`).join('; ')}`,
  };
}
