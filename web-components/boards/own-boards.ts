import type { ReactiveControllerHost } from 'lit';
import type { Board, BoardText } from '../../protocol/boards.ts';
import { allOf } from '../paging.ts';
import { Reading } from '../parts/reading.ts';
import { call } from '../rest.ts';

/** The person's boards. A change is shown at once and sent in turn, so that many quick ones never stand in each other's way. */
export class OwnBoards {
  readonly reading: Reading<readonly Board[]>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: ReactiveControllerHost) {
    this.reading = new Reading<readonly Board[]>(host, () => allOf('GET /api/v1/boards'));
  }

  get(id: string | undefined): Board | undefined {
    return this.reading.value?.find((board) => board.id === id) ?? (id ? undefined : this.reading.value?.[0]);
  }

  /** Throws `ApiProblem`. */
  async add(text: BoardText): Promise<Board> {
    const made = await call('POST /api/v1/boards', { body: text });
    this.reading.set([...(this.reading.value ?? []), made]);
    return made;
  }

  /** Shows and sends it. When it is refused, what the appliance has is read again; then it throws `ApiProblem`. */
  change(id: string, change: Partial<BoardText>): Promise<void> {
    this.#put(id, change);
    const sent = this.#last.then(() => this.#send(id));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Sends first and shows what came of it: for what may be refused. Throws `ApiProblem`. */
  async replace(id: string, text: BoardText): Promise<void> {
    const rev = this.get(id)?.rev ?? 0;
    const board = await call('PUT /api/v1/boards/:boardId', { params: { boardId: id }, body: { ...text, rev } });
    this.#put(id, board);
  }

  /** Throws `ApiProblem`. */
  async remove(id: string): Promise<void> {
    await call('DELETE /api/v1/boards/:boardId', { params: { boardId: id } });
    this.reading.set((this.reading.value ?? []).filter((board) => board.id !== id));
  }

  async #send(id: string): Promise<void> {
    const board = this.get(id);
    if (!board) return;
    const { rev, name, panels } = board;
    try {
      const kept = await call('PUT /api/v1/boards/:boardId', { params: { boardId: id }, body: { rev, name, panels } });
      // Only the revision: what was changed meanwhile is shown already, and is sent next.
      this.#put(id, { rev: kept.rev });
    } catch (error) {
      await this.reading.load();
      throw error;
    }
  }

  #put(id: string, change: Partial<Board>): void {
    this.reading.set((this.reading.value ?? []).map((board) => (board.id === id ? { ...board, ...change } : board)));
  }
}
