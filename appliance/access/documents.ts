import { z } from 'zod';
import type { Document, Kind } from '../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };

/** The wall between tenants. A site's `siteId` is its own id. */
export interface Site extends Document {
  name: string;
  createdAt: number;
}
export const sites: Kind<Site> = {
  name: 'sites',
  schema: z.looseObject({ ...stored, name: z.string(), createdAt: z.number() }),
  indexes: [],
};

export interface User extends Document {
  userName: string;
  /** argon2id, in the PHC string form with its parameters. */
  passwordHash: string;
  roles: { siteId: string; role: 'viewer' | 'operator' | 'admin' }[];
  isOwner: boolean;
  createdAt: number;
}
export const users: Kind<User> = {
  name: 'users',
  schema: z.looseObject({
    ...stored,
    userName: z.string(),
    passwordHash: z.string(),
    roles: z.array(z.object({ siteId: z.string(), role: z.enum(['viewer', 'operator', 'admin']) })),
    isOwner: z.boolean(),
    createdAt: z.number(),
  }),
  indexes: ['userName'],
};

/** One sign-in; its id is the token's `jti`. Taking it away ends the session everywhere at once. */
export interface SessionRecord extends Document {
  userId: string;
  createdAt: number;
  expiresAt: number;
  from: string;
}
export const sessionRecords: Kind<SessionRecord> = {
  name: 'sessions',
  schema: z.looseObject({
    ...stored,
    userId: z.string(),
    createdAt: z.number(),
    expiresAt: z.number(),
    from: z.string(),
  }),
  indexes: ['userId'],
};
