import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Binding, readBinding, writeBinding } from '../binding.ts';
import { removeFile } from '../disk.ts';
import { DataDirectoryError } from '../errors.ts';
import { asideName, clearAway, holdsData, putAside } from '../move/files.ts';
import { TAKEN_OUT } from '../move/leave.ts';
import type { StoreLog } from '../store-log.ts';
import type { Database, Query } from './database.ts';
import { fill, stateOf } from './fill.ts';

export interface Joining {
  /** The data directory; it must be held. */
  dir: string;
  database: Database;
  log: StoreLog;
  now: () => number;
  /** Called before and after each step that counts; for tests that stop there. */
  onStep?: ((what: string) => void) | undefined;
}

/**
 * Makes sure that a data directory and a database belong together, and that all documents and all history are in the database: files
 * of a directory that had none are moved into an empty one, and what a restore has put down takes the place of what was there. A stop
 * at any moment is made good by the next call. Answers whether files of the directory were moved. Fails with `DataDirectoryError` and a
 * sentence when the two do not fit.
 */
export async function joinDatabase(joining: Joining): Promise<boolean> {
  const { dir, database } = joining;
  const { step, bound } = await judgeJoin(dir, database, database.read);
  if (bound?.filling && step === 'finish') return finish(joining, bound, bound.filling);
  if (step === 'bring') return bring(joining, {});
  if (step === 'replace') return bring(joining, { restored: true });
  if (step === 'stay') return stay(joining);
  if (step === 'bind') return bind(joining);
  await clearTakenOut(dir);
  return false;
}

interface Judged {
  step: 'finish' | 'bring' | 'replace' | 'stay' | 'bind' | 'go on';
  bound: Binding | undefined;
}

/**
 * What is to be done with a data directory and a database; only reads. Fails with `DataDirectoryError` and a sentence when the two do
 * not fit.
 */
export async function judgeJoin(dir: string, { id, place }: About, read: Query): Promise<Judged> {
  const bound = await readBinding(dir);
  const { isEmpty, mark } = await stateOf(read);
  const hasFiles = await holdsData(dir);
  const judged = (step: Judged['step']): Judged => ({ step, bound });
  if (bound?.filling && bound.filling.mark === mark) return judged('finish');
  if (!bound || (bound.filling && !bound.restored && bound.id === id)) {
    if (!isEmpty) throw foreign(dir, place);
    return judged(hasFiles ? 'bring' : 'bind');
  }
  if (bound.id !== id && !(bound.restored && isEmpty)) throw another(dir, place, isEmpty);
  if (bound.restored) return judged(hasFiles ? 'replace' : 'bind');
  if (bound.leaving) return judged('stay');
  if (hasFiles) throw doubled(dir, place);
  return judged('go on');
}

type About = Pick<Database, 'id' | 'place'>;
type Why = Pick<Binding, 'restored'>;

/** What is in files goes into the database. */
async function bring(joining: Joining, why: Why): Promise<boolean> {
  const { dir, database, log, onStep = () => undefined } = joining;
  const filling = { mark: randomBytes(16).toString('hex'), at: joining.now() };
  const bound: Binding = { store: 'postgres', id: database.id, ...why, filling };
  const what = why.restored
    ? 'What was restored takes the place of what is in'
    : 'Documents and history are moved into';
  log.info({ dir }, `${what} ${database.place}; this may take some minutes`);
  const replaces = why.restored === true;
  const onFilled = async (): Promise<void> => {
    onStep('all is in, nothing counts');
    await writeBinding(dir, bound);
    onStep('the filling is noted');
  };
  const { damage, ...counts } = await fill({ dir, database, log, mark: filling.mark, replaces, onFilled });
  for (const each of damage) log.warn(each, 'A damaged part was left out');
  log.info(counts, `All is in ${database.place}, read back and compared`);
  return finish(joining, bound, filling);
}

/** All is in the database; the files go out of the way. */
async function finish(joining: Joining, { restored }: Why, { at }: { at: number }): Promise<boolean> {
  const { dir, database, log, onStep = () => undefined } = joining;
  onStep('all is in and counts');
  if (restored) await clearAway(dir);
  else {
    const folder = asideName(at);
    await putAside(dir, join(dir, folder));
    log.info({ folder }, 'The files are kept; delete them when you need them no more');
  }
  onStep('the files are out of the way');
  await writeBinding(dir, { store: 'postgres', id: database.id });
  return !restored;
}

async function bind({ dir, database, log }: Joining): Promise<boolean> {
  await writeBinding(dir, { store: 'postgres', id: database.id });
  log.info({}, `Documents and history are in ${database.place} from now on`);
  return false;
}

/** A move into files was not ended, and PostgreSQL is asked for: the files are copies. */
async function stay({ dir, database, log }: Joining): Promise<boolean> {
  await clearAway(dir);
  await clearTakenOut(dir);
  await writeBinding(dir, { store: 'postgres', id: database.id });
  log.warn({}, `A move into files was not ended; documents and history stay in ${database.place}`);
  return false;
}

async function clearTakenOut(dir: string): Promise<void> {
  for (const name of [TAKEN_OUT, `${TAKEN_OUT}.part`]) await removeFile(join(dir, name));
}

const foreign = (dir: string, place: string): DataDirectoryError =>
  new DataDirectoryError(
    'not-here',
    `${place} holds the data of another appliance, and ${dir} does not belong to it. Nothing was changed. Name the data directory of that appliance (REEVE_DATA), or an empty database (REEVE_STORE).`,
  );

const another = (dir: string, place: string, isEmpty: boolean): DataDirectoryError =>
  new DataDirectoryError(
    isEmpty ? 'gone' : 'not-here',
    `The documents and the history of ${dir} are in another database than ${place}${isEmpty ? ', which is empty' : ''}. Nothing was changed. Name the right one (REEVE_STORE); when it is lost, restore a backup into an empty one (reeve restore FILE).`,
  );

const doubled = (dir: string, place: string): DataDirectoryError =>
  new DataDirectoryError(
    'not-here',
    `${dir} holds files in docs or history, and its documents and history are in ${place}: nobody can say which of them count. Nothing was changed. An older Reeve, or somebody, put them there: move the folders docs and history elsewhere; files of a backup come by reeve restore FILE.`,
  );
