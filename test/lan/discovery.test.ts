import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestLan } from './harness/namespaces.ts';
import type { RunningProgram } from './harness/running.ts';

let lan: TestLan;
const running: RunningProgram[] = [];

beforeAll(() => {
  lan = new TestLan({ hosts: 4 });
});
afterAll(() => lan?.close());
afterEach(() => {
  for (const program of running.splice(0)) program.kill('SIGKILL');
});

const agentTxt = { id: 'x', host: 'nas', v: '1.0', state: 'unpaired' };
const agent = (name: string, port = 4000) => ({ type: 'reeve-agent', name, port, txt: agentTxt });
const quick = { queryMs: 1_000, leaseMs: 4_000 };

async function start(host: number, configuration: object): Promise<RunningProgram> {
  const program = await lan.host(host).run('peer', configuration);
  running.push(program);
  await program.line({ kind: 'ready' });
  return program;
}

describe('on one LAN', () => {
  it('an agent is visible within 1.5 s of its start, with its record and address', async () => {
    const browser = await start(1, { browse: 'agent' });
    const startedAt = Date.now();
    await start(2, { advertise: [agent('nas.attic')] });
    const seen = await browser.line({ kind: 'up', name: 'nas-attic' });
    expect(seen.at - startedAt).toBeLessThan(1_500);
    expect(seen).toMatchObject({ port: 4000, addresses: [lan.host(2).address], record: agentTxt });
    console.log(`visible after ${seen.at - startedAt} ms (with the start of Node)`);
  });

  it('a browser that comes later sees at once who was there', async () => {
    for (const host of [2, 3, 4]) await start(host, { advertise: [agent(`a${host}`), agent(`b${host}`)] });
    const browser = await start(1, { browse: 'agent' });
    const names = ['a2', 'b2', 'a3', 'b3', 'a4', 'b4'];
    const seen = await Promise.all(names.map((name) => browser.line({ kind: 'up', name })));
    const slowest = Math.max(...seen.map((line) => Number(line.ms)));
    const ready = Number((await browser.line({ kind: 'ready' })).ms);
    console.log(`6 of 6 after ${slowest - ready} ms`);
    expect(slowest - ready).toBeLessThan(500);
  });

  it('one that says goodbye is gone soon', async () => {
    const browser = await start(1, { browse: 'agent' });
    const leaving = await start(2, { advertise: [agent('leaving')] });
    await browser.line({ kind: 'up', name: 'leaving' });
    const from = Date.now();
    await leaving.stop();
    const down = await browser.line({ kind: 'down', name: 'leaving' });
    expect(down.at - from).toBeLessThan(5_000);
  });

  it('one that is killed is gone when its lease is over, and one that lives does not flap', async () => {
    const browser = await start(1, { browse: 'agent', timing: quick });
    const killed = await start(2, { advertise: [agent('killed')] });
    await start(3, { advertise: [agent('alive')] });
    await browser.line({ kind: 'up', name: 'killed' });
    await browser.line({ kind: 'up', name: 'alive' });
    const from = Date.now();
    killed.kill('SIGKILL');
    const down = await browser.line({ kind: 'down', name: 'killed' });
    console.log(
      `gone ${down.at - from} ms after kill -9 (lease ${quick.leaseMs} ms, questions each ${quick.queryMs} ms)`,
    );
    expect(down.at - from).toBeLessThan(quick.leaseMs + 3_000);
    expect(browser.lines.filter(({ name, kind }) => name === 'alive' && kind !== 'up')).toEqual([]);
  });

  it('of two services of one type in a process, one can stop and the other still answers', async () => {
    const both = await start(2, { advertise: [agent('stays'), agent('goes')] });
    both.say('withdraw 1');
    await both.line({ kind: 'withdrawn' });
    const browser = await start(1, { browse: 'agent', timing: quick });
    await browser.line({ kind: 'up', name: 'stays' });
    await browser.line({ kind: 'log', level: 'debug' });
    expect(browser.lines.filter(({ name }) => name === 'goes')).toEqual([]);
  });

  it('two hosts of the same name are two services', async () => {
    const browser = await start(1, { browse: 'agent' });
    await start(2, { advertise: [agent('twin', 4001)] });
    await start(3, { advertise: [agent('twin', 4002)] });
    await browser.line({ kind: 'up', name: 'twin', port: 4001 });
    await browser.line({ kind: 'up', name: 'twin', port: 4002 });
  });
});
