import { cp, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { makeDirectory, readIfThere, removeFile, replaceFile, syncDirectory } from './disk.ts';
import { DataDirectoryError } from './errors.ts';
import type { StoreLog } from './store-log.ts';

/** One change of the files in a data directory. It may be run again after a power cut, so it must bear being repeated. */
export interface FormatStep {
  /** The format that the directory has when the step is done. */
  to: number;
  title: string;
  run(dir: string): Promise<void>;
}

/** Every step since the first format, in order, without a hole. */
export const FORMAT_STEPS: readonly FormatStep[] = [];

const FIRST_FORMAT = 1;
/** The format that this program writes. */
export const newestFormat = (steps: readonly FormatStep[] = FORMAT_STEPS): number => steps.at(-1)?.to ?? FIRST_FORMAT;
const FILE = 'format.json';
const record = z.object({ format: z.number().int().min(1) });

interface Migration {
  dir: string;
  log: StoreLog;
  steps: readonly FormatStep[];
  now: () => number;
}

/**
 * Brings a data directory to the newest format. Before the first step everything is copied to `before-format-<n>-<time>/`.
 * Fails with `DataDirectoryError` when the directory is newer than this program, or when a step fails; the copy then stays.
 */
export async function bringToFormat(migration: Migration): Promise<void> {
  const { dir, steps } = migration;
  const newest = newestFormat(steps);
  const present = await readFormat(migration, newest);
  if (present > newest) throw tooNew(dir, present, newest);
  const due = steps.filter((step) => step.to > present);
  if (due.length > 0) await keepCopy(migration, present);
  for (const step of due) await take(step, migration);
  if (due.length === 0) await writeFormat(dir, present);
}

function tooNew(dir: string, present: number, newest: number): DataDirectoryError {
  return new DataDirectoryError(
    'newer-format',
    `${dir} was written by a newer Reeve (format ${present}; this program knows up to ${newest}). Nothing was changed. ` +
      'Start the newer version again, or give this one another data directory (REEVE_DATA).',
  );
}

/** A lost or damaged number is no reason to refuse the start: only migrations change it, and none of them was left half-way. */
async function readFormat({ dir, log }: Migration, newest: number): Promise<number> {
  const text = await readIfThere(join(dir, FILE));
  if (text === undefined) return newest;
  try {
    return record.parse(JSON.parse(text)).format;
  } catch {
    log.warn({ file: join(dir, FILE) }, `The format number is damaged; taking the directory for format ${newest}`);
    return newest;
  }
}

async function writeFormat(dir: string, format: number): Promise<void> {
  const text = `${JSON.stringify({ format })}\n`;
  if ((await readIfThere(join(dir, FILE))) !== text) await replaceFile(join(dir, FILE), text);
}

async function take(step: FormatStep, { dir, log }: Migration): Promise<void> {
  log.info({ format: step.to }, `Migrating the data directory: ${step.title}`);
  try {
    await step.run(dir);
  } catch (error) {
    const what = `The step to format ${step.to} (${step.title}) failed; the copy made before it is in ${dir}`;
    throw new DataDirectoryError('migration-failed', what, error);
  }
  await writeFormat(dir, step.to);
}

/** A copy counts only under its final name, which it gets when it is complete. */
async function keepCopy({ dir, log, now }: Migration, format: number): Promise<void> {
  const entries = (await readdir(dir)).filter(isData);
  const name = `before-format-${format}-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  const draft = join(dir, `${name}.part`);
  try {
    await makeDirectory(draft);
    for (const entry of entries)
      await cp(join(dir, entry), join(draft, entry), { recursive: true, preserveTimestamps: true });
    await rename(draft, join(dir, name));
    await syncDirectory(dir);
  } catch (error) {
    await removeFile(draft).catch(() => undefined);
    throw new DataDirectoryError(
      'migration-failed',
      `${dir} could not be copied before its migration: free some space`,
      error,
    );
  }
  log.info({ copy: name }, 'Copied the data directory before its migration');
}

const isData = (entry: string): boolean =>
  !/^(?:LOCK|before-|run\.json$|backups$|backup\.|restore|move(?:\.part)?$)/.test(basename(entry));
