import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEngine, StoreLog } from '../../appliance/store/history-engine.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import { type Failing, FailingDisk } from './failing-disk.ts';
import { temporaryDirectory } from './temporary.ts';

/** Where a history is kept in a test. */
export interface HistoryPlace {
  readonly engine: 'NeDB' | 'PostgreSQL';
  readonly dir: string;
  readonly below: Failing;
  /** Text that is in nothing that is written but marks, a commit, chunks. */
  readonly signs: { marks: string; commit: string; chunks: string };
  /** Closing the engine closes all that was opened for it. */
  open(options: { log: StoreLog; now?: () => number }): Promise<HistoryEngine>;
  /** What is stored now, elsewhere, for whoever comes after a process that was killed. */
  copy(): Promise<HistoryPlace>;
}

export function nedbPlace(dir: string): HistoryPlace {
  const below = new FailingDisk();
  return {
    engine: 'NeDB',
    dir,
    below,
    signs: { marks: '"_id":"marks/', commit: '"b":"', chunks: '"c":[' },
    open: (options) => openNedbHistory({ dir: join(dir, 'history'), disk: below, ...options }),
    async copy() {
      const other = temporaryDirectory();
      cpSync(dir, other, { recursive: true });
      return nedbPlace(other);
    },
  };
}

interface Kind {
  engine: HistoryPlace['engine'];
  make: (dir: string) => HistoryPlace;
}

let kind: Kind = { engine: 'NeDB', make: nedbPlace };

/** The kind of place that the tests of this file use. */
export const historyPlace = (dir: string): HistoryPlace => kind.make(dir);

export const isOn = (engine: HistoryPlace['engine']): boolean => kind.engine === engine;

/** Has every `historyBench` of this file keep its history elsewhere than in files. */
export function usePlaces(other: Kind): void {
  kind = other;
}
