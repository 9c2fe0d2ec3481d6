// The second stage of the start: the features, joined on the hub.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { JoinDesk } from '../../discovery/pairing/join-desk.ts';
import { releaseKeyOf } from '../../discovery/pairing/release.ts';
import pkg from '../../package.json' with { type: 'json' };
import { Access } from '../access/access.ts';
import { Registry } from '../agents/registry.ts';
import { RollOuts } from '../agents/roll-outs.ts';
import { Tokens } from '../agents/tokens.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { Backups } from '../backup/backups.ts';
import { choicesOf } from '../backup/choices.ts';
import type { Cost } from '../cost/cost.ts';
import { Boards } from '../dashboard/boards.ts';
import { Dashboard } from '../dashboard/dashboard.ts';
import type { Inventory } from '../hosts/inventory.ts';
import { ParentLearning } from '../hosts/learning.ts';
import { newId } from '../ids.ts';
import type { Quiet } from '../incidents/quiet.ts';
import type { Descriptors } from '../ingest/descriptors.ts';
import { JobRunner } from '../jobs/runner.ts';
import { askNames } from '../network/naming.ts';
import { Network } from '../network/network.ts';
import { readOwnLinks } from '../network/own-links.ts';
import { askIpv6 } from '../network/sweep/ipv6.ts';
import { sweep } from '../network/sweep/sweep.ts';
import { SWEEP_JOB } from '../network/sweeps.ts';
import { vendorsOf } from '../network/vendors.ts';
import type { NotificationRouteParts } from '../notifications/routes.ts';
import type { ApplianceOptions } from '../options.ts';
import { Services } from '../services/services.ts';
import { DAY_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import { checkDirectory } from '../store/check.ts';
import { newestFormat } from '../store/format.ts';
import { linesWithoutSealed } from '../store/nedb/unsealed.ts';
import { Heartbeats } from '../system/heartbeats.ts';
import { LoopWatch } from '../system/loop-delay.ts';
import { freeBytesOf } from '../wear.ts';
import { openAlerting } from './alerting.ts';
import { type Auditing, openAuditing } from './auditing.ts';
import { openCost } from './costing.ts';
import { type Imaging, openImaging } from './imaging.ts';
import type { State } from './state.ts';

export interface Features {
  imaging: Imaging;
  auditing: Auditing;
  access: Access;
  dashboard: Dashboard;
  boards: Boards;
  services: Services;
  inventory: Inventory;
  descriptors: Descriptors;
  registry: Registry;
  tokens: Tokens;
  joinDesk: JoinDesk;
  jobs: JobRunner;
  network: Network;
  backups: Backups;
  alerts: Alerts;
  watch: Watch;
  notifications: NotificationRouteParts;
  quiet: Quiet;
  rollOuts: RollOuts;
  cost: Cost;
}

/** The appliance's view of itself. */
export interface Watch {
  startedAt: number;
  loop: LoopWatch;
  heartbeats: Heartbeats;
  lostFrames: number;
}

export async function openFeatures(options: ApplianceOptions, state: State, stops: Stops): Promise<Features> {
  const { documents, hub, now, seal, log, applianceId, certificates, inventory, descriptors, settings } = state;
  const access = await Access.open({
    documents,
    seal,
    hub,
    now,
    log: log.child({ component: 'access' }),
    viewOnly: (siteId) => settings.of('access', siteId).value.operatorsOnlyView,
    sessionMs: () => settings.of('sign-in').value.sessionDays * DAY_MS,
    sitesOfHosts: () => inventory.sites(),
  });
  const registry = await Registry.open(documents);
  const desk = {
    applianceId,
    ca: certificates.ca,
    leaf: certificates.agentLeaf.cert,
    random: randomBytes,
    newId: () => newId(now()),
  };
  const tokens = await Tokens.open({ documents, seal, now, log: log.child({ component: 'pairing' }), desk });
  const joinDesk = new JoinDesk(desk);
  registry.onState(({ hostId, state, leftAt }) =>
    inventory.bar(hostId, state === 'active' ? undefined : leftAt === undefined ? state : 'left'),
  );
  const learning = new ParentLearning({ inventory, hub, log: log.child({ component: 'hosts' }) });
  stops.add('what hosts depend on', () => learning.settled());
  const jobs = await JobRunner.open({ documents, hub, now, log });
  const alerting = await openAlerting(state, access, stops);
  return {
    auditing: await openAuditing(state, stops),
    imaging: await openImaging(options, state, { access, jobs, stops }),
    access,
    dashboard: await openDashboard(state, access),
    boards: await openBoards(state, access),
    services: openServices(state),
    inventory,
    descriptors,
    registry,
    tokens,
    joinDesk,
    jobs,
    network: await openNetwork(options, state, { access, jobs }),
    backups: openBackups(state),
    rollOuts: await openRollOuts(state, registry),
    ...alerting,
    cost: await openCost(state, () => access.sites.all().map(({ id }) => id), stops),
    watch: { startedAt: now(), loop: new LoopWatch(), heartbeats: new Heartbeats(hub), lostFrames: 0 },
  };
}

async function openRollOuts(state: State, registry: Registry): Promise<RollOuts> {
  const { documents, hub, now, applianceId, seal, certificates, inventory } = state;
  // Of the data key, so that it is in every backup that has keys; the CA vouches for it anew at each start.
  const releaseKey = releaseKeyOf(seal.derive('release key'), applianceId, certificates.attest);
  const hostName = (hostId: string) => inventory.get(hostId)?.name ?? '';
  const rollOuts = await RollOuts.open({ documents, hub, now, applianceId, registry, releaseKey, hostName });
  hub.on('site', ({ before, after }) => (before && !after ? rollOuts.forgetSite(before.id) : undefined));
  return rollOuts;
}

function openBackups({
  dir,
  applianceId,
  dataKey,
  master,
  history,
  documents,
  stores,
  settings,
  now,
  log,
}: State): Backups {
  const storeLog = log.child({ component: 'backup' });
  return new Backups({
    dataDir: dir,
    applianceId,
    version: pkg.version,
    dataFormat: newestFormat(),
    dataKey,
    master,
    choices: () => choicesOf(settings.of('backup').value, dir),
    still: (work) => history.still(work),
    check: (place, signal) => checkDirectory({ dir: place, log: storeLog, kinds: documents.kinds(), signal, now }),
    freeBytes: freeBytesOf,
    withoutSealed: linesWithoutSealed,
    inDatabase: stores.files,
    now,
    log,
  });
}

async function openDashboard({ documents, log }: State, access: Access): Promise<Dashboard> {
  const dashboard = await Dashboard.open(documents);
  access.users.onChange((before, after) => (after ? undefined : dashboard.forget(before.id)));
  access.onSetUp(
    () => void dashboard.beginOnboarding().catch((error) => log.error({ err: error }, 'steps of set-up are not kept')),
  );
  return dashboard;
}

function openServices({ hub }: State): Services {
  const services = new Services();
  hub.on('host', ({ before, after }) => (before && !after ? services.forget(before.id) : undefined));
  return services;
}

/** Who is on the LAN; nothing is sent before somebody asks, or a sweep is due. */
function openNetwork(
  { mdns, distDir }: ApplianceOptions,
  { documents, hub, now, log, inventory }: State,
  { access, jobs }: { access: Access; jobs: JobRunner },
): Promise<Network> {
  const networkLog = log.child({ component: 'network' });
  return Network.open({
    ...{ documents, hub, now, log: networkLog, isOn: mdns, links: readOwnLinks, sweep, askNames, askIpv6 },
    vendorOf: vendorsOf(path.join(distDir, 'appliance', 'vendors.bin'), (err) =>
      networkLog.warn({ err }, 'the table of vendors cannot be read; run the build'),
    ),
    homeSite: () => access.site?.id,
    hosts: () => inventory.all(),
    startJob: (by) => jobs.start(SWEEP_JOB, by),
  });
}

/** Boards go with the account and the site that they belong to, and name no host that left it. */
async function openBoards({ documents, hub, now }: State, access: Access): Promise<Boards> {
  const boards = await Boards.open(documents, now);
  access.users.onChange((before, after) => (after ? undefined : boards.forgetUser(before.id)));
  hub.on('site', ({ before, after }) => (before && !after ? boards.forgetSite(before.id) : undefined));
  hub.on('host', ({ before, after }) =>
    before && before.siteId !== after?.siteId ? boards.forgetHost(before.id, before.siteId) : undefined,
  );
  return boards;
}

/** What the stages after this one are given. */
export interface Opening {
  options: ApplianceOptions;
  state: State;
  features: Features;
  stops: Stops;
}
