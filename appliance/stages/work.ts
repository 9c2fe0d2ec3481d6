// The last stage of the start: what goes on by itself.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { checkTrailJob } from '../access/trail/job.ts';
import { ownNames } from '../addresses.ts';
import { scheduleOf } from '../backup/choices.ts';
import { backupJob, restoreJob } from '../backup/jobs.ts';
import { overdueOf } from '../backup/overdue.ts';
import { RESTORED_NOTE, restoredNote } from '../backup/restore.ts';
import { pruneJob } from '../jobs/prune.ts';
import { certificatesJob } from '../network/job.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import { Finder } from '../system/found.ts';
import { joinLan } from '../system/presence.ts';
import { SelfAgent } from '../system/self-agent.ts';
import { readWhole, writeWhole } from '../whole-file.ts';
import type { Doors } from './doors.ts';
import type { Features, Opening } from './features.ts';
import { carryOutRollOuts, partsOf } from './routes.ts';
import type { State } from './state.ts';

interface Work extends Opening {
  doors: Doors;
}

/** What hangs on the clock: who is there, how late it is, which sessions and certificates are over. */
function keepTime({ options, state, features, doors, stops }: Work): void {
  const { now, clock, certificates, log } = state;
  const { inventory } = features;
  stops.add('last seen', () => inventory.saveSeen(now(), 0));
  stops.every(SECOND_MS, 'host status', () => inventory.judgeAll(now()));
  stops.every(SECOND_MS, 'clock', () => {
    if (!clock.observe()) return;
    log.warn({ component: 'clock', ...clock.state() }, 'the time was set; agents measure theirs anew');
    doors.gateway.reconnectAll();
  });
  // Each time costs about 100 KB on ext4: where storage is spared, the clock may be an hour behind after a power cut.
  let clockSavedAt = now();
  stops.every(MINUTE_MS, 'last time', async () => {
    if (state.sparesClock() && now() - clockSavedAt < HOUR_MS) return;
    clockSavedAt = now();
    await clock.save();
  });
  stops.every(SECOND_MS, 'changed lists', () => doors.rooms.tellLists());
  stops.every(MINUTE_MS, 'expired sessions', () => doors.rooms.endExpired(now()));
  stops.every(HOUR_MS, 'last seen', () => inventory.saveSeen(now()));
  stops.every(HOUR_MS, 'certificate', async () => {
    if (await certificates.renew(ownNames(options.url, options.hosts), now()))
      doors.listeners.reload(certificates.browserLeaf);
  });
}

/** Timers, mDNS, the own agent, and the words on the console. */
export async function startWork({ options, state, features, doors, stops }: Work): Promise<void> {
  const { log } = state;
  const { access } = features;
  keepTime({ options, state, features, doors, stops });
  lookAtItself({ options, state, features, doors, stops });
  addJobs(state, features, stops);
  if (features.rollOuts.isUnfinished) await carryOutRollOuts(features.jobs, features.rollOuts, 'appliance');
  lookAtNetwork(features, stops);
  if (options.mdns) openLan({ state, doors, stops });
  const selfAgent = openSelfAgent({ options, state, features, doors, stops });
  if (options.selfAgent) {
    stops.add('own agent', () => selfAgent.stop());
    if (access.site) await selfAgent.start();
    else
      access.onSetUp(
        () => void selfAgent.start().catch((error) => log.error({ err: error }, 'own agent could not be started')),
      );
  }
  await tellOfRestore(state);
  await announce({ options, state, features, doors, stops });
}

/** Advertises the appliance over mDNS, and hears the agents there. */
function openLan({ state, doors, stops }: Pick<Work, 'state' | 'doors' | 'stops'>): void {
  const { certificates, log, now } = state;
  const presence = joinLan({
    applianceId: state.applianceId,
    version: pkg.version,
    httpsPort: doors.listeners.httpsPort,
    caPin: certificates.caPin,
    log: log.child({ component: 'mdns' }),
    now,
  });
  doors.lan.presence = presence;
  stops.add('mDNS', () => presence.stop());
}

/** The audit trail was restored too: that it was has to stand in it. */
async function tellOfRestore({ dir, hub, now, log }: State): Promise<void> {
  const file = path.join(dir, RESTORED_NOTE);
  const text = await readWhole(file);
  if (text === undefined) return;
  const { by, ...detail } = restoredNote.parse(JSON.parse(text));
  log.info({ component: 'backup', by, ...detail }, 'a backup was restored');
  hub.emit('audit', { at: now(), who: by, from: '', what: 'backup.restored', detail });
  await rm(file);
}

/** What is wrong with the appliance itself, and with its agents, becomes facts. */
function lookAtItself({ state, features, doors, stops }: Work): void {
  stops.every(MINUTE_MS, 'figures of itself', () => {
    features.watch.loop.tick();
    features.watch.heartbeats.tick(state.now(), features.inventory.all());
  });
  const finder = new Finder({
    hub: state.hub,
    now: state.now,
    parts: partsOf({ state, features, gateway: doors.gateway, lan: doors.lan }),
    hosts: () => features.inventory.all(),
    version: pkg.version,
  });
  stops.every(MINUTE_MS, 'what is wrong', () => finder.look());
  stops.every(HOUR_MS, 'overdue backup', () => tellOverdue(state, features));
}

