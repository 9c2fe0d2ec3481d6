import {
  addDevice,
  changeDevice,
  listDevices,
  lookAtPorts,
  mergeDevices,
  readDevice,
  removeDevice,
  splitDevice,
  trustDevices,
  wakeDevice,
} from '../../protocol/routes/devices.ts';
import {
  addSubnet,
  cancelSweep,
  changeSubnet,
  listSubnets,
  readNetwork,
  removeSubnet,
  startSweep,
} from '../../protocol/routes/network.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Routes } from '../serve.ts';
import { MINUTE_MS } from '../spans.ts';
import type { DeviceRecord } from './documents.ts';
import type { Network } from './network.ts';
import { newDevice } from './observe.ts';

/** Looks at ports and packets that wake, of a whole site in a minute. */
const TRIES_A_MINUTE = 12;

/** Everything about the LAN: subnets and sweeps, devices, and what is done with them. */
export function serveNetwork(routes: Routes, { network, now }: { network: Network; now: () => number }): void {
  serveSubnets(routes, network);
  serveDevices(routes, { network, now });
  serveDeeds(routes, { network, now });
}

function serveSubnets(routes: Routes, network: Network): void {
  routes.serve(readNetwork, ({ session }) => {
    const devices = network.devices.list(session.siteId).map((each) => network.deviceOf(each));
    return {
      isOn: network.isOn,
      devices: devices.length,
      new: devices.filter(({ standing }) => standing === 'new').length,
      here: devices.filter(({ presence }) => presence === 'here').length,
      isSweeping: network.subnets.list(session.siteId).some(({ id }) => network.sweeps.of(id).state !== 'idle'),
    };
  });

  routes.serve(listSubnets, async ({ session, query }) =>
    pageOf(await network.subnetsOf(session.siteId), query, ({ id }) => id),
  );

  routes.serve(addSubnet, async ({ session, body: { cidr, ...fields }, note }) => {
    const record = await network.subnets.add(session.siteId, cidr, fields);
    note({ detail: { subnetId: record.id }, after: { cidr: record.cidr, ...fields } });
    return network.show(record);
  });

  routes.serve(changeSubnet, async ({ session, params, body, note }) => {
    const before = network.subnets.read(session.siteId, params.subnetId);
    const record = await network.subnets.change(session.siteId, params.subnetId, body);
    note({ before: { ...before, last: undefined }, after: body });
    return network.show(record);
  });

  routes.serve(removeSubnet, async ({ session, params, note }) => {
    const { cidr } = network.subnets.read(session.siteId, params.subnetId);
    await network.removeSubnet(session.siteId, params.subnetId);
    note({ before: { cidr } });
    return null;
  });

  routes.serve(startSweep, async ({ session, body }) => {
    const named = body.subnetIds.map((id) => network.subnets.read(session.siteId, id));
    network.mustBeOn();
    await network.subnets.look();
    const wanted = named.length > 0 ? named : network.subnets.list(session.siteId).filter(({ isEnabled }) => isEnabled);
    if (wanted.length === 0)
      throw new Problem('conflict', 'There is no subnet to sweep: an admin switches one on, or adds one');
    await network.sweeps.ask(wanted, session.userName);
    return { subnets: wanted.length };
  });

  routes.serve(cancelSweep, ({ session }) => {
    network.sweeps.cancel(session.siteId);
    return null;
  });
}

function serveDevices(routes: Routes, { network, now }: { network: Network; now: () => number }): void {
  const { devices } = network;

  routes.serve(listDevices, ({ session, query }) => {
    const all = devices.list(session.siteId).map((each) => network.deviceOf(each));
    const wanted = all.filter(
      ({ presence, standing }) =>
        (query.presence === undefined || presence === query.presence) &&
        (query.standing === undefined || standing === query.standing),
    );
    return pageOf(wanted, query, ({ id }) => id);
  });

  routes.serve(readDevice, ({ session, params }) => network.detailOf(devices.read(session.siteId, params.deviceId)));

  routes.serve(addDevice, async ({ session, body: { name, mac }, note }) => {
    if (devices.list(session.siteId).some(({ macs }) => macs.includes(mac)))
      throw new Problem('conflict', 'A device with this MAC is in the list already', [
        { path: 'body.mac', message: 'a device with this MAC is in the list already' },
      ]);
    const record = await devices.add({ ...newDevice(session.siteId, now()), name, macs: [mac], standing: 'trusted' });
    note({ detail: { deviceId: record.id }, after: { name, mac } });
    return network.deviceOf(record);
  });

  routes.serve(changeDevice, async ({ session, params, body: { rev, ...said }, note }) => {
    const before = devices.read(session.siteId, params.deviceId);
    const make = (record: DeviceRecord) => withSaid(record, said);
    const record = await devices.change(session.siteId, params.deviceId, { rev, make });
    network.look();
    const old = Object.fromEntries(Object.keys(said).map((field) => [field, Reflect.get(before, field)]));
    note({ before: old, after: said });
    return network.deviceOf(record);
  });

  routes.serve(trustDevices, async ({ session, body, note }) => {
    const wanted = [...new Set(body.deviceIds)].map((id) => devices.read(session.siteId, id));
    for (const { id } of wanted)
      await devices.change(session.siteId, id, { make: (record) => ({ ...record, standing: 'trusted' }) });
    network.look();
    note({ detail: { devices: wanted.length } });
    return { trusted: wanted.length };
  });

  routes.serve(removeDevice, async ({ session, params, note }) => {
    const { title } = network.deviceOf(devices.read(session.siteId, params.deviceId));
    await network.forget(session.siteId, params.deviceId);
    note({ before: { title } });
    return null;
  });
}

type Said = Partial<
  Pick<DeviceRecord, 'name' | 'note' | 'standing' | 'tellGone' | 'fixedAddress' | 'watchCertificates'>
>;

/** An empty text takes away; who names a new device knows it. */
function withSaid(record: DeviceRecord, said: Said): DeviceRecord {
  const next: DeviceRecord = { ...record, ...said };
  for (const field of ['name', 'note', 'fixedAddress'] as const) if (next[field] === '') delete next[field];
  if (said.name && record.standing === 'new' && said.standing === undefined) next.standing = 'trusted';
  return next;
}

function serveDeeds(routes: Routes, { network, now }: { network: Network; now: () => number }): void {
  const limit = new RateLimit(TRIES_A_MINUTE, MINUTE_MS);
  const take = (siteId: string): void => {
    if (!limit.take(siteId, now())) throw new Problem('too-many-requests', 'Wait a minute before the next try');
  };

  routes.serve(mergeDevices, async ({ session, params, body, note }) => {
    const record = await network.merge(session.siteId, params.deviceId, body.otherDeviceId);
    note({ after: body });
    return network.detailOf(record);
  });

  routes.serve(splitDevice, async ({ session, params, body, note }) => {
    const record = await network.split(session.siteId, params.deviceId, body.mergedDeviceId);
    note({ after: body });
    return network.detailOf(record);
  });

  routes.serve(lookAtPorts, ({ session, params, body, signal }) => {
    network.devices.read(session.siteId, params.deviceId);
    network.mustBeOn();
    take(session.siteId);
    return network.lookAtPorts(session.siteId, params.deviceId, { ports: body.ports, signal });
  });

  routes.serve(wakeDevice, async ({ session, params }) => {
    network.devices.read(session.siteId, params.deviceId);
    network.mustBeOn();
    take(session.siteId);
    await network.wake(session.siteId, params.deviceId);
    return null;
  });
}
