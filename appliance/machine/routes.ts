import { UPLOAD_PIECE_BYTES } from '../../protocol/backups.ts';
import type { JobRun } from '../../protocol/jobs.ts';
import * as table from '../../protocol/routes/machine.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Machine } from './machine.ts';
import { refusing, type Updates } from './updates.ts';

export interface MachineRouteParts {
  machine: Machine;
  updates: Updates;
  /** Starts the job `update`. */
  startUpdate(by: string): Promise<JobRun>;
}

/** The machine below a flashed appliance; elsewhere there is nothing to change. */
export function serveMachine(routes: Routes, { machine, updates, startUpdate }: MachineRouteParts): void {
  routes.serve(table.readMachine, () => machine.state());

  routes.serve(table.setHostName, async ({ body, note }) => {
    const { network } = await machine.need();
    note({ before: { hostName: network?.hostname ?? null }, after: body });
    return machine.give('hostname', body.hostName);
  });

  routes.serve(table.setSsh, async ({ body, note }) => {
    const { ssh } = await machine.need();
    note({ before: ssh, after: body });
    return machine.setSsh(body);
  });

  routes.serve(table.beginBundle, async () => {
    await machine.needIdle();
    return { uploadId: await updates.uploads.begin(), pieceBytes: UPLOAD_PIECE_BYTES };
  });

  routes.serve(table.uploadBundle, async ({ params, query, upload, note }) => {
    await machine.needIdle();
    const piece = { offset: query.offset, piece: upload, isLast: query.last === 'true' };
    const taken = await refusing(() => updates.take(params.uploadId, piece));
    note({ detail: taken });
    return taken;
  });

  routes.serve(table.fetchBundle, async ({ body, session, note }) => {
    await machine.needIdle();
    note({ detail: { host: new URL(body.url).host } });
    updates.want(body.url, session.userName);
    return startUpdate(session.userName);
  });

  routes.serve(table.restartMachine, () => machine.give('restart'));
  routes.serve(table.powerOffMachine, () => machine.give('power-off'));
  routes.serve(table.resetMachine, async ({ body, note }) => {
    const { network } = await machine.need();
    const name = network?.hostname ?? 'reeve';
    if (body.confirm !== name) throw new Problem('invalid-request', `Type the host name of the machine: ${name}`);
    note({ detail: { hostName: name } });
    return machine.give('factory-reset');
  });
}
