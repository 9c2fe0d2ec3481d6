import * as z from 'zod/mini';
import { Instances, Rate } from '../rate.ts';
import { groupOf, inactiveFiles, readGroup } from '../reading/cgroup.ts';
import {
  EngineError,
  type Inspected,
  inspectContainer,
  type Listed,
  listContainers,
  statsOf,
} from '../reading/engine.ts';
import { collector, gauge, type Miss, NothingToRead, type Put, type ReaderDeps, state } from './collector.ts';

const EVERY_MS = 15_000;
/** Of a container that goes on as before. */
const INSPECT_EVERY_MS = 5 * 60_000;
const AT_ONCE = 8;
const MOST_CONTAINERS = 200;
const SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];
/** Docker's on Windows is a pipe; Node speaks to it as to a socket. */
const PIPE = '\\\\.\\pipe\\docker_engine';
/** Names of pods change with every start, and Kubernetes has its own ways to watch them. */
const POD = /^k8s_/;

/** Just started, or between two tries: what was known of it may be old. */
const isFresh = ({ state: is, status }: Listed): boolean => is === 'restarting' || /second|Less than/.test(status);

/** One container over time. */
interface Known {
  inspected: Inspected | undefined;
  inspectedAt: number;
  state: string;
  cpu: Rate;
}

interface Container extends Listed {
  isRestarting: boolean;
  inspected: Inspected | undefined;
  cpuSeconds: number | undefined;
  memoryBytes: number | undefined;
}

