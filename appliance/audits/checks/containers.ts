import { type Check, found, NEEDS_FULL, unknown } from './check.ts';

export const containers: Check = {
  id: 'containers',
  title: 'Containers have too much power or are open to everybody',
  severity: 'high',
  reason:
    'Whoever gets into a privileged container, or one that has the socket of Docker, has the host. Published ports go past most firewalls.',
  judge({ containers }) {
    if (!containers) return unknown(NEEDS_FULL);
    const powers = [
      ...containers.sockets.filter(({ mode }) => mode[8] === 'w').map(({ path }) => `Anybody may write to ${path}`),
      ...containers.details.filter(({ isPrivileged }) => isPrivileged).map(({ name }) => `${name} is privileged`),
      ...containers.details
        .filter(({ mounts }) => mounts.some((each) => /docker\.sock$/.test(each)))
        .map(({ name }) => `${name} has the socket of Docker`),
      ...containers.details
        .filter(({ mounts }) => mounts.includes('/'))
        .map(({ name }) => `${name} has the whole disk of the host`),
    ];
    const published = containers.items.flatMap(({ name, ports }) =>
      /(?:0\.0\.0\.0|\[::\]|:::)\S*->/.test(ports)
        ? [`${name} is published on every network: ${ports.slice(0, 160)}`]
        : [],
    );
    const remedy = 'Run without --privileged and without the socket; publish on one address (`-p 127.0.0.1:8080:80`).';
    return found([...powers, ...published], remedy, powers.length > 0 ? 'high' : 'low');
  },
};
