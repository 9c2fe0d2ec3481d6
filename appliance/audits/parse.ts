import type { Facts } from './facts.ts';
import * as accounts from './parse/accounts.ts';
import * as machine from './parse/machine.ts';
import * as network from './parse/network.ts';
import * as software from './parse/software.ts';
import type { Sections } from './read.ts';

type Lines = readonly string[];

/** What the sections of an audit say. A section that did not come, or that nobody understands, leaves its part out. */
export function parseFacts(sections: Sections): Facts {
  const of = <T>(id: string, read: (lines: Lines) => T | undefined): T | undefined => {
    const lines = sections.get(id);
    return lines && read(lines);
  };
  const also = (id: string): Lines => sections.get(id) ?? [];
  const some = <T>(id: string, read: (lines: Lines) => T | undefined): T | undefined =>
    of(id, (lines) => (lines.length > 0 ? read(lines) : undefined));
  const facts: { [K in keyof Facts]-?: Facts[K] | undefined } = {
    system: some('system', machine.system),
    os: some('os', machine.os),
    hardware: some('hardware', machine.hardware),
    cpu: some('cpu', machine.cpu),
    memory: some('memory', machine.memory),
    disks: some('disks', (lines) => machine.disks(lines, also('inodes'), also('mounts'))),
    blocks: some('blocks', machine.blocks),
    addresses: some('addresses', network.addresses),
    routes: some('routes', network.routes),
    resolvers: some('resolvers', network.resolvers),
    ports: some('ports', network.ports),
    processes: some('processes', accounts.processes),
    users: some('users', accounts.users),
    groups: some('groups', accounts.groups),
    passwords: some('passwords', accounts.passwords),
    sudo: some('sudo', accounts.sudo),
    keys: of('keys', accounts.keys),
    sshd: some('sshd', (lines) => accounts.sshd(lines, also('sshd-version'))),
    packages: some('packages', software.packages),
    updates: some('updates', software.updates),
    unattended: of('unattended', software.unattended),
    reboot: of('reboot', software.reboot),
    services: some('services', software.services),
    timers: of('timers', software.timers),
    firewall: of('firewall', network.firewall),
    sysctl: some('sysctl', machine.pairs),
    time: of('time', software.time),
    containers: of('containers', software.containers),
    files: some('files', software.files),
    logins: some('logins', accounts.logins),
    logging: of('logging', software.logging),
    cpuBugs: some('cpu-bugs', machine.cpuBugs),
    smart: some('smart', machine.smart),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Facts;
}
