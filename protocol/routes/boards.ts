import { z } from 'zod';
import { board, boardText } from '../boards.ts';
import { documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const boardParams = z.object({ boardId: documentId });
/** One person's own, in the site that they are in; nobody else could tell that they changed. */
const own = { access: 'viewer', personal: true } as const;
const ofRecord = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

export const listBoards = route({
  id: 'boards.list',
  method: 'GET',
  path: '/api/v1/boards',
  ...own,
  site: 'none',
  summary: 'Lists the own boards of this site, oldest first',
  query: z.object(pageQuery),
  answer: paged(board),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const createBoard = route({
  id: 'boards.create',
  method: 'POST',
  path: '/api/v1/boards',
  ...own,
  site: 'none',
  summary: 'Makes a board, also out of a file that was saved before',
  unrecorded: true,
  body: boardText,
  answer: board,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict'],
});

export const changeBoard = route({
  id: 'boards.change',
  method: 'PUT',
  path: '/api/v1/boards/:boardId',
  ...own,
  site: 'record',
  summary: 'Puts another arrangement in the place of a board',
  unrecorded: true,
  params: boardParams,
  body: boardText.extend({ rev: z.number().int().meta({ title: 'Revision that was read' }) }),
  answer: board,
  errors: [...ofRecord, 'conflict'],
});

export const removeBoard = route({
  id: 'boards.remove',
  method: 'DELETE',
  path: '/api/v1/boards/:boardId',
  ...own,
  site: 'record',
  summary: 'Removes a board',
  unrecorded: true,
  params: boardParams,
  answer: z.null(),
  status: 204,
  errors: ofRecord,
});

export const boardsRoutes = [listBoards, createBoard, changeBoard, removeBoard] as const;
