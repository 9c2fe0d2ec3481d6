import { changeBoard, createBoard, listBoards, removeBoard } from '../../protocol/routes/boards.ts';
import { pageOf } from '../paging.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Author, Boards, NamedHost } from './boards.ts';

export interface BoardRouteParts {
  boards: Boards;
  /** The hosts that a session may see. */
  hostsOf: (session: Session) => readonly NamedHost[];
}

export function serveBoards(routes: Routes, { boards, hostsOf }: BoardRouteParts): void {
  routes.serve(listBoards, async ({ session, query }) => pageOf(await boards.of(session), query, ({ id }) => id));
  const authorOf = (session: Session): Author => ({
    ...{ userId: session.userId, siteId: session.siteId },
    hosts: hostsOf(session),
  });
  routes.serve(createBoard, ({ session, body }) => boards.add(authorOf(session), body));
  routes.serve(changeBoard, ({ session, params, body }) => boards.change(authorOf(session), params.boardId, body));
  routes.serve(removeBoard, async ({ session, params }) => {
    await boards.remove(session, params.boardId);
    return null;
  });
}
