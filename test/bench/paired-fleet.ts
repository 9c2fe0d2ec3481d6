import { Registry } from '../../appliance/agents/registry.ts';
import { Inventory } from '../../appliance/hosts/inventory.ts';
import { Hub } from '../../appliance/hub.ts';
import { newId } from '../../appliance/ids.ts';
import { openLog } from '../../appliance/log.ts';
import { openDocumentStore } from '../../appliance/store/nedb/documents.ts';
import type { Pairing } from '../../discovery/pairing/agent.ts';
import { pairWith } from '../../discovery/pairing/client.ts';
import { newAgentKey } from '../../discovery/pairing/keys.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { createOwner } from '../helpers/owner.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';

/**
 * Prepares a data directory with an owner and `count` paired agents. One pairs over the network; the others are written into the
 * store in the same form, because the appliance rightly lets nobody pair fifty machines in a second.
 */
export async function prepareFleet(dataDir: string, count: number): Promise<Pairing[]> {
  const appliance = await startAppliance({ dataDir });
  const owner = await createOwner(appliance);
  const first = await pairWith(appliance.httpsUrl, {
    token: await owner.token('agent-0'),
    name: 'agent-0',
    facts: { ...someFacts, hostName: 'agent-0' },
  });
  const [host] = await owner.hosts();
  await appliance.stop();
  if (!host) throw new Error('the first agent has no host');
  const { siteId } = host;

  const log = openLog({ level: 'silent', isTerminal: false });
  const documents = await openDocumentStore({ dir: dataDir, log });
  const hub = new Hub((_event, error) => {
    throw error;
  });
  const inventory = await Inventory.open(documents, hub, { now: Date.now });
  const registry = await Registry.open(documents);
  const fleet = [first];
  for (let at = 1; at < count; at++) {
    const key = newAgentKey();
    const name = `agent-${at}`;
    const made = await inventory.register({
      siteId,
      name,
      facts: { ...someFacts, hostName: name },
      isAppliance: false,
    });
    const agentId = newId(Date.now());
    await registry.add({
      id: agentId,
      siteId,
      hostId: made.id,
      publicKey: key.publicKey,
      state: 'active',
      version: '0.1.0',
      pairedAt: Date.now(),
    });
    fleet.push({ applianceId: first.applianceId, agentId, ca: first.ca, key });
  }
  await documents.close();
  return fleet;
}
