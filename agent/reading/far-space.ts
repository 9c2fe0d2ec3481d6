import type { Miss } from '../collectors/collector.ts';
import { withPatience } from '../patience.ts';
import type { Run } from '../programs.ts';

/** Answer of a file system, as `fs.statfs` names it. */
export interface Space {
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
}

/** What is known of one mount: `hung` until it answers again, `failed` with the system's words when it answers with an error. */
export type FarAnswer = { state: 'answered'; space: Space } | { state: 'hung' } | { state: 'failed'; reason: string };

/** Each minute: asking starts a program. */
const EVERY_MS = 60_000;
/** All that answered last time are asked in one go; if that takes longer, each by itself. */
const TOGETHER_MS = 5_000;
const ALONE_MS = 3_000;
const AT_ONCE = 8;
/** A program that waits for a dead file server cannot always be killed. */
const GRACE_MS = 1_000;
const FORMAT = '%S %b %f %a %c %d %n';

/** Reads lines of `stat -f -c '%S %b %f %a %c %d %n'` (GNU and BusyBox); names may hold blanks. */
export function parseStat(output: string): Map<string, Space> {
  const found = new Map<string, Space>();
  for (const line of output.split('\n')) {
    const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.+)$/.exec(line);
    if (!match) continue;
    const [bsize = 0, blocks = 0, bfree = 0, bavail = 0, files = 0, ffree = 0] = match.slice(1, 7).map(Number);
    found.set(match[7] ?? '', { bsize, blocks, bfree, bavail, files, ffree });
  }
  return found;
}

/**
 * Space of network mounts, asked through a program of its own: a call that never returns would hold one of Node's four threads for
 * good, and the end of our process too, which waits for them.
 */
export class FarSpace {
  readonly #run: Run;
  readonly #answers = new Map<string, FarAnswer>();
  /** Asked by themselves, and neither answered nor gone yet. */
  readonly #open = new Set<string>();
  #round: Promise<void> | undefined;
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Starts a round when one is due, and waits for nothing. The promise is that round's, and never rejects. */
  tend(points: readonly string[], mono: number): Promise<void> | undefined {
    if (this.#round || mono < this.#dueAt || points.length === 0) return this.#round;
    this.#dueAt = mono + EVERY_MS;
    for (const point of this.#answers.keys()) if (!points.includes(point)) this.#answers.delete(point);
    this.#round = this.#askAll(points).finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  of(point: string): FarAnswer | undefined {
    return this.#answers.get(point);
  }

  /** Names what could not be read and why. */
  sayMissed(miss: Miss): void {
    for (const [point, answer] of this.#answers) {
      if (answer.state === 'hung') miss(`${point}: it does not answer`);
      if (answer.state === 'failed') miss(`${point}: ${answer.reason}`);
    }
  }

  async #askAll(points: readonly string[]): Promise<void> {
    const isHung = (point: string) => this.#answers.get(point)?.state === 'hung';
    const good = points.filter((point) => !isHung(point));
    const areGood = good.length > 0 && (await this.#askTogether(good));
    const alone = points.filter((point) => !this.#open.has(point) && (isHung(point) || !areGood)).values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const point of alone) await this.#askAlone(point);
      }),
    );
  }

  /** False when some of them hung. */
  async #askTogether(points: readonly string[]): Promise<boolean> {
    let isDone = false;
    const asked = this.#ask(points, TOGETHER_MS).then(() => {
      isDone = true;
    });
    await withPatience(asked, TOGETHER_MS + GRACE_MS);
    return isDone;
  }

  async #askAlone(point: string): Promise<void> {
    this.#open.add(point);
    const asked = this.#ask([point], ALONE_MS)
      .catch(() => void this.#answers.set(point, { state: 'hung' }))
      .finally(() => this.#open.delete(point));
    if (!(await withPatience(asked, ALONE_MS + GRACE_MS))) this.#answers.set(point, { state: 'hung' });
  }

  async #ask(points: readonly string[], limitMs: number): Promise<void> {
    const { output, errors } = await this.#run({
      command: 'stat',
      args: ['-f', '-c', FORMAT, '--', ...points],
      limitMs,
    });
    const found = parseStat(output);
    for (const point of points) {
      const space = found.get(point);
      this.#answers.set(
        point,
        space ? { state: 'answered', space } : { state: 'failed', reason: reasonOf(errors, point) },
      );
    }
  }
}

/** GNU's words are `stat: cannot read file system information for '/mnt/nas': Stale file handle`. */
function reasonOf(errors: string, point: string): string {
  const line = errors.split('\n').find((each) => each.includes(point)) ?? errors;
  return (
    line
      .slice(line.lastIndexOf(': ') + 2)
      .trim()
      .slice(0, 100) || 'no answer'
  );
}
