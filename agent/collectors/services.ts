import * as z from 'zod/mini';
import type { ExpectedService } from '../expected.ts';
import type { SystemFiles } from '../files.ts';
import { Instances, Rate } from '../rate.ts';
import { readGroup } from '../reading/cgroup.ts';
import { launchd } from '../reading/mac/services.ts';
import { openrc } from '../reading/openrc.ts';
import { isServiceName, type Service, type ServiceManager } from '../reading/service-state.ts';
import { systemd } from '../reading/systemd.ts';
import { serviceControl } from '../reading/windows/services.ts';
import { collector, gauge, type Miss, NothingToRead, type Put, type ReaderDeps, state } from './collector.ts';

/** What is looked at in the kernel's files; the manager itself is asked when these say that something has changed. */
const LOOK_EVERY_MS = 15_000;
const ASK_EVERY_MS = 5 * 60_000;
/** Where control groups tell nothing. */
const ASK_OFTEN_MS = 60_000;
const LIST_EVERY_MS = 60 * 60_000;
/** Of those found, so many are told. */
const MOST_FOUND = 300;

function managerOf({ files, run }: ReaderDeps): ServiceManager {
  if (files.exists('/run/systemd/system')) return systemd(run);
  if (files.exists('/run/openrc/started')) return openrc(files);
  throw new NothingToRead('neither systemd nor OpenRC runs here');
}

/** Asks the manager when it must, and fills in what the kernel says meanwhile. */
class Known {
  readonly #manager: ServiceManager;
  readonly #files: SystemFiles;
  #services: Service[] = [];
  #names = '';
  #marks = '';
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(manager: ServiceManager, files: SystemFiles) {
    this.#manager = manager;
    this.#files = files;
  }

  async read(names: readonly string[], mono: number): Promise<Service[]> {
    const groups = this.#services.map(({ group }) => (group === undefined ? undefined : readGroup(this.#files, group)));
    const marks = groups.map((group) => group?.mark).join();
    // A service without a group is no reason to ask often while it is stopped: it will have one when it runs.
    const isTold = groups.some((group) => group !== undefined);
    const isDue = mono - this.#askedAt >= (isTold ? ASK_EVERY_MS : ASK_OFTEN_MS);
    const isStopped = this.#services.some(({ state: is }) => is !== 'running') && mono - this.#askedAt >= ASK_OFTEN_MS;
    if (!isDue && !isStopped && marks === this.#marks && names.join() === this.#names)
      return this.#services.map((service, i) => ({ ...service, ...groups[i] }));
    this.#services = await this.#manager.show(names);
    this.#names = names.join();
    this.#askedAt = mono;
    this.#marks = this.#services
      .map(({ group }) => (group === undefined ? undefined : readGroup(this.#files, group)?.mark))
      .join();
    return this.#services;
  }
}

const UP = { running: 1, stopped: 0, failed: 0, unknown: Number.NaN } as const;

function putService(put: Put, { name, isCritical }: ExpectedService, service: Service | undefined): void {
  const is = service?.state ?? 'unknown';
  put('system.service.up', UP[is], name, isCritical ? 'yes' : 'no');
  put(
    'system.service.failed',
    is === 'unknown' ? Number.NaN : Number(is === 'failed'),
    name,
    isCritical ? 'yes' : 'no',
  );
  if (is !== 'running' || !service) return;
  put('system.service.pid', service.pid, name);
  put('system.service.memory.usage', service.memoryBytes, name);
  put('system.service.restarts', service.restarts, name);
}

function readWith(manager: ServiceManager, deps: ReaderDeps) {
  const known = new Known(manager, deps.files);
  const rates = new Instances(() => new Rate());
  let listedAt = Number.NEGATIVE_INFINITY;
  const list = async (mono: number, miss: Miss) => {
    if (mono - listedAt < LIST_EVERY_MS) return;
    listedAt = mono;
    const found = await manager.list().catch((error: Error) => miss(error.message));
    if (found)
      deps.wishes.tell(
        found.slice(0, MOST_FOUND).map(({ name, title, state: is }) => ({ name, state: is, ...(title && { title }) })),
      );
  };
  return {
    everyMs: LOOK_EVERY_MS,
    async read(put: Put, { mono }: { mono: number }, miss: Miss) {
      await list(mono, miss);
      const expected = deps.wishes.services.filter(({ name }) => (manager.isName ?? isServiceName)(name));
      const services =
        expected.length > 0
          ? await known.read(
              expected.map(({ name }) => name),
              mono,
            )
          : [];
      for (const [i, each] of expected.entries()) {
        const service = services[i];
        putService(put, each, service);
        if (service?.isMissing) miss(`${each.name}: there is no such service`);
        if (service?.cpuSeconds !== undefined && service.state === 'running') {
          const share = rates.get(each.name).next(service.cpuSeconds, mono);
          if (share !== undefined) put('system.service.cpu.utilization', Math.round(share * 1e4) / 1e4, each.name);
        }
      }
      rates.sweep();
    },
  };
}

const of = { attributes: ['service.name'] };

/** The services that belong on this host, as its page in the dashboard says, and once an hour which others there are. */
export const services = collector({
  id: 'services',
  title: 'Services',
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    state('system.service.up', 'Service runs', { attributes: ['service.name', 'service.critical'] }),
    state('system.service.failed', 'Service has failed', { attributes: ['service.name', 'service.critical'] }),
    gauge('system.service.cpu.utilization', 'Service: processor, in cores', {
      ...of,
      chart: { group: 'services-cpu', order: 84, style: 'line' },
    }),
    gauge('system.service.memory.usage', 'Service: memory', {
      unit: 'By',
      ...of,
      chart: { group: 'services-memory', order: 85, style: 'line' },
    }),
    gauge('system.service.restarts', 'Service: restarts by its manager', { unit: '{restart}', rollup: 'last', ...of }),
    gauge('system.service.pid', 'Service: process', { unit: '{pid}', rollup: 'last', ...of }),
  ],
  read: {
    linux: (_settings, deps) => readWith(managerOf(deps), deps),
    darwin: (_settings, deps) => readWith(launchd(deps.run), deps),
    win32: (_settings, deps) => readWith(serviceControl(deps.shell), deps),
  },
});
