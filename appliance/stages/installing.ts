// Part of the third stage: installing agents over SSH, which needs the network's devices, the agents' tokens and the audits' keys.
import { shellLine } from '../agents/install-line.ts';
import { type AgentRouteParts, lineTarget } from '../agents/routes.ts';
import { Installs } from '../installs/installs.ts';
import { type InstallRouteParts, serveInstalls } from '../installs/routes.ts';
import type { Network } from '../network/network.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { connectSsh } from '../ssh.ts';
import type { Stops } from '../stops.ts';
import type { Auditing } from './auditing.ts';
import type { State } from './state.ts';

interface Installing {
  state: State;
  features: { network: Network; auditing: Auditing };
  agents: AgentRouteParts;
  stops: Stops;
}

export function serveInstalling(
  routes: Routes,
  { state: { hub, now, log }, features: { network, auditing }, agents, stops }: Installing,
): void {
  const { tokens } = agents;
  const installs = new Installs({
    now,
    log: log.child({ component: 'installs' }),
    hostOf: (siteId, tokenId) => tokens.read(siteId, tokenId).hostId,
    revoke: (siteId, tokenId) => tokens.revoke(siteId, tokenId),
    connect: connectSsh,
    onEnd: ({ siteId, by, address, port, user, deviceId }, ended) =>
      hub.emit('audit', {
        ...{ at: now(), siteId, who: by, from: '', what: 'installs.ended' },
        detail: { deviceId, address, port, user, ...ended },
      }),
  });
  hub.on('site', ({ before, after }) =>
    before && !after ? installs.forget((siteId) => siteId === before.id) : undefined,
  );
  stops.add('installations over SSH', () => installs.forget(() => true));
  serveInstalls(routes, { installs, ...meeting({ network, auditing, agents }) });
}

function meeting({
  network,
  auditing,
  agents,
}: Installing['features'] & Pick<Installing, 'agents'>): Omit<InstallRouteParts, 'installs'> {
  const { keys, targets } = auditing.feature;
  return {
    device: ({ siteId }, deviceId) => {
      const record = network.devices.read(siteId, deviceId);
      if (record.hostId !== undefined) throw new Problem('conflict', 'Its agent is paired already');
      const address = network.addressOf(record);
      const subnet = network.subnets.holding(siteId, address);
      const near = subnet && network.subnets.linkOf(subnet)?.address;
      return { address, ...(record.name && { name: record.name }), ...(near && { near }) };
    },
    makeLine: async ({ siteId, userName }, { host, name, may, as }) => {
      lineTarget(agents, { host, token: '', may }); // Fails before a token is made that nobody could use.
      const { text, token } = await agents.tokens.issue({
        siteId,
        isOwn: false,
        createdBy: userName,
        ...(name && { name }),
      });
      const target = lineTarget(agents, { host, token: text, may });
      const { hub, pin } = target;
      return { line: shellLine(target, as), hub, pin, tokenId: token.tokenId, expiresAt: token.expiresAt };
    },
    privateKey: async (siteId, keyId) => keys.secretOf(await keys.need(siteId, keyId)),
    pinOf: (siteId, { address, port }) =>
      targets.of(siteId).find((each) => each.address === address && (each.port ?? 22) === port)?.pin,
  };
}
