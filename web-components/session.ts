import type { SessionAnswer } from '../protocol/routes/access.ts';

type Role = SessionAnswer['role'];

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

let current: SessionAnswer | undefined;

/** Remembers who is signed in, for the elements of this page. */
export function holdSession(session: SessionAnswer | undefined): void {
  current = session;
}

export const session = (): SessionAnswer | undefined => current;

/** Whether the person may do what asks for `role`. Only for what is offered: the appliance judges every call itself. */
export const may = (role: Role): boolean => current !== undefined && RANK[current.role] >= RANK[role];