/** The containers of one engine. */
class Engine {
  readonly #socket: string;
  readonly #deps: ReaderDeps;
  readonly #known = new Instances<Known>(() => ({
    inspected: undefined,
    inspectedAt: Number.NEGATIVE_INFINITY,
    state: '',
    cpu: new Rate(),
  }));

  constructor(socket: string, deps: ReaderDeps) {
    this.#socket = socket;
    this.#deps = deps;
  }

  /** Puts all its containers and answers how many are in which state. */
  async read(put: Put, mono: number, miss: Miss): Promise<string[]> {
    const all = (await listContainers(this.#socket)).filter(({ name }) => !POD.test(name));
    if (all.length > MOST_CONTAINERS) miss(`${all.length - MOST_CONTAINERS} of ${all.length} containers: too many`);
    const rest = all.slice(0, MOST_CONTAINERS).values();
    const work = async () => {
      for (const each of rest) {
        const container = await this.#look(each, mono, miss).catch((error: Error) =>
          miss(`${each.name}: ${error.message}`),
        );
        if (container) this.#put(put, container, mono);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    this.#known.sweep();
    return all.map(({ state: is }) => is);
  }

  async #look(listed: Listed, mono: number, miss: Miss): Promise<Container> {
    const known = this.#known.get(listed.id);
    const before = known.inspected?.restarts;
    if (isFresh(listed) || known.state !== listed.state || mono - known.inspectedAt >= INSPECT_EVERY_MS) {
      known.inspected = await inspectContainer(this.#socket, listed.id);
      known.inspectedAt = mono;
      known.state = listed.state;
    }
    const isAgain = before !== undefined && known.inspected !== undefined && known.inspected.restarts > before;
    const used =
      listed.state === 'running'
        ? await this.#used(listed.id, known.inspected?.pid).catch((error: Error) =>
            miss(`${listed.name}: ${error.message}`),
          )
        : undefined;
    return {
      ...listed,
      isRestarting: listed.state === 'restarting' || isAgain,
      inspected: known.inspected,
      cpuSeconds: used?.cpuSeconds,
      memoryBytes: used?.memoryBytes,
    };
  }

  /** From the kernel where it can be had: asking the engine costs it more than all the rest. */
  async #used(id: string, pid: number | undefined) {
    const { files } = this.#deps;
    const group = pid === undefined ? undefined : groupOf(files, pid);
    const read = group?.includes(id) ? readGroup(files, group) : undefined;
    if (!read || group === undefined) return statsOf(this.#socket, id);
    return { ...read, memoryBytes: Math.max(0, read.memoryBytes - inactiveFiles(files, group)) };
  }

  #put(put: Put, container: Container, mono: number): void {
    const { id, name, state: is, status, inspected, isRestarting, cpuSeconds, memoryBytes } = container;
    put('container.running', is === 'running' ? 1 : 0, name);
    put('container.restarting', isRestarting ? 1 : 0, name);
    put('container.restarts', inspected?.restarts, name);
    // The list is newer than what was inspected.
    const health = /\((healthy|unhealthy|health: starting)\)/.exec(status)?.[1] ?? inspected?.health;
    if (is === 'running' && health)
      put('container.healthy', health === 'healthy' ? 1 : health === 'unhealthy' ? 0 : Number.NaN, name);
    put('container.memory.usage', memoryBytes, name);
    if (cpuSeconds === undefined) return;
    const share = this.#known.get(id).cpu.next(cpuSeconds, mono);
    if (share !== undefined) put('container.cpu.utilization', Math.round(share * 1e4) / 1e4, name);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; membership in its group would let the agent in, and amounts to root',
  ECONNREFUSED: 'nobody listens there',
};

function readEngines({ sockets }: { sockets: string[] }, deps: ReaderDeps) {
  const engines = sockets
    .filter((socket) => deps.files.exists(socket))
    .map((socket) => ({ socket, engine: new Engine(deps.files.root + socket, deps) }));
  if (engines.length === 0) throw new NothingToRead('there is no socket of Docker or Podman');
  return {
    everyMs: EVERY_MS,
    async read(put: Put, { mono }: { mono: number }, miss: Miss) {
      const states: string[] = [];
      const reasons: string[] = [];
      let isForbidden = false;
      for (const { socket, engine } of engines) {
        await engine.read(put, mono, miss).then(
          (found) => void states.push(...found),
          (error: Error) => {
            isForbidden ||= error instanceof EngineError && error.code in ADVICE;
            const advice = error instanceof EngineError ? ADVICE[error.code] : undefined;
            reasons.push(`${socket}: ${advice ?? error.message}`);
          },
        );
      }
      if (reasons.length === engines.length)
        throw isForbidden ? new NothingToRead(reasons.join('; ')) : new Error(reasons.join('; '));
      for (const reason of reasons) miss(reason);
      const running = states.filter((is) => is === 'running').length;
      put('container.count', running, 'running');
      put('container.count', states.length - running, 'other');
    },
  };
}

const of = { attributes: ['container.name'] };

/** Containers of Docker and Podman, by their socket. */
export const containers = collector({
  id: 'containers',
  title: 'Containers',
  isSlow: true,
  settings: z.object({ sockets: z._default(z.array(z.string()), SOCKETS) }),
  descriptors: [
    gauge('container.count', 'Containers', {
      unit: '{container}',
      rollup: 'last',
      attributes: ['container.state'],
      chart: { group: 'containers', order: 86, style: 'stack' },
    }),
    state('container.running', 'Container runs', of),
    state('container.healthy', 'Container is healthy', of),
    state('container.restarting', 'Container is started again and again', of),
    gauge('container.restarts', 'Container: restarts', { unit: '{restart}', rollup: 'last', ...of }),
    gauge('container.cpu.utilization', 'Container: processor, in cores', {
      ...of,
      chart: { group: 'containers-cpu', order: 87, style: 'line' },
    }),
    gauge('container.memory.usage', 'Container: memory', {
      unit: 'By',
      ...of,
      chart: { group: 'containers-memory', order: 88, style: 'line' },
    }),
  ],
  read: {
    linux: readEngines,
    darwin: readEngines,
    win32: ({ sockets }, deps) => readEngines({ sockets: sockets.join() === SOCKETS.join() ? [PIPE] : sockets }, deps),
  },
});
