import type { ClockState } from '../clock.ts';
import type { HistoryStats } from '../history/history.ts';
import type { Part } from './health.ts';

export interface PartSources {
  quarantined: () => readonly { file: string; reason: string }[];
  historyStats: () => HistoryStats;
  clockState: () => ClockState;
  connectedAgents: () => number;
  /** False where mDNS is switched off. */
  isOnLan: () => boolean;
  heardAgents: () => number;
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
      check: () => ({
        status: 'ok',
        detail: sources.isOnLan() ? `hears ${sources.heardAgents()} agents` : 'switched off (REEVE_MDNS)',
      }),
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