/** A backup that should have been made long ago is a fact, until one is made. */
async function tellOverdue({ hub, now, settings }: State, { jobs, watch }: Features): Promise<void> {
  const { schedule } = settings.of('backup').value;
  const text = overdueOf(schedule, await jobs.runs('backup'), { since: watch.startedAt, now: now() });
  hub.emit('fact', {
    ...{ siteId: 'appliance', kind: 'backup', key: 'overdue', severity: 'high', at: now() },
    ...{ state: text === undefined ? 'ok' : 'wrong', text: text ?? 'Backups are made as planned' },
  });
}

/** What the appliance does by itself. */
function addJobs(
  { settings, trail }: State,
  { access, auditing, tokens, jobs, backups, alerts, notifications, quiet, rollOuts }: Features,
  stops: Stops,
): void {
  stops.add('jobs', () => jobs.stop());
  stops.every(SECOND_MS, 'jobs', () => jobs.tick());
  const recordsBefore = (at: number): number => at - settings.of('history').value.recordDays * DAY_MS;
  jobs.add(
    pruneJob([
      { what: 'expired sessions', prune: (at) => access.sessions.prune(at) },
      { what: 'dead tokens', prune: (at) => tokens.prune(at) },
      { what: 'runs of jobs', prune: (at) => jobs.prune(recordsBefore(at)) },
      { what: 'alerts that are over', prune: (at) => alerts.book.prune(recordsBefore(at)) },
      { what: 'audits', prune: (at) => auditing.feature.audits.prune(at) },
      { what: 'silences that are over', prune: (at) => quiet.prune(recordsBefore(at)) },
      { what: 'updates of agents that are over', prune: (at) => rollOuts.prune(recordsBefore(at)) },
      { what: 'messages that were sent', prune: (at) => notifications.outbox.prune(recordsBefore(at)) },
      { what: 'entries of the audit trail', prune: (at) => trail.prune(recordsBefore(at)) },
    ]),
  );
  jobs.add(checkTrailJob(trail));
  jobs.add(rollOuts.job());
  const zone = () => settings.of('general', access.site?.id ?? '').value.timeZone;
  jobs.add(backupJob(backups, () => scheduleOf(settings.of('backup').value, zone())));
  jobs.add(restoreJob(backups));
  jobs.add(auditing.feature.job(() => ({ cron: '30 3 * * *', zone: zone() })));
}

/** Sweeps, and what is told of devices. */
function lookAtNetwork({ network, jobs }: Features, stops: Stops): void {
  stops.add('network', () => network.close());
  jobs.add(network.sweeps.job());
  jobs.add(certificatesJob(network));
  stops.every(SECOND_MS, 'sweeps', () => network.sweeps.tick());
  stops.every(MINUTE_MS, 'devices', () => network.look());
  stops.every(HOUR_MS, 'devices', () => network.devices.save());
}

function openSelfAgent({ options, state, features, doors }: Work): SelfAgent {
  return new SelfAgent({
    script: path.join(options.distDir, 'agent', 'agent.cjs'),
    stateDir: path.join(options.data, 'self-agent'),
    hub: `https://127.0.0.1:${doors.listeners.httpsPort}`,
    log: state.log.child({ component: 'own-agent' }),
    issueToken: async () => {
      const siteId = features.access.site?.id ?? '';
      return (await features.tokens.issue({ siteId, isOwn: true })).text;
    },
  });
}

/** Where the accounts should have been. */
const ownersOf = ({ stores }: State): string =>
  stores.files ? `the accounts in ${stores.place} are` : 'docs/users.db in the data folder is';

/** Where to find it: real addresses on the console and in `run.json`; the set-up link on the console only. */
async function announce({ options, state, features, doors, stops }: Work): Promise<void> {
  const { access } = features;
  const { httpUrl, httpsUrl, listeners } = doors;
  const runFile = path.join(options.data, 'run.json');
  const run = {
    pid: process.pid,
    version: pkg.version,
    httpUrl,
    httpsUrl,
    httpPort: listeners.httpPort,
    httpsPort: listeners.httpsPort,
  };
  await writeWhole(runFile, `${JSON.stringify(run, null, 2)}\n`);
  stops.add('run.json', () => rm(runFile, { force: true }));
  if (access.site) return options.print(`Reeve ${pkg.version} runs at ${httpUrl} and ${httpsUrl}\n`);
  if (features.registry.all().length > 0)
    options.print(
      `The owner is lost, though agents are paired: ${ownersOf(state)} missing or damaged. Restore a backup, or make a new owner; hosts and history stay.\n`,
    );
  options.print(
    `Reeve ${pkg.version} runs. Open this link to make the owner's account (it holds the set-up code, new at each start):\n\n  ${httpUrl}/#code=${access.setupCode.text}\n\n`,
  );
}
