import { z } from 'zod';
import type { Seal } from './seal.ts';

/** The fields of a section by name; what is in it was given or is stored. */
export type Fields = Record<string, unknown>;

interface Sealed {
  sealed: string;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isSealed = (value: unknown): value is Sealed => isFields(value) && typeof value.sealed === 'string';

/** What stands for a secret that is not to be changed. */
export const isLeftAlone = (value: unknown): boolean => value === undefined || (isFields(value) && 'set' in value);

/** Names of the fields that a schema marks as secret. Fails when one is deeper than the first level, where it would not be sealed. */
export function secretsOf(schema: z.ZodObject): string[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  const isSecret = (value: unknown): boolean => isFields(value) && value.secret === true;
  const isDeep = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.values(value).some((each) => isSecret(each) || isDeep(each));
  for (const [name, property] of Object.entries(properties))
    if (isDeep(property)) throw new Error(`${name} holds a secret inside: secrets are fields of their own`);
  return Object.keys(properties).filter((name) => isSecret(properties[name]));
}

/** Names of the fields that may hold only certain words: what steers the appliance must not hang on the environment. */
export function choicesOf(schema: z.ZodObject): string[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).flatMap(([name, property]) =>
    isFields(property) && property.enum !== undefined ? [name] : [],
  );
}

/** A sealed text is bound to its field and place, so that it opens nowhere else. */
const purposeOf = (place: string, field: string): string => `settings ${place} ${field}`;

export const sealField = (seal: Seal, { place, field }: { place: string; field: string }, plain: string): Sealed => ({
  sealed: seal.seal(plain, purposeOf(place, field)),
});

/** Undefined when it cannot be opened: the master key is another one, or the file was altered. */
export function openField(seal: Seal, { place, field }: { place: string; field: string }, { sealed }: Sealed) {
  try {
    return seal.open(sealed, purposeOf(place, field));
  } catch {
    return undefined;
  }
}

/** The fields with `{set: …}` for each secret. */
export const masked = (fields: Fields, secrets: readonly string[]): Fields => ({
  ...fields,
  ...Object.fromEntries(secrets.map((name) => [name, { set: fields[name] !== undefined }])),
});
