import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A far end over HTTP that answers as `answer` says; what it was asked is in `asked`. */
export async function httpMeter(answer: (path: string, request: IncomingMessage) => unknown) {
  const asked: string[] = [];
  const server = createServer((request, response: ServerResponse) => {
    const path = request.url ?? '';
    asked.push(path);
    const value = answer(path, request);
    if (value === undefined) response.writeHead(404).end();
    else if (typeof value === 'number') response.writeHead(value, challengeOf(request)).end();
    else if (typeof value === 'string') response.end(value);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** What a meter that wants a sign-in says: `x-challenge` of a test decides nothing, every 401 is a digest as Shelly Gen2 has it. */
const challengeOf = (_request: IncomingMessage) => ({
  'www-authenticate': 'Digest qop="auth", realm="shellyplus1-1234", nonce="1645186372", algorithm=SHA-256',
});

/** A Shelly plug of the first generation: watts and watt-minutes. */
export const shellyGen1 = (state: { watts: number; wattMinutes: number }) => (path: string) => {
  if (path === '/shelly') return { type: 'SHPLG-S', mac: 'AABBCCDDEEFF', auth: false, fw: '20230913-113421/v1.14.0' };
  if (path === '/meter/0')
    return {
      ...{ power: state.watts, overpower: 0, is_valid: true, timestamp: 1_700_000_000 },
      ...{ counters: [0, 0, 0], total: state.wattMinutes },
    };
  return undefined;
};

/** One of a later generation: watts and watt-hours. */
export const shellyGen2 = (state: { watts: number; wh: number }) => (path: string) => {
  if (path === '/shelly') return { name: null, id: 'shellyplusplugs-1234', gen: 2, auth_en: false, app: 'PlusPlugS' };
  if (path === '/rpc/Switch.GetStatus?id=0')
    return {
      ...{ id: 0, source: 'init', output: true, apower: state.watts, voltage: 231.2, current: 0.1 },
      aenergy: { total: state.wh, by_minute: [0, 0, 0], minute_ts: 1_700_000_000 },
      temperature: { tC: 33.1, tF: 91.6 },
    };
  return undefined;
};

/** A plug with Tasmota: watts and kWh in steps of a Wh. */
export const tasmotaPlug = (state: { watts: number; kwh: number }) => (path: string) =>
  path.endsWith('cmnd=Status%2010')
    ? {
        StatusSNS: {
          Time: '2026-05-04T12:00:00',
          ENERGY: {
            ...{
              TotalStartTime: '2025-01-01T00:00:00',
              Total: state.kwh,
              Yesterday: 0.5,
              Today: 0.2,
              Power: state.watts,
            },
            ...{ ApparentPower: 60, ReactivePower: 20, Factor: 0.9, Voltage: 230, Current: 0.25 },
          },
        },
      }
    : undefined;
