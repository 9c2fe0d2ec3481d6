import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod/mini';

/** One level of a topic: what could lead out of it is refused. */
const level = z.string().check(z.regex(/^[^\s#+/\p{Cc}]{1,100}$/u, 'use letters, digits, - and .'));
const short = z.string().check(z.minLength(1), z.maxLength(1_000));

/** `mqtt` of the agent's own file. */
export const mqttSchema = z
  .strictObject({
    url: z.string().check(z.regex(/^mqtts?:\/\/[^\s/@?#]+\/?$/, 'write mqtts://host:8883')),
    site: level,
    agent: z.exactOptional(level),
    userName: z.exactOptional(short),
    password: z.exactOptional(short),
    /** Path of the PEM file of the CA that has signed the broker's certificate. */
    ca: z.exactOptional(z.string().check(z.regex(/^(?:\/|[A-Za-z]:\\)/, 'write the whole path of a PEM file'))),
    /** A connection that is not encrypted has to be wanted. */
    allowPlain: z._default(z.boolean(), false),
  })
  .check(
    z.refine(({ url, allowPlain }) => allowPlain || url.startsWith('mqtts:'), {
      path: ['url'],
      message: 'use mqtts://, or set allowPlain: whoever is in between then reads everything, the password too',
    }),
    z.refine(({ userName, password }) => password === undefined || userName !== undefined, {
      path: ['userName'],
      message: 'a password needs a user name',
    }),
  );

/** Where to publish, and as whom. */
export interface MqttSettings {
  url: string;
  site: string;
  agent: string;
  userName?: string;
  password?: string;
  /** PEM. */
  ca?: string;
}

/** The settings with the name of this machine where none is given, and the CA's text. Throws when its file cannot be read. */
export function mqttSettings({ ca, allowPlain: _, agent, ...said }: z.infer<typeof mqttSchema>): MqttSettings {
  const own =
    hostname()
      .replace(/[\s#+/\p{Cc}]/gu, '-')
      .slice(0, 100) || 'unnamed';
  return { ...said, agent: agent ?? own, ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }) };
}

/** Name of the client: the same for the same agent, and of the length that every broker takes. */
export const clientIdOf = ({ site, agent }: MqttSettings, suffix = ''): string =>
  `reeve${suffix}-${createHash('sha256').update(`${site}/${agent}`).digest('hex').slice(0, 15)}`;
