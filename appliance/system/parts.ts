import type { JobAnswer } from '../../protocol/jobs.ts';
import type { ClockState } from '../clock.ts';
import type { Part, PartState } from './health.ts';
import type { HistoryStorage } from './history-storage.ts';

export interface PartSources {
  /** Where documents and history are, and why nothing can be kept there at the moment. */
  store: { place: string; trouble(): string | undefined };
  quarantined: () => readonly { file: string; reason: string }[];
  historyStorage: () => HistoryStorage;
  clockState: () => ClockState;
  connectedAgents: () => number;
  auditTrail: () => PartState;
  jobs: () => readonly JobAnswer[];
  /** False where mDNS is switched off. */
  isOnLan: () => boolean;
  heardAgents: () => number;
  /** Undefined where the appliance is no flashed image. */
  image: () => PartState | undefined;
}

/** The parts that `/health/ready` and the System page tell of; a far end that is away degrades, it does not fail. */
export function healthParts(sources: PartSources): Part[] {
  return [
    { name: 'store', check: () => storeState(sources) },
    { name: 'history', check: () => historyState(sources.historyStorage()) },
    {
      name: 'clock',
      check: () => {
        const { trust, reason } = sources.clockState();
        return { status: trust === 'trusted' ? 'ok' : 'degraded', detail: reason };
      },
    },
    { name: 'agents', check: () => ({ status: 'ok', detail: `${sources.connectedAgents()} connected` }) },
    { name: 'audit trail', check: sources.auditTrail },
    { name: 'jobs', check: () => jobsState(sources.jobs()) },
    {
      name: 'mdns',
      check: () => ({
        status: 'ok',
        detail: sources.isOnLan() ? `hears ${sources.heardAgents()} agents` : 'switched off (REEVE_MDNS)',
      }),
    },
    ...(sources.image() ? [{ name: 'image', check: () => sources.image() ?? GONE }] : []),
  ];
}

/** Without a database nothing works for long, which is why this fails; a full disk is told by what could not be written. */
function storeState({ store, quarantined }: PartSources): PartState {
  const trouble = store.trouble();
  if (trouble === undefined) return damageOf(quarantined(), `all in order in ${store.place}`);
  const meanwhile = 'Nothing is stored meanwhile; agents keep what they read, and send it when the database is back';
  return { status: 'failed', detail: `${trouble}. ${meanwhile}` };
}

const GONE: PartState = { status: 'degraded', detail: 'the system of the image tells nothing any more' };

/** The last run of each job that has a time: a failed one degrades, because what it was to do was not done. */
function jobsState(jobs: readonly JobAnswer[]): PartState {
  const failed = jobs.flatMap(({ title, nextAt, last }) =>
    nextAt !== undefined && last?.state === 'failed' ? [`${title}: ${last.text}`] : [],
  );
  if (failed.length > 0) return { status: 'degraded', detail: `failed: ${failed.join('; ')}` };
  const ran = jobs.flatMap(({ id, last }) => (last ? [`${id} ${last.state}`] : []));
  return { status: 'ok', detail: ran.length > 0 ? `last runs: ${ran.join(', ')}` : 'none has run yet' };
}

/** From here on people are warned: pruning begins at the whole budget, and a month of it is not seen coming otherwise. */
const WARN_FROM = 0.8;

function historyState({ bytes, budgetBytes, damaged, lowWear }: HistoryStorage): PartState {
  const share = `${sized(bytes)} of ${sized(budgetBytes)} used`;
  const mode = lowWear.isOn ? `; writes rarely (${lowWear.reason})` : '';
  const state = damageOf(damaged, `${share}${mode}`);
  if (state.status !== 'ok' || bytes < WARN_FROM * budgetBytes) return state;
  const cure = 'the oldest values go at 100 %. Give history more disk, or keep values shorter, in the settings';
  return { status: 'degraded', detail: `${share}: ${cure}${mode}` };
}

/** Three digits that count, whatever the size: `0.4 kB`, `312 MB`, `20 GB`. */
function sized(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length, Math.max(1, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1_000 ** step).toPrecision(3))} ${units[step - 1]}`;
}

function damageOf(
  quarantined: readonly { file: string; reason: string }[],
  fine: string,
): { status: 'ok' | 'degraded'; detail: string } {
  if (quarantined.length === 0) return { status: 'ok', detail: fine };
  return {
    status: 'degraded',
    detail: `damaged or lost: ${quarantined.map(({ file, reason }) => `${file} (${reason})`).join('; ')}`,
  };
}
