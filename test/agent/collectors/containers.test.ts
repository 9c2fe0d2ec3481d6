import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containers } from '../../../agent/collectors/containers.ts';
import { sampled } from '../../helpers/machine.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

// Answers are hand-made as Docker 27 (API 1.47) and Podman 5 give them, shortened to what matters.

const id = (n: number) => n.toString(16).padStart(64, 'a');
const WEB = id(1);
const DB = id(2);
const STORM = id(3);

interface Answers {
  [path: string]: unknown;
}

/** A real HTTP server at a real Unix socket; `answers` may be changed. */
async function engine(answers: Answers, path = 'run/podman/podman.sock') {
  const root = temporaryDirectory();
  const socket = join(root, path);
  mkdirSync(dirname(socket), { recursive: true });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers[request.url ?? ''];
    if (answer === 'silence') return;
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? { message: 'No such container' }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { sampler, at } = sampled([containers], { root });
  return {
    root,
    asked,
    sampler,
    write(file: string, text: string) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    async at(mono: number) {
      await sampler.sampleSlow({ at: 0, mono }, 15_000);
      return at(mono);
    },
  };
}

const listed = (Id: string, name: string, State: string, Status: string) => ({
  Id,
  Names: [`/${name}`, `/x/${name}`],
  State,
  Status,
  Image: 'x',
});
const inspected = (Pid: number, RestartCount: number, health?: string) => ({
  RestartCount,
  State: { Pid, ...(health && { Health: { Status: health, FailingStreak: 0 } }) },
});

function machine(): Answers {
  return {
    '/containers/json?all=1': [
      listed(WEB, 'web', 'running', 'Up 2 hours (unhealthy)'),
      listed(DB, 'db', 'running', 'Up 3 days'),
      listed(STORM, 'storm', 'restarting', 'Restarting (1) 2 seconds ago'),
      listed(id(4), 'job', 'exited', 'Exited (0) 5 weeks ago'),
      listed(id(5), 'k8s_POD_coredns-5d78_kube-system', 'running', 'Up 3 days'),
    ],
    [`/containers/${WEB}/json`]: inspected(4100, 0, 'healthy'),
    [`/containers/${DB}/json`]: inspected(4200, 2),
    [`/containers/${STORM}/json`]: inspected(0, 10),
    [`/containers/${id(4)}/json`]: inspected(0, 0),
    [`/containers/${DB}/stats?stream=false&one-shot=true`]: {
      cpu_stats: { cpu_usage: { total_usage: 50e9 } },
      memory_stats: { usage: 300_000_000, stats: { inactive_file: 50_000_000 } },
    },
  };
}

const SCOPE = `sys/fs/cgroup/system.slice/docker-${WEB}.scope`;

describe('containers', () => {
  it('run, are healthy and use so much: from the kernel where it tells, else from the engine', async () => {
    const answers = machine();
    const { at, write, asked } = await engine(answers);
    write('proc/4100/cgroup', `0::/system.slice/docker-${WEB}.scope\n`);
    write(`${SCOPE}/memory.current`, '200000000\n');
    write(`${SCOPE}/memory.stat`, 'anon 1\ninactive_file 80000000\n');
    write(`${SCOPE}/cpu.stat`, 'usage_usec 1000000\n');
    expect(await at(0)).toEqual({
      'container.count{container.state="running"}': 2,
      'container.count{container.state="other"}': 2,
      'container.running{container.name="web"}': 1,
      'container.healthy{container.name="web"}': 0,
      'container.restarting{container.name="web"}': 0,
      'container.restarts{container.name="web"}': 0,
      'container.memory.usage{container.name="web"}': 120_000_000,
      'container.running{container.name="db"}': 1,
      'container.restarting{container.name="db"}': 0,
      'container.restarts{container.name="db"}': 2,
      'container.memory.usage{container.name="db"}': 250_000_000,
      'container.running{container.name="storm"}': 0,
      'container.restarting{container.name="storm"}': 1,
      'container.restarts{container.name="storm"}': 10,
      'container.running{container.name="job"}': 0,
      'container.restarting{container.name="job"}': 0,
      'container.restarts{container.name="job"}': 0,
    });
    write(`${SCOPE}/cpu.stat`, 'usage_usec 4000000\n');
    const before = asked.length;
    expect((await at(15_000))['container.cpu.utilization{container.name="web"}']).toBe(0.2);
    // The list, the one that restarts, and the one whose group cannot be read.
    expect(asked.slice(before)).toHaveLength(3);
  });

  it('in a storm of restarts are seen as such also when they just happen to run', async () => {
    const answers = machine();
    const { at } = await engine(answers);
    await at(0);
    const list = answers['/containers/json?all=1'] as ReturnType<typeof listed>[];
    list[2] = listed(STORM, 'storm', 'running', 'Up Less than a second');
    answers[`/containers/${STORM}/json`] = inspected(77, 14);
    answers[`/containers/${STORM}/stats?stream=false&one-shot=true`] = {
      cpu_stats: { cpu_usage: { total_usage: 1 } },
      memory_stats: {},
    };
    expect(await at(15_000)).toMatchObject({
      'container.running{container.name="storm"}': 1,
      'container.restarting{container.name="storm"}': 1,
      'container.restarts{container.name="storm"}': 14,
    });
  });

  it('that vanish between two questions are named, and cost nobody else', async () => {
    const answers = machine();
    delete answers[`/containers/${STORM}/json`];
    const { at, sampler } = await engine(answers);
    expect(await at(0)).toHaveProperty(['container.running{container.name="web"}'], 1);
    expect(sampler.states[0]?.missed.join()).toMatch(/storm: .*answers 404/);
  });

  it.each([
    ['what is no JSON', '<html>', /something else than JSON/],
    ['another list', [{ Id: '../../secrets', Names: ['/x'], State: 'running' }], /something else than a list/],
    ['a number', 7, /something else than a list/],
    ['half an answer', '[{"Id":', /something else than JSON/],
    ['more than can be taken', `[${' '.repeat(9 * 1024 * 1024)}]`, /more than can be taken/],
  ])('of an engine that answers %s are nothing to read', async (_what, answer, reason) => {
    const { at, sampler } = await engine({ '/containers/json?all=1': answer });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]?.reason).toMatch(reason);
  });

  it('of an engine that never answers are given up in time', async () => {
    const { at, sampler } = await engine({ '/containers/json?all=1': 'silence' });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]?.reason).toMatch(/does not answer/);
  }, 20_000);

  it('are not there without a socket', async () => {
    const { sampler, at } = sampled([containers], { root: temporaryDirectory() });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]).toMatchObject({ state: 'absent', reason: 'there is no socket of Docker or Podman' });
  });

  it('that are hundreds are read up to a bound', async () => {
    const answers: Answers = {
      '/containers/json?all=1': Array.from({ length: 250 }, (_, i) => listed(id(i), `c${i}`, 'exited', 'Exited')),
    };
    for (let i = 0; i < 250; i++) answers[`/containers/${id(i)}/json`] = inspected(0, 0);
    const { at, sampler } = await engine(answers);
    const now = await at(0);
    expect(Object.keys(now).filter((key) => key.startsWith('container.running'))).toHaveLength(200);
    expect(now['container.count{container.state="other"}']).toBe(250);
    expect(sampler.states[0]?.missed).toEqual(['50 of 250 containers: too many']);
  });
});
