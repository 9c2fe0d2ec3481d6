import { BOARD_LIMITS, type Board, type BoardText, type Panel } from '../../protocol/boards.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type DocumentStore, MissingError } from '../store/documents.ts';
import { type BoardRecord, boardRecords } from './documents.ts';

/** Whose boards are meant: those of one person in one site. */
export interface Owner {
  userId: string;
  siteId: string;
}

/** A host of the site, as far as a board names it. */
export interface NamedHost {
  id: string;
  name: string;
}

/** Who writes a board, and the hosts that it may name. */
export interface Author extends Owner {
  hosts: readonly NamedHost[];
}

const asBoard = ({ id, rev, name, panels }: BoardRecord): Board => ({ id, rev, name, panels });
const none = (): Problem => new Problem('not-found', 'There is no such board');

/** Boards: panels that one person arranged, site by site. Nobody else sees them. */
export class Boards {
  readonly #records: Collection<BoardRecord>;
  readonly #now: () => number;
  /** Changes wait for each other, so that two at once make no more than the most, and none undoes a removed host. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<BoardRecord>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  static async open(documents: DocumentStore, now: () => number): Promise<Boards> {
    return new Boards(await documents.collection(boardRecords), now);
  }

  /** Oldest first. */
  async of({ userId, siteId }: Owner): Promise<Board[]> {
    const records = await this.#records.find({ userId, siteId }, { sort: { by: 'id', order: 'up' } });
    return records.map(asBoard);
  }

  /** Fails with the field and its cure where a panel names a host that is none of the author's. */
  add({ userId, siteId, hosts }: Author, text: BoardText): Promise<Board> {
    return this.#inTurn(async () => {
      if ((await this.of({ userId, siteId })).length >= BOARD_LIMITS.boards)
        throw new Problem('conflict', `You have ${BOARD_LIMITS.boards} boards here: remove one first`);
      const written = { name: text.name, panels: withIds(text.panels, hosts) };
      return asBoard(await this.#records.insert({ id: newId(this.#now()), siteId, userId, ...written }));
    });
  }

  /** Fails with `conflict` where it was changed since `rev`, as on another device. */
  change(author: Author, boardId: string, { rev, name, panels }: BoardText & { rev: number }): Promise<Board> {
    return this.#inTurn(async () => {
      const before = await this.#need(author, boardId);
      const written = { ...before, name, panels: withIds(panels, author.hosts) };
      try {
        return asBoard(await this.#records.update(written, { ifRev: rev }));
      } catch (error) {
        if (error instanceof ConflictError) throw new Problem('conflict', 'This board was changed elsewhere: load it');
        if (error instanceof MissingError) throw none();
        throw error;
      }
    });
  }

  remove(owner: Owner, boardId: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#need(owner, boardId);
      await this.#records.remove(boardId);
    });
  }

  /** To be called when the account goes. */
  forgetUser = (userId: string): Promise<void> => this.#removeAll({ userId });

  /** To be called when the site goes. */
  forgetSite = (siteId: string): Promise<void> => this.#removeAll({ siteId });

  /** To be called when a host leaves a site: no board of it names it any more. */
  forgetHost(hostId: string, siteId: string): Promise<void> {
    return this.#inTurn(async () => {
      for (const record of await this.#records.find({ siteId })) {
        if (!record.panels.some(({ hosts }) => hosts.includes(hostId))) continue;
        const panels = record.panels.map((panel) => ({ ...panel, hosts: panel.hosts.filter((id) => id !== hostId) }));
        await this.#records.update({ ...record, panels });
      }
    });
  }

  #removeAll(of: Partial<Owner>): Promise<void> {
    return this.#inTurn(async () => {
      for (const { id } of await this.#records.find(of)) await this.#records.remove(id);
    });
  }

  async #need({ userId, siteId }: Owner, boardId: string): Promise<BoardRecord> {
    const record = await this.#records.get(boardId);
    if (!record || record.userId !== userId || record.siteId !== siteId) throw none();
    return record;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** The panels with the ids of the hosts that they name. Fails with every field that names none, or more than one. */
function withIds(panels: readonly Panel[], hosts: readonly NamedHost[]): Panel[] {
  const problems: FieldProblem[] = [];
  const idOf = (reference: string, path: string): string => {
    const found = hosts.filter(({ id, name }) => id === reference || name === reference);
    if (found.length === 1 && found[0]) return found[0].id;
    const message =
      found.length === 0
        ? `no host of this site has the name or id “${reference}”: write that of one, or take it out`
        : `${found.length} hosts have the name “${reference}”: write the id of one`;
    problems.push({ path, message });
    return reference;
  };
  const written = panels.map((panel, at) => ({
    ...panel,
    hosts: [...new Set(panel.hosts.map((reference, nth) => idOf(reference, `body.panels.${at}.hosts.${nth}`)))],
  }));
  const few = problems.slice(0, 20);
  if (few.length > 0)
    throw new Problem('invalid-request', few.map(({ path, message }) => `${path}: ${message}`).join('; '), few);
  return written;
}
