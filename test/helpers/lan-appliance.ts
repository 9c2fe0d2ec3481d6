import { execFileSync } from 'node:child_process';
import { TestLan } from '../lan/harness/namespaces.ts';
import type { Owner } from './owner.ts';
import { openSeparateHost, type SeparateHost } from './separate-host.ts';
import { until } from './until.ts';

export interface LanAppliance {
  readonly cable: SeparateHost;
  readonly lan: TestLan;
  close(): void;
}

/** Room for an appliance as a machine of its own with two cables: one to this one, for the browser, and one into a LAN, as `.200`. */
export function openLanAppliance({ hosts, network }: { hosts: number; network: string }): LanAppliance {
  const cable = openSeparateHost();
  const lan = new TestLan({ hosts, network });
  const [appliance = ''] = cable.within.slice(-1);
  const ip = (...parameters: string[]): void => void execFileSync('ip', parameters);
  ip('-n', lan.bridge, 'link', 'add', 'v200', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', appliance);
  ip('-n', lan.bridge, 'link', 'set', 'v200', 'master', 'br0', 'up');
  ip('-n', appliance, 'address', 'add', `${network}.200/24`, 'dev', 'lan0');
  ip('-n', appliance, 'link', 'set', 'lan0', 'up');
  const close = (): void => {
    lan.close();
    cable.close();
  };
  return { cable, lan, close };
}

/** Sweeps everything once, to the end of what follows a sweep. */
export async function sweepAll(owner: Owner): Promise<void> {
  const { status, body } = await owner.request('POST', '/api/v1/network/sweeps', {});
  if (status >= 300) throw new Error(`no sweep: ${JSON.stringify(body)}`);
  const isDone = async (): Promise<boolean> => {
    const { body: network } = await owner.request('GET', '/api/v1/network');
    return !(network as { isSweeping: boolean }).isSweeping;
  };
  await until(isDone, { timeoutMs: 60_000, everyMs: 250, what: 'the sweep is over' });
}

export interface SeenDevice {
  id: string;
  rev: number;
  address?: string;
  presence: string;
  presenceText: string;
  lastSeenAt?: number;
  standing: string;
  macs: { mac: string; isRandom: boolean }[];
  conflict?: string;
}

/** Everything that is known of the LAN. */
export async function devicesOf(owner: Owner): Promise<SeenDevice[]> {
  const { body } = await owner.request('GET', '/api/v1/network/devices?limit=500');
  return (body as { items: SeenDevice[] }).items;
}

/** Every open alert: its title, and why. */
export async function openAlertsOf(owner: Owner): Promise<string[]> {
  const { body } = await owner.request('GET', '/api/v1/alerts?status=active');
  return (body as { items: { title: string; reason: string }[] }).items.map(
    ({ title, reason }) => `${title}: ${reason}`,
  );
}
