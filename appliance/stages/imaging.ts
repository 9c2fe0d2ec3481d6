// Part of the second and last stage: the machine below a flashed appliance, and its updates.
import path from 'node:path';
import type { Access } from '../access/access.ts';
import type { JobRunner } from '../jobs/runner.ts';
import { AgentPrograms } from '../machine/agent-programs.ts';
import { Machine } from '../machine/machine.ts';
import { UPDATE_JOB, Updates } from '../machine/updates.ts';
import type { ApplianceOptions } from '../options.ts';
import { SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import type { PartState } from '../system/health.ts';
import { freeBytesOf } from '../wear.ts';
import { nameOnLan } from './lan-name.ts';
import type { State } from './state.ts';

/** In the image: the other half of the key that signs its updates. */
const UPDATE_KEY = '/usr/share/reeve/update-key.pem';
const LOOK_MS = 10 * SECOND_MS;

export interface Imaging {
  machine: Machine;
  updates: Updates;
  /** Executables of the agent that somebody brought. */
  programs: AgentPrograms;
  startUpdate: (by: string) => ReturnType<JobRunner['start']>;
}

/** Whether there is such a machine is seen at the start: its system tells of itself before the appliance is started. */
export async function openImaging(
  { systemRun, systemOrders, data, updateKey: keyFile = UPDATE_KEY }: ApplianceOptions,
  { settings, hub, now }: State,
  { access, jobs, stops }: { access: Access; jobs: JobRunner; stops: Stops },
): Promise<Imaging> {
  const machine = await Machine.open(systemRun, systemOrders, nameOnLan);
  const programs = new AgentPrograms({ dir: path.join(data, 'executables'), keyFile, freeBytes: freeBytesOf });
  const updates = new Updates({
    machine,
    programs,
    settings: () => settings.of('update').value,
    zone: () => settings.of('general', access.site?.id ?? '').value.timeZone,
    freeBytes: freeBytesOf,
    fetched: ({ by, ...detail }) =>
      hub.emit('audit', { at: now(), who: by, from: '', what: 'machine.updateFetched', detail }),
    keyFile,
  });
  if (machine.seen.image) {
    jobs.add(updates.job());
    stops.every(LOOK_MS, 'system of the image', () => machine.look());
  }
  return { machine, updates, programs, startUpdate: (by) => jobs.start(UPDATE_JOB, by) };
}

/** What the health page tells of the system of the image; undefined where there is none. */
export function imagePartOf({ seen: { image, update } }: Machine): PartState | undefined {
  if (!image) return undefined;
  const { version, slot, returnedFrom } = image;
  if (returnedFrom !== null)
    return {
      status: 'degraded',
      detail: `went back to ${version}: ${returnedFrom} did not become healthy. Install a newer one, or this one again`,
    };
  if (update?.state === 'refused')
    return { status: 'degraded', detail: `an update was refused: ${update.reason ?? 'no reason was given'}` };
  return { status: 'ok', detail: `version ${version} in slot ${slot}` };
}
