import { readdir, readFile, stat } from 'node:fs/promises';
import * as z from 'zod/mini';
import { Instances, Rate } from '../rate.ts';
import { type Exposed, type Exposition, parseExposition } from '../reading/exposition.ts';
import { collector, type Miss, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

const LOOK_EVERY_MS = 15_000;
const MOST_FILES = 64;
const MOST_BYTES = 1024 * 1024;
/** Of one metric the attributes are fixed by the first sample; the wire takes so many. */
const MOST_LABELS = 8;
/** What nobody has written anew for so long says nothing of now. */
const OLD_MS = 3_600_000;

const command = z.object({
  command: z.string().check(z.regex(/^(?:\/|[A-Za-z]:\\)/, 'write the whole path of the program')),
  args: z._default(z.array(z.string()), []),
  everyMs: z._default(z.int().check(z.gte(5_000), z.lte(86_400_000)), 60_000),
  limitMs: z._default(z.int().check(z.gte(100), z.lte(60_000)), 10_000),
});
const settings = z.object({
  folders: z._default(
    z.array(z.string().check(z.regex(/^(?:\/|[A-Za-z]:\\)/, 'write the whole path of the folder'))),
    [],
  ),
  commands: z._default(z.array(command), []),
});
type Settings = z.infer<typeof settings>;

/** Puts samples as metrics of their own name; counters become rates. */
class Exposer {
  readonly #deps: ReaderDeps;
  readonly #rates = new Instances(() => new Rate());
  readonly #known = new Map<string, { id: string; isCounter: boolean; labels: readonly string[] }>();

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  put(put: Put, { samples, types, helps }: Exposition, { mono, miss }: { mono: number; miss: Miss }): void {
    for (const sample of samples) {
      const metric = this.#metricOf(sample, types.get(sample.name), helps.get(sample.name));
      const values = metric.labels.map((label) => sample.labels[label] ?? '');
      if (Object.keys(sample.labels).some((label) => !metric.labels.includes(label))) {
        miss(`${sample.name}: its samples have different labels`);
        continue;
      }
      const rate = metric.isCounter ? this.#rates.get([sample.name, ...values].join('\0')).next(sample.value, mono) : 0;
      put(metric.id, metric.isCounter ? rate : sample.value, ...values);
    }
  }

  /** Forgets the counters that were not seen since the last call. */
  sweep(): void {
    this.#rates.sweep();
  }

  #metricOf({ name, labels }: Exposed, type = 'untyped', help = '') {
    const known = this.#known.get(name);
    if (known) return known;
    const isCounter = type === 'counter';
    const names = Object.keys(labels).sort().slice(0, MOST_LABELS);
    const made = { id: isCounter ? `${name}.rate` : name, isCounter, labels: names };
    const title =
      help
        .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
        .trim()
        .slice(0, 120) || name;
    const kind = isCounter ? 'rate' : 'gauge';
    const unit = isCounter ? '1/s' : '{value}';
    this.#deps.describe({ id: made.id, title, unit, kind, rollup: 'average', attributes: names });
    this.#known.set(name, made);
    return made;
  }
}

async function readFolder(folder: string, at: number, miss: Miss): Promise<Exposition[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.prom')).sort();
  if (names.length > MOST_FILES) miss(`${folder}: only the first ${MOST_FILES} of ${names.length} files are read`);
  const texts = names.slice(0, MOST_FILES).map(async (name) => {
    const path = `${folder}/${name}`;
    const { size, mtimeMs } = await stat(path);
    if (size > MOST_BYTES) return miss(`${path}: larger than 1 MiB`);
    if (at - mtimeMs > OLD_MS) return miss(`${path}: not written for over an hour`);
    return told(path, await readFile(path, 'utf8'), miss);
  });
  return (await Promise.all(texts)).filter((each) => each !== undefined);
}

function told(from: string, text: string, miss: Miss): Exposition {
  const read = parseExposition(text);
  if (read.odd.length > 0)
    miss(
      `${from}: line ${read.odd[0]} is no sample${read.odd.length > 1 ? `, nor are ${read.odd.length - 1} others` : ''}`,
    );
  return read;
}

function readOwn({ folders, commands }: Settings, deps: ReaderDeps) {
  if (folders.length + commands.length === 0)
    throw new NothingToRead('the agent’s file names no folder and no command');
  const exposer = new Exposer(deps);
  const jobs = commands.map((each) => ({
    ...each,
    dueAt: Number.NEGATIVE_INFINITY,
    last: undefined as Exposition | undefined,
  }));
  const run = async (job: (typeof jobs)[number], mono: number, miss: Miss) => {
    if (mono < job.dueAt) return;
    job.dueAt = mono + job.everyMs;
    job.last = undefined;
    const { output, code, errors } = await deps.run({ command: job.command, args: job.args, limitMs: job.limitMs });
    if (code !== 0) return miss(`${job.command}: it ended with ${code} ${errors.trim().slice(0, 200)}`.trim());
    job.last = told(job.command, output, miss);
  };
  return {
    everyMs: LOOK_EVERY_MS,
    async read(put: Put, { at, mono }: { at: number; mono: number }, miss: Miss) {
      for (const folder of folders) {
        const all = await readFolder(deps.files.root + folder, at, miss).catch((error: Error) => miss(error.message));
        for (const each of all ?? []) exposer.put(put, each, { mono, miss });
      }
      for (const job of jobs) await run(job, mono, miss).catch((error: Error) => miss(error.message));
      for (const { last } of jobs) if (last) exposer.put(put, last, { mono, miss });
      exposer.sweep();
    },
  };
}

/** Metrics of your own: files in Prometheus' text form, and programs that print it, as the agent's own file names them. */
export const custom = collector({
  id: 'custom',
  title: 'Your own',
  isSlow: true,
  settings,
  descriptors: [],
  read: { linux: readOwn, darwin: readOwn, win32: readOwn },
});
