import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isOfLan, openOnLan } from '../../../appliance/machine/lan-fetch.ts';
import { until } from '../../helpers/until.ts';

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await until(() => server.address());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const signal = new AbortController().signal;
const isNear = (address: string) => isOfLan(address) || address === '127.0.0.1';
const from = (url: string, more: { isNear?: (address: string) => boolean; mostBytes?: number } = { isNear }) =>
  openOnLan({ url, signal, mostBytes: 1_000, ...more });

test.each([
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.32.0.1', false],
  ['192.168.178.20', true],
  ['100.64.1.1', true],
  ['fd00::5', true],
  ['::ffff:192.168.1.1', true],
  ['127.0.0.1', false],
  ['::1', false],
  ['169.254.169.254', false],
  ['fe80::1', false],
  ['0.0.0.0', false],
  ['8.8.8.8', false],
  ['::ffff:8.8.8.8', false],
  ['2001:db8::1', false],
  ['reeve', false],
])('%s is of the LAN: %s', (address, isIn) => expect(isOfLan(address)).toBe(isIn));

describe('a file of the LAN', () => {
  test('is opened, over a redirect too', async () => {
    const url = await serving((request, response) => {
      if (request.url === '/old') return void response.writeHead(302, { location: '/new' }).end();
      response.end('content');
    });
    expect(await text(await from(`${url}/old`))).toBe('content');
  });

  test('is nothing outside: by address, by what a name resolves to, and by a redirect, to this machine itself neither', async () => {
    const asked: string[] = [];
    const url = await serving((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    });
    await expect(from(`${url}/away`)).rejects.toThrow('169.254.169.254 is not on the LAN');
    expect(asked).toEqual(['/away']);
    for (const outside of [
      'http://8.8.8.8/x',
      'http://127.0.0.1/x',
      'http://[::1]/x',
      'http://2130706433/x',
      'http://localhost/x',
    ])
      await expect(from(outside, {})).rejects.toThrow('is not on the LAN');
  });

  test.each(['file:///etc/passwd', 'ftp://10.0.0.1/x', 'gopher://10.0.0.1', 'nothing', ''])(
    'is never %j',
    async (url) => {
      await expect(from(url)).rejects.toThrow('begins with http');
    },
  );

  test('says what is wrong: a status, a size, a circle, nobody there', async () => {
    const url = await serving((request, response) => {
      if (request.url === '/round') return void response.writeHead(302, { location: '/round' }).end();
      if (request.url === '/none') return void response.writeHead(404).end();
      response.writeHead(200, { 'content-length': '5000000' }).end('x');
    });
    await expect(from(`${url}/none`)).rejects.toThrow('status 404');
    await expect(from(`${url}/large`)).rejects.toThrow('larger than an update can be');
    await expect(from(`${url}/round`)).rejects.toThrow('to no file');
    await expect(from('http://127.0.0.1:1/x')).rejects.toThrow('refuses connections');
  });
});
