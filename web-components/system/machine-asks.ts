import type { JobRun } from '../../protocol/jobs.ts';
import { msg } from '../msg.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import type { FormAsk } from '../parts/form-dialog.ts';
import { call } from '../rest.ts';
import type { Machine } from './machine-texts.ts';

/** Takes what the appliance answered. */
export interface Hands {
  set(machine: Machine): void;
  ran(run: JobRun): void;
}

export function askAddress({ ran }: Hands): FormAsk {
  return {
    heading: msg('Update from an address of the LAN'),
    lead: msg('The file is fetched, its signature is checked, and the machine restarts.'),
    form: 'fetch-update',
    verb: msg('Install'),
    send: async ({ url }) => {
      ran(await call('POST /api/v1/machine/update/fetch', { body: { url: String(url ?? '') } }));
    },
  };
}

export function askName({ network }: Machine, { set }: Hands): FormAsk {
  return {
    heading: msg('Host name'),
    form: 'host-name',
    value: { hostName: network?.hostname ?? '' },
    verb: msg('Save'),
    send: async ({ hostName }) => {
      set(await call('PUT /api/v1/machine/host-name', { body: { hostName: String(hostName ?? '') } }));
    },
  };
}

export function askSsh({ ssh }: Machine, { set }: Hands): FormAsk {
  return {
    heading: msg('SSH of this machine'),
    lead: msg('Whoever has one of these keys may do everything on this machine.'),
    form: 'ssh-access',
    value: ssh,
    verb: msg('Save'),
    send: async ({ enabled, keys }) => {
      const body = { enabled: enabled === true, keys: Array.isArray(keys) ? keys.map(String) : [] };
      set(await call('PUT /api/v1/machine/ssh', { body }));
    },
  };
}

export function askRestart({ set }: Hands): Confirmation {
  return {
    heading: msg('Restart this machine?'),
    consequences: [
      msg(
        'For a minute or two nothing is received and no alert is sent. Agents keep their values and send them after.',
      ),
    ],
    verb: msg('Restart'),
    act: async () => set(await call('POST /api/v1/machine/restart')),
  };
}

export function askPowerOff({ set }: Hands): Confirmation {
  return {
    heading: msg('Switch this machine off?'),
    consequences: [
      msg('Nothing is watched until somebody at the machine switches it on again.'),
      msg('Agents keep their values and send them after.'),
    ],
    verb: msg('Switch off'),
    act: async () => set(await call('POST /api/v1/machine/power-off')),
  };
}

export function askReset({ network }: Machine, { set }: Hands): Confirmation {
  const name = network?.hostname ?? 'reeve';
  return {
    heading: msg('Reset {name} to how it was flashed?', { name }),
    consequences: [
      msg(
        'All hosts, history, settings, accounts, keys and pairings of this appliance go, and cannot be brought back but by a backup that lies elsewhere.',
      ),
      msg('Backups on this machine go too.'),
      msg('Agents have to be paired again. The version of the system stays.'),
    ],
    verb: msg('Delete everything'),
    typed: name,
    act: async () => set(await call('POST /api/v1/machine/factory-reset', { body: { confirm: name } })),
  };
}
