// The first stage of the start: everything on disk.
import { routes as table } from '../../protocol/routes/index.ts';
import { secretFields } from '../access/trail/mask.ts';
import { Trail } from '../access/trail/trail.ts';
import { ownNames } from '../addresses.ts';
import { agentRecords } from '../agents/documents.ts';
import { type Certificates, openCertificates } from '../certificates.ts';
import { type Clock, openClock } from '../clock.ts';
import { openKeys } from '../data-key.ts';
import { limitsOf } from '../history/limits.ts';
import { type OpenedHistory, openHistory } from '../history/open.ts';
import { Inventory } from '../hosts/inventory.ts';
import { Hub } from '../hub.ts';
import { openIdentity } from '../identity.ts';
import { Descriptors } from '../ingest/descriptors.ts';
import type { Logger } from '../log.ts';
import type { ApplianceOptions } from '../options.ts';
import type { RecentLines } from '../recent-lines.ts';
import { openMaster, type Seal } from '../seal.ts';
import { sections } from '../settings/sections/index.ts';
import { Settings } from '../settings/settings.ts';
import { MINUTE_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import { openDataDirectory } from '../store/directory.ts';
import type { DocumentStore } from '../store/documents.ts';
import { openStores, type Stores } from '../store/open.ts';
import type { StoreAddress } from '../store/postgres/address.ts';
import { type HistoryStorage, historyStorageOf } from '../system/history-storage.ts';
import { roomOf } from './room.ts';

export interface State {
  log: Logger;
  hub: Hub;
  clock: Clock;
  now: () => number;
  seal: Seal;
  /** Where people reach the dashboard; known once the listeners are open. */
  reach: { url: string };
  /** The data directory. */
  dir: string;
  dataKey: Buffer;
  master(): Promise<Buffer>;
  applianceId: string;
  certificates: Certificates;
  documents: DocumentStore;
  stores: Stores;
  history: OpenedHistory;
  inventory: Inventory;
  descriptors: Descriptors;
  settings: Settings<typeof sections>;
  historyStorage: () => HistoryStorage;
  /** Whether the clock is saved seldom. */
  sparesClock: () => boolean;
  /** The last lines of the log. */
  lines?: RecentLines;
  trail: Trail;
}

/** Everything on disk. A part that is damaged beyond mending refuses to start, rather than begin anew. */
export async function openState(
  { data, key, url, hosts, store, stopping }: ApplianceOptions,
  log: Logger,
  stops: Stops,
): Promise<State> {
  const { clock, stores } = await openPlace({ dir: data, store, stopping }, log, stops);
  const { documents } = stores;
  const { now } = clock;
  // Once agents are paired a new key, id or CA would make the appliance a stranger to all of them.
  const mayBegin = (await (await documents.collection(agentRecords)).find()).length === 0;
  const { seal, ...vault } = await openVault(data, key, mayBegin);
  const applianceId = await openIdentity(data, now(), mayBegin);
  const owned = { dataDir: data, names: ownNames(url, hosts), now: now() };
  const certificates = await openCertificates({ ...owned, seal, applianceId, mayBegin });
  const historyLog = log.child({ component: 'history' });
  const engine = await stores.openHistory(historyLog);
  const hub = new Hub((event, error) => log.error({ component: 'hub', err: error, event }, 'listener failed'));
  const trail = await openTrail({ documents, stores, seal, log, now, hub }, stops);
  const { storage, wearsBeside, freeBytes } = await roomOf(stores, data);
  const settings = await Settings.open({
    documents,
    hub,
    seal,
    sections,
    lookUp: (name) => process.env[name],
    facts: { freeBytes },
  });
  const limits = () => limitsOf(settings.of('history').value, storage.wears);
  const inventory = await Inventory.open(documents, hub, { now, endedAt: clock.endedAt });
  const descriptors = await Descriptors.open(documents, hub);
  const keepsLast = (hostId: string, metric: string) =>
    descriptors.get(inventory.get(hostId)?.siteId ?? '', metric)?.rollup === 'last';
  const history = await openHistory({ engine, log: historyLog, now, limits, keepsLast });
  stops.add('history', () => history.close());
  const historyStorage = () =>
    historyStorageOf({ stats: history.stats(), settings: settings.of('history').value, limits: limits(), storage });
  return {
    log,
    hub,
    clock,
    now,
    reach: { url: '' },
    seal,
    ...vault,
    applianceId,
    certificates,
    documents,
    stores,
    history,
    inventory,
    descriptors,
    settings,
    historyStorage,
    sparesClock: () => wearsBeside || historyStorage().lowWear.isOn,
    trail,
  };
}

/** The data directory, its clock, and where its documents and history are. */
async function openPlace(
  { dir, store, stopping }: { dir: string; store: StoreAddress | undefined; stopping: AbortSignal | undefined },
  log: Logger,
  stops: Stops,
): Promise<{ clock: Clock; stores: Stores }> {
  const storeLog = log.child({ component: 'store' });
  const lock = await openDataDirectory({ dir, log: storeLog });
  stops.add('data directory', () => lock.release());
  const clock = await openClock(dir);
  stops.add('clock', () => clock.save());
  const stores = await openStores({ dir, address: store, log: storeLog, now: clock.now, stopping });
  stops.add('documents', () => stores.close());
  return { clock, stores };
}

/** What opens everything sealed, and where it lies. */
async function openVault(dir: string, fromEnvironment: string | undefined, mayBegin: boolean) {
  const { seal, dataKey } = await openKeys(dir, { fromEnvironment, mayBegin });
  return { seal, dir, dataKey, master: () => openMaster(dir, { fromEnvironment, mayBegin: false }) };
}

/** Before everything else that speaks on the hub, and closed after it. */
async function openTrail(
  { documents, stores, seal, log, now, hub }: Pick<State, 'documents' | 'stores' | 'seal' | 'log' | 'now' | 'hub'>,
  stops: Stops,
): Promise<Trail> {
  const trailLog = log.child({ component: 'audit' });
  // Every schema is gone through for them: not before the first word is written.
  let names: ReadonlySet<string> | undefined;
  const trail = await Trail.open({
    documents,
    seal,
    log: trailLog,
    now,
    secrets: () => {
      names ??= secretFields(
        table,
        sections.map((section) => section.settings),
      );
      return names;
    },
  });
  hub.on('audit', (event) => trail.record(event));
  if (stores.isMoved)
    trail.record({ at: now(), who: 'appliance', from: '', what: 'data.moved', detail: { to: stores.place } });
  stops.add('audit trail', () => trail.settled());
  stops.every(MINUTE_MS, 'audit trail', () => trail.retry());
  return trail;
}
