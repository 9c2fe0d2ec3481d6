import type { ZodMiniType, z } from 'zod/mini';
import type { descriptor } from '../../protocol/metrics.ts';
import type { Wishes } from '../expected.ts';
import type { SystemFiles } from '../files.ts';
import type { Run } from '../programs.ts';
import type { AskShell } from '../reading/windows/shell.ts';

export { NothingToRead } from '../nothing.ts';

export type DescriptorInput = z.input<typeof descriptor>;

/** A descriptor of a gauge that folds by its mean; `rest` says what is different. */
export const gauge = (
  id: string,
  title: string,
  { unit = '1', min = 0, ...rest }: Partial<DescriptorInput> = {},
): DescriptorInput => ({ id, title, unit, kind: 'gauge', rollup: 'average', min, ...rest });

/** A descriptor of something that is so (1) or not (0). */
export const state = (id: string, title: string, rest: Partial<DescriptorInput> = {}): DescriptorInput =>
  gauge(id, title, { kind: 'state', rollup: 'last', max: 1, ...rest });

/** The moment of one sample: `at` wall clock in epoch ms, `mono` monotonic clock in ms. */
export interface Moment {
  at: number;
  mono: number;
}

/**
 * Takes one value. `labels` are the attribute values, in the order in which the metric's descriptor names them. `undefined` says
 * that there is no value now (a rate at its first reading): nothing is sent. NaN and infinities become a gap.
 */
export type Put = (metric: string, value: number | undefined, ...labels: string[]) => void;

/** Says what could not be read and why, while the rest could be: `sda: permission denied`. Shown by doctor. */
export type Miss = (what: string) => void;

export interface Reader {
  /**
   * Reads the machine now. What it throws costs only this reader's values. A promise is waited for, but not for long: a reader that
   * may block carries its own time limit.
   */
  read(put: Put, moment: Moment, miss: Miss): void | Promise<void>;
  /** Reads at most this often; in between its last values are sent again. For what changes slowly or costs much. */
  everyMs?: number;
  /** Gives back what was opened, files apart. */
  close?(): void;
}

/** What a reader is given. Everything it opens comes from here, so that a test can hand in a saved machine. */
export interface ReaderDeps {
  files: SystemFiles;
  /** Runs a program of the machine; never waited for in a frame, so for collectors that are `isSlow`. */
  run: Run;
  /** Makes a metric known that is found only while reading. */
  describe: (descriptor: DescriptorInput) => void;
  /** Asks Windows, through one child for ever; there is none on other systems. */
  shell: AskShell;
  /** What the appliance wants to know of this machine. */
  wishes: Wishes;
}

export type Platform = 'linux' | 'darwin' | 'win32';

/**
 * One subject that is read on every platform which has it. `read` is called once and throws `NothingToRead` where the machine has no
 * such thing. Descriptors are the whole truth about the metrics: a value for anything else is an error.
 */
export interface Collector<Settings = unknown> {
  /** Also the file's name. */
  readonly id: string;
  readonly title: string;
  /**
   * Asks programs, sockets or disks that take their time: read beside the frames, which have its last values and never wait for it.
   * Its readers set `everyMs`, and every question has a time limit of its own. A list says on which systems it is so.
   */
  readonly isSlow?: true | readonly Platform[];
  readonly settings: ZodMiniType<Settings>;
  readonly descriptors: readonly DescriptorInput[];
  readonly read: { [P in Platform]?: (settings: Settings, deps: ReaderDeps) => Reader };
  /** Why it is not read on a system that has no reader above; shown by doctor. */
  readonly unread?: { [P in Platform]?: string };
}

/** Whether it is read beside the frames on this system. */
export const isBeside = ({ isSlow }: Pick<Collector, 'isSlow'>, platform: NodeJS.Platform): boolean =>
  isSlow === true || (isSlow?.some((each) => each === platform) ?? false);

/** Checks a collector against its shape and hides the type of its settings from the list that holds it. */
export const collector = <Settings>(spec: Collector<Settings>): Collector => ({
  ...spec,
  read: Object.fromEntries(
    Object.entries(spec.read).map(([platform, open]) => [
      platform,
      (settings: unknown, deps: ReaderDeps) => open(spec.settings.parse(settings), deps),
    ]),
  ),
});
