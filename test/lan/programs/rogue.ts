// An appliance of somebody else: with a CA of its own it knows no token of ours. It shows itself twice, once as what it is and once
// under the id and the key hash of the appliance that it hears, and says what it is asked.
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { APPLIANCE } from '../../../discovery/kinds.ts';
import { Lan } from '../../../discovery/lan.ts';
import { PairingDesk } from '../../../discovery/pairing/appliance.ts';
import { PAIRING_SERVER_NAME, serverName } from '../../../discovery/pairing/keys.ts';
import { pairStart } from '../../../protocol/pairing.ts';
import type { ApplianceRecord } from '../../../protocol/presence.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const id = randomUUID();
  const ca = await testCa();
  const leaf = await testLeaf(ca, [serverName(id), PAIRING_SERVER_NAME]);
  const parts = { applianceId: id, ca: ca.pem, leaf: leaf.cert, random: randomBytes, newId: randomUUID };
  const desk = new PairingDesk({ ...parts, onChange: () => undefined });
  const server = createServer({ ...leaf, minVersion: 'TLSv1.3' }, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    say({ kind: 'asked', path: request.url, body });
    if (!request.url?.endsWith('/start')) return void response.writeHead(404).end('{}');
    const offer = desk.start(pairStart.parse(JSON.parse(body)), { now: Date.now(), from: randomUUID() });
    return void response.end(JSON.stringify(offer));
  });
  server.on('tlsClientError', (error) => say({ kind: 'refused', reason: error.message }));
  server.listen(8443);
  await once(server, 'listening');
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const lan = new Lan({ log });
  const own: ApplianceRecord = { id, v: '0.1.0', proto: 1, https: 8443, ca: randomBytes(32).toString('base64url') };
  lan.advertise({ service: APPLIANCE, name: 'Reeve', port: 8443, txt: own });
  lan.browse(APPLIANCE, ({ kind, sighting }) => {
    if (kind !== 'up') return;
    lan.advertise({ service: APPLIANCE, name: 'Reeve', port: 8443, txt: { ...sighting.record, https: 8443 } });
    say({ kind: 'copied', id: sighting.record.id });
  });
  say({ kind: 'ready' });
}

void main();
