import {
  acceptJoin,
  confirmJoin,
  listJoins,
  lookAtJoin,
  refuseJoin,
  revealJoin,
  startJoin,
} from '../../protocol/routes/joining.ts';
import { pageOf } from '../paging.ts';
import type { Routes } from '../serve.ts';
import type { Joins } from './joins.ts';

/** Joining without a token: four steps for agents, and what people do about it. */
export function serveJoins(routes: Routes, joins: Joins): void {
  routes.serve(startJoin, ({ body, from }) => joins.start(body, from));
  routes.serve(revealJoin, ({ body, from }) => joins.reveal(body, from));
  routes.serve(lookAtJoin, ({ body, from }) => joins.look(body.joinId, from));
  routes.serve(confirmJoin, ({ body, from }) => joins.confirm(body, from));

  routes.serve(listJoins, ({ session, query }) => pageOf(joins.list(session.siteId), query, ({ id }) => id));
  routes.serve(acceptJoin, ({ session, params, body, from, note }) => {
    const { siteId, userName } = session;
    const typed = { digits: body.digits, ...(body.name !== undefined && { name: body.name }) };
    const accepted = joins.accept(params.joinRequestId, typed, { siteId, userName, from });
    note({ detail: { name: accepted.name, address: accepted.address } });
    return accepted;
  });
  routes.serve(refuseJoin, ({ session, params }) => {
    joins.refuse(params.joinRequestId, session.siteId);
    return null;
  });
}
