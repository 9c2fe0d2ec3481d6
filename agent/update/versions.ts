import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { FailedUpdate } from '../../protocol/updates.ts';
import { isNewer } from '../../protocol/version.ts';
import { makeFolder } from '../make-folder.ts';
import { readSecret, writeSecret } from '../secret-file.ts';

const text = z.string().check(z.minLength(1), z.maxLength(500));
const version = z.object({
  version: text,
  program: text,
  /** Its folder and file below `versions`. */
  file: z.string().check(z.regex(/^[A-Za-z0-9._+-]{1,120}\/[A-Za-z0-9._-]{1,60}$/)),
  size: z.int(),
  issuedAt: z.number(),
  allowOlder: z.boolean(),
  /** Version of the installed program when it came. */
  over: text,
  /** How often it was started since it last reached the appliance. */
  boots: z.int(),
});
export type Version = z.infer<typeof version>;

const choiceSchema = z.object({
  format: z.literal(1),
  /** Of the newest order that was taken. */
  lastIssuedAt: z._default(z.number(), 0),
  current: z.exactOptional(version),
  trial: z.exactOptional(version),
  failed: z.exactOptional(z.object({ issuedAt: z.number(), version: text, reason: text })),
});
type Choice = z.infer<typeof choiceSchema>;

const FOLDER = 'versions';
const FILE = 'choice.json';

/**
 * The versions that the appliance has sent, in the agent's own state folder, and which of them is to run. The installed program, which
 * belongs to root, is never touched: it is what runs when nothing here is fit to.
 */
export class Versions {
  readonly folder: string;
  #choice: Choice;

  private constructor(folder: string, choice: Choice) {
    this.folder = folder;
    this.#choice = choice;
  }

  /** Reads what was chosen. What is damaged, or belongs to somebody else than who asks, counts for nothing: root runs nothing of the agent's. */
  static open(stateDir: string): Versions {
    const folder = join(stateDir, FOLDER);
    return new Versions(folder, readChoice(folder));
  }

  get trial(): Version | undefined {
    return this.#choice.trial;
  }

  get failed(): FailedUpdate | undefined {
    return this.#choice.failed;
  }

  get lastIssuedAt(): number {
    return this.#choice.lastIssuedAt;
  }

  pathOf({ file }: Pick<Version, 'file'>): string {
    return join(this.folder, file);
  }

  /** Makes the folder for a new version and answers with it. */
  makeRoom(name: string): string {
    const folder = join(this.folder, name);
    rmSync(folder, { recursive: true, force: true });
    makeFolder(folder);
    return folder;
  }

  /** What is to run in the place of the installed program; undefined: that one. */
  currentFor(program: string, installed: string): Version | undefined {
    const { current } = this.#choice;
    if (!current || current.program !== program || !this.isWhole(current)) return undefined;
    const isWanted = current.allowOlder ? current.over === installed : isNewer(current.version, installed);
    return isWanted ? current : undefined;
  }

  /** Whether its file is there, whole, and can be written by nobody else. */
  isWhole(of: Version): boolean {
    const found = statSync(this.pathOf(of), { throwIfNoEntry: false });
    if (!found?.isFile() || found.size !== of.size) return false;
    const self = process.geteuid?.();
    return self === undefined || (found.uid === self && (found.mode & 0o022) === 0);
  }

  /** An order was taken: it, and all before it, are never taken again. */
  take(issuedAt: number): void {
    const { failed: _, ...rest } = this.#choice;
    this.#write({ ...rest, lastIssuedAt: issuedAt });
  }

  /** To be tried out from now on, also after a start. */
  begin(trial: Version): void {
    this.#write({ ...this.#choice, trial });
  }

  /** What lies in this folder is no good. */
  forget(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  /** The trial is started once more. */
  countTrial(): void {
    const { trial } = this.#choice;
    if (trial) this.#write({ ...this.#choice, trial: { ...trial, boots: trial.boots + 1 } });
  }

  /** The trial has reached the appliance: it is what runs from now on. */
  confirm(): void {
    const { trial, failed: _, ...rest } = this.#choice;
    if (trial) this.#write({ ...rest, current: { ...trial, boots: 0 } });
    this.#clear();
  }

  /** The trial is given up. */
  fail(reason: string): void {
    const { trial, ...rest } = this.#choice;
    if (!trial) return;
    const { issuedAt, version: of } = trial;
    this.#write({ ...rest, failed: { issuedAt, version: of, reason: reason.slice(0, 500) } });
    this.#clear();
  }

  /** The current version is started once more. */
  countBoot(): void {
    const { current } = this.#choice;
    if (current) this.#write({ ...this.#choice, current: { ...current, boots: current.boots + 1 } });
  }

  /** The current version has reached the appliance. */
  settle(): void {
    const { current } = this.#choice;
    if (current && current.boots > 0) this.#write({ ...this.#choice, current: { ...current, boots: 0 } });
  }

  /** The installed program runs from now on; `reason` where the version that ran was no good. */
  drop(reason?: string): void {
    const { current, ...rest } = this.#choice;
    if (!current) return;
    const { issuedAt, version: of } = current;
    this.#write({ ...rest, ...(reason !== undefined && { failed: { issuedAt, version: of, reason } }) });
    this.#clear();
  }

  #write(choice: Choice): void {
    writeSecret(this.folder, FILE, `${JSON.stringify(choice, null, 2)}\n`);
    this.#choice = choice;
  }

  /** Removes what nothing names any more. */
  #clear(): void {
    const { current, trial } = this.#choice;
    const kept = [current, trial].map((each) => each?.file.split('/')[0]);
    for (const entry of readdirSync(this.folder, { withFileTypes: true }))
      if (entry.isDirectory() && !kept.includes(entry.name))
        rmSync(join(this.folder, entry.name), { recursive: true, force: true });
  }
}

function readChoice(folder: string): Choice {
  const none: Choice = { format: 1, lastIssuedAt: 0 };
  try {
    const json = readSecret(folder, FILE);
    return json === undefined ? none : (choiceSchema.safeParse(JSON.parse(json)).data ?? none);
  } catch {
    return none;
  }
}
