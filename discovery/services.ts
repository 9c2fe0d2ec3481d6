import type { z } from 'zod';

/** Values of a TXT record; numbers are written in digits. */
export type TxtRecord = Record<string, string | number>;

/** A kind of service on the LAN: its DNS-SD type and what its TXT record says. */
export interface LanService<T extends TxtRecord> {
  /** Without underscore and protocol, as `reeve` for `_reeve._tcp`. */
  readonly type: string;
  readonly record: z.ZodType<T>;
}

/** Name under which instances of a type are listed, lower case. */
export const typeName = (type: string): string => `_${type}._tcp.local`;
