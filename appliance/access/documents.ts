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

export type SiteRole = 'viewer' | 'operator' | 'admin';

/** Codes of an authenticator app (RFC 6238), and the recovery codes for when it is lost. */
export interface SecondFactor {
  /** The secret in base32, sealed. */
  sealed: string;
  /** The time step of the last code that was taken: each is good once. */
  lastStep: number;
  /** SHA-256 of the recovery codes that are left, in hex: they are random, so that no slow hash is needed. */
  recovery: string[];
}

/** An account. It belongs to the appliance; `siteId` is the first site. */
export interface User extends Document {
  userName: string;
  /** argon2id, in the PHC string form with its parameters. */
  passwordHash: string;
  passwordChangedAt?: number;
  roles: { siteId: string; role: SiteRole }[];
  isOwner: boolean;
  secondFactor?: SecondFactor;
  createdAt: number;
}
export const users: Kind<User> = {
  name: 'users',
  schema: z.looseObject({
    ...stored,
    userName: z.string(),
    passwordHash: z.string(),
    passwordChangedAt: z.number().exactOptional(),
    roles: z.array(z.object({ siteId: z.string(), role: z.enum(['viewer', 'operator', 'admin']) })),
    isOwner: z.boolean(),
    secondFactor: z
      .object({ sealed: z.string(), lastStep: z.number().int(), recovery: z.array(z.string()) })
      .exactOptional(),
    createdAt: z.number(),
  }),
  indexes: ['userName'],
};

/** One sign-in; its id is the token's `jti`. Taking it away ends the session everywhere at once. `siteId` is the current site. */
export interface SessionRecord extends Document {
  userId: string;
  createdAt: number;
  expiresAt: number;
  from: string;
  browser?: string;
}
export const sessionRecords: Kind<SessionRecord> = {
  name: 'sessions',
  schema: z.looseObject({
    ...stored,
    userId: z.string(),
    createdAt: z.number(),
    expiresAt: z.number(),
    from: z.string(),
    browser: z.string().exactOptional(),
  }),
  indexes: ['userId'],
};

/** An API key. Its text is not kept. */
export interface KeyRecord extends Document {
  name: string;
  role: SiteRole | 'owner';
  /** SHA-256 of the secret, in hex. */
  hash: string;
  /** Who made it: the key may never do more than that person may now. */
  userId: string;
  createdAt: number;
  expiresAt?: number;
  lastUsedAt?: number;
  lastUsedFrom?: string;
}
export const keyRecords: Kind<KeyRecord> = {
  name: 'keys',
  schema: z.looseObject({
    ...stored,
    name: z.string(),
    role: z.enum(['viewer', 'operator', 'admin', 'owner']),
    hash: z.string(),
    userId: z.string(),
    createdAt: z.number(),
    expiresAt: z.number().exactOptional(),
    lastUsedAt: z.number().exactOptional(),
    lastUsedFrom: z.string().exactOptional(),
  }),
  indexes: ['siteId'],
};
