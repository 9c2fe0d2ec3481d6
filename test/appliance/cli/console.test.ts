import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConsoleCommand, runConsole } from '../../../appliance/cli/console/console.ts';
import { type Shown, screenLines } from '../../../appliance/cli/console/screen.ts';
import { CONSOLE_FILE, type ConsoleFacts, consoleFacts } from '../../../appliance/console-file.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { screenOf } from '../../helpers/terminal-screen.ts';
import { until } from '../../helpers/until.ts';

const SIZE = { columns: 80, rows: 25 };
const LINK = `http://192.168.178.123:8080/#code=${'A'.repeat(22)}`;
const facts: ConsoleFacts = {
  ...{ version: '1.2.3', url: 'http://192.168.178.123:8080', httpPort: 8080, localName: 'reeve.local', setupUrl: null },
  hosts: { all: 4, online: 3, offline: 1 },
  alerts: { critical: 1, high: 0, medium: 2, low: 0 },
};
const image = {
  ...{ version: '1.2.3', board: 'vm' as const, slot: 'A' as const, returnedFrom: null, resetAt: null },
  other: { version: null, state: 'empty' as const },
};
const network = { hostname: 'reeve', addresses: ['192.168.178.123', 'fd00::5', 'fe80::1'] };
const seen = (shown: Shown, size = SIZE) => screenOf(screenLines(shown, size).join('\r\n'), size);
const plain = (shown: Shown, size = SIZE) => seen(shown, size).text;

