import { z } from 'zod';

/** Document ids: UUIDv7, so that an id is also a cursor in time. */
export const documentId = z.uuid();

/** Readable ids of metrics, rules and plug-ins. */
export const wordId = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/, 'use lower-case words joined by . _ or -')
  .max(80);

/** One run of one agent: boot id and process start, hashed by the agent. Series indices and sequence numbers live as long as it. */
export const streamId = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);

/** A name that people gave; no control characters, so that it can stand in logs, mails and terminals. */
export const displayName = z
  .string()
  .trim()
  .min(1, 'give a name')
  .max(64, 'use at most 64 characters')
  .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'leave out control characters');

/** Epoch milliseconds, between 2000 and 2200. */
export const instant = z.number().int().min(946_684_800_000).max(7_258_118_400_000);

/** Base64url of exactly `bytes` bytes. */
export const base64url = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), `expected ${bytes} bytes in base64url`);