describe('the screen of the machine', () => {
  test('fits into 80 by 25 and never scrolls, whatever it has to say', () => {
    const long = {
      ...facts,
      url: `http://${'a'.repeat(250)}.local:8080`,
      setupUrl: `http://${'a'.repeat(250)}/#code=x`,
    };
    const returned = { ...image, returnedFrom: '9'.repeat(64) };
    const update = { state: 'refused' as const, version: '1'.repeat(64), done: 1, reason: 'x '.repeat(250), at: 0 };
    for (const shown of [
      { facts, answers: true, image, network },
      { facts: long, answers: true, image: returned, update, network },
    ])
      for (const size of [SIZE, { columns: 40, rows: 12 }, { columns: 132, rows: 50 }])
        expect(seen(shown, size)).toMatchObject({ scrolled: 0 });
  });

  test('says how the fleet fares, where the dashboard is, and which system runs', () => {
    const text = plain({ facts, answers: true, image, network });
    for (const words of [
      'Reeve 1.2.3, slot A',
      '3 of 4 online, 1 offline',
      '1 critical, 2 warning',
      'http://reeve.local:8080',
      'http://192.168.178.123:8080',
      'http://[fd00::5]:8080',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('fe80');
  });

  test('has the whole link beside the code as long as there is no owner, and nothing of it after', () => {
    expect(plain({ facts: { ...facts, setupUrl: LINK }, answers: true })).toContain(LINK);
    expect(plain({ facts, answers: true })).not.toContain('code=');
  });

  test('says that it starts before there is anything, and that it does not answer when it does not', () => {
    expect(plain({ answers: true })).toContain('Starts');
    const silent = plain({ facts: { ...facts, setupUrl: LINK }, answers: false });
    expect(silent).toContain('Does not answer');
    expect(silent).not.toContain('code=');
    expect(seen({ facts, answers: false }).picture()).toBeUndefined();
  });

  test('says plainly that it went back to the old version, how far an update is, and why one was refused', () => {
    const went = plain(
      { facts, answers: true, image: { ...image, returnedFrom: '1.3.0' } },
      { columns: 160, rows: 40 },
    );
    expect(went).toContain('Went back to 1.2.3: 1.3.0 did not become healthy.');
    const at = 0;
    const wide = { columns: 160, rows: 40 };
    expect(
      plain(
        { facts, answers: true, update: { state: 'writing', version: '1.3.0', done: 0.427, reason: null, at } },
        wide,
      ),
    ).toContain('Update to 1.3.0 is written 42 %');
    expect(
      plain(
        {
          facts,
          answers: true,
          update: { state: 'refused', version: null, done: 0, reason: 'the signature is wrong', at },
        },
        wide,
      ),
    ).toContain('Update was refused: the signature is wrong');
  });

  test('says that another machine has its name, and that there is no address yet', () => {
    expect(plain({ facts: { ...facts, localName: 'reeve-2.local' }, answers: true, network })).toMatch(
      /Another machine on this LAN has\s+the\s+name\s+reeve\.local/,
    );
    expect(plain({ facts, answers: true, network: { ...network, addresses: [] } })).toContain('No address yet');
  });
});

describe('reeve console', () => {
  /** The files that it reads, and what it wrote. */
  function machine() {
    const dir = temporaryDirectory();
    const [run, system] = [join(dir, 'run'), join(dir, 'system')];
    for (const folder of [run, system]) mkdirSync(folder);
    const written: string[] = [];
    const stop = new AbortController();
    const terminal = { ...SIZE, write: (text: string) => void written.push(text) };
    const env = { RUNTIME_DIRECTORY: run, REEVE_SYSTEM_RUN: system };
    const start = () => runConsole({ wish: { once: false }, env, terminal, signal: stop.signal, everyMs: 10 });
    const text = () => screenOf(written.join(''), SIZE).text;
    return {
      run,
      system,
      written,
      stop,
      start,
      text,
      tell: (told: unknown) => writeFileSync(join(run, CONSOLE_FILE), JSON.stringify(told)),
    };
  }

  test('follows its files, draws only what has changed, and shows the code no longer when there is an owner', async () => {
    const health = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    onTestFinished(() => void health.close());
    await until(() => health.address());
    const { port } = health.address() as AddressInfo;
    const { written, stop, start, text, tell, run } = machine();
    const ended = start();
    await until(() => text().includes('Starts'));
    tell({ ...facts, httpPort: port, setupUrl: LINK });
    await until(() => text().includes('#code='));
    const drawings = written.length;
    tell({ ...facts, httpPort: port, setupUrl: LINK });
    tell({ ...facts, httpPort: port });
    await until(() => text().includes('3 of 4 online'));
    expect(written.length).toBe(drawings + 1);
    expect(text()).not.toContain('code=');
    health.closeAllConnections();
    health.close();
    await until(() => text().includes('Does not answer'));
    rmSync(join(run, CONSOLE_FILE));
    await until(() => text().includes('Starts'));
    stop.abort();
    expect(await ended).toBe(0);
  });

  test('takes no command of a terminal from its files, and nothing that is not what it should be', async () => {
    const { start, stop, text, tell, system, written } = machine();
    const ended = start();
    writeFileSync(
      join(system, 'update.json'),
      JSON.stringify({
        state: 'refused',
        version: null,
        done: 0,
        reason: 'bad\u001b[2Jthing\u0007',
        at: 1_767_225_600_000,
      }),
    );
    await until(() => text().includes('bad [2Jthing'));
    const drawings = written.length;
    tell({ ...facts, version: 7 });
    for (const content of ['', '{', 'null', '[]', 'x'.repeat(100_000)])
      writeFileSync(join(system, 'image.json'), content);
    writeFileSync(join(system, 'image.json'), JSON.stringify({ ...image, version: '2\u001b[31m' }));
    writeFileSync(join(system, 'network.json'), JSON.stringify({ hostname: 'Reeve; rm', addresses: ['nothing'] }));
    expect(written.slice(drawings).join('')).not.toContain('[31m');
    writeFileSync(
      join(system, 'update.json'),
      JSON.stringify({ state: 'checking', version: '2.0.0', done: 0, reason: null, at: 1_767_225_600_000 }),
    );
    await until(() => text().includes('Update to 2.0.0 is checked'));
    expect(text()).toContain('Starts');
    stop.abort();
    await ended;
  });

  test('is told by a real appliance: the link first, the hosts when there is an owner, nothing when it has stopped', async () => {
    const runDir = temporaryDirectory();
    const bench = await startInProcess({ runDir });
    const { terminal, written } = { terminal: SIZE, written: [] as string[] };
    const once = async (): Promise<string> => {
      written.length = 0;
      const parts = {
        wish: { once: true },
        env: { RUNTIME_DIRECTORY: runDir, REEVE_SYSTEM_RUN: '/nonexistent' },
        signal: new AbortController().signal,
      };
      await runConsole({ ...parts, terminal: { ...terminal, write: (text) => void written.push(text) } });
      return written.join('');
    };
    expect(await once()).toContain(`#code=${bench.setupCode}`);
    await bench.setUp();
    await until(async () => (await once()).includes('Hosts:'), { what: 'the owner is known' });
    expect(await once()).not.toContain('code=');
    await bench.stop();
    expect(await once()).toContain('Starts');
  });
});

test('the command line has one option, and names it', () => {
  expect(readConsoleCommand(['history'])).toBeUndefined();
  expect(readConsoleCommand(['console', '--once'])).toEqual({ once: true });
  expect(() => readConsoleCommand(['console', '--colour'])).toThrow('--once');
});

test('facts of the appliance are what the screen takes', () => {
  expect(consoleFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
});
